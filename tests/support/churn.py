"""Transactions that are cancelled at random moments, and what must be true after them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

WARM_UP_TURNS = 5
FAR_AWAY = 1_000_000
LEARNING = 1.03
"""By how much one outcome widens or narrows the span of moments."""

Work = Callable[[int], Awaitable[Any]]

NOW = datetime(2026, 1, 5, tzinfo=UTC)
INSERT = "INSERT INTO audit_entry (actor, verb, subject, at) VALUES ($1, $2, 'x', $3)"


async def churn(work: Work, count: int, *, together: int) -> int:
    """Start `work` `count` times and cancel each at a random moment; how many were cut short.

    The moments spread over about twice the time that `work` takes, `together` at a time. That time
    is learned as it goes, since a machine is not equally busy throughout: each one that is cut
    widens the span and each one that ends narrows it, which settles where half are cut.
    """
    seconds_max = 2 * await _seconds(work, together)
    dice = random.Random(20261121)
    turns = asyncio.Semaphore(together)
    cut = 0

    async def one(number: int) -> None:
        nonlocal cut, seconds_max
        async with turns:
            task = asyncio.ensure_future(work(number))
            asyncio.get_running_loop().call_later(dice.uniform(0, seconds_max), task.cancel)
            await asyncio.wait({task})
            if task.cancelled():
                cut += 1
                seconds_max *= LEARNING
            else:
                task.result()
                seconds_max /= LEARNING

    await asyncio.gather(*(one(number) for number in range(count)))
    return cut


async def _seconds(work: Work, together: int) -> float:
    start = time.perf_counter()
    for turn in range(WARM_UP_TURNS):
        await asyncio.gather(*(work(FAR_AWAY + turn * together + n) for n in range(together)))
    return (time.perf_counter() - start) / WARM_UP_TURNS
