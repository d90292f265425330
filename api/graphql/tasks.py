"""Background work that nobody waits for."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

_running: set[asyncio.Task[None]] = set()


def start(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run it in a context of its own, so that it inherits nobody's transaction, and keep it from
    being collected (the event loop itself does not)."""
    task = asyncio.get_running_loop().create_task(work, context=Context())
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
