"""Reading a feed so that what comes together travels together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Coalescer(Generic[T]):
    """Hands on what a feed yields: at once after a quiet time, else gathered over `seconds`.

    The wait is bounded by `seconds` plus the time that the hand-over before takes.
    """

    def __init__(
        self,
        feed: AsyncIterator[T],
        take: Callable[[list[T]], Awaitable[None]],
        seconds: float,
    ) -> None:
        self._feed = feed
        self._take = take
        self._seconds = seconds
        self._gathered: list[T] = []
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Until the feed ends; raises what the feed or the taker raises."""
        reading = asyncio.get_running_loop().create_task(self._read())
        try:
            while not reading.done() or self._gathered:
                await self._arrived.wait()
                self._arrived.clear()
                await self._hand_on()
            reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._close_feed()

    async def _read(self) -> None:
        try:
            async for item in self._feed:
                self._gathered.append(item)
                self._arrived.set()
        finally:
            self._arrived.set()

    async def _hand_on(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        gathered, self._gathered = self._gathered, []
        if gathered:
            await self._take(gathered)
            await asyncio.sleep(max(0.0, self._seconds - (loop.time() - began)))

    async def _close_feed(self) -> None:
        close = getattr(self._feed, "aclose", None)
        if close is not None:
            await close()
