"""One call for everybody who asked before it began."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class GroupCall(Generic[K, V]):
    """Calls `function` with all keys asked for since its last call began.

    An answer is therefore never older than its question, yet under load one call serves hundreds.
    The calls run in a context of their own: a transaction of the first caller must not leak in.
    """

    def __init__(self, function: Callable[[list[K]], Awaitable[list[V]]]) -> None:
        self._function = function
        self._waiting: dict[K, list[asyncio.Future[V]]] = {}
        self._running: asyncio.Task[None] | None = None

    async def ask(self, key: K) -> V:
        """The value of one key, read after this was called.

        Raises whatever the function raises.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[V] = loop.create_future()
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = [future]
        else:
            waiting.append(future)
        if self._running is None:
            self._running = loop.create_task(self._run(), context=Context())
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._serve(waiting)
        finally:
            self._running = None

    async def _serve(self, waiting: dict[K, list[asyncio.Future[V]]]) -> None:
        try:
            values = await self._function(list(waiting))
        except Exception as error:  # noqa: BLE001 - it is the askers' to handle
            for future in (f for futures in waiting.values() for f in futures if not f.done()):
                future.set_exception(error)
            return
        for value, futures in zip(values, waiting.values(), strict=True):
            for future in futures:
                if not future.done():
                    future.set_result(value)
