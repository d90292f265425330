"""A process of the proof of merchants' orders that is killed and started again as it was."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from tests.support.running import Running


class Mortal:
    """`python -m MODULE`, which prints a line when it is there. `deaths`: how often it ended."""

    def __init__(self, module: str, environ: Mapping[str, str]) -> None:
        self._module, self._environ = module, environ
        self._program: Running | None = None
        self._starting = asyncio.Lock()
        self.deaths = 0

    async def start(self) -> None:
        """And wait until it is there."""
        self._program = await asyncio.to_thread(Running, (), self._environ, None, self._module)
        await asyncio.to_thread(self._program.line)

    async def revive(self) -> bool:
        """Start it where it is dead; whether it was."""
        async with self._starting:
            assert self._program is not None, "it was started"
            if self._program.process.poll() is None:
                return False
            self.deaths += 1
            await asyncio.to_thread(self._program.kill)
            await self.start()
            return True

    async def kill(self) -> None:
        """`kill -9`, once it is there."""
        async with self._starting:
            assert self._program is not None, "it was started"
            with suppress(ProcessLookupError):
                os.kill(self._program.process.pid, signal.SIGKILL)

    async def end(self) -> None:
        """For good."""
        if self._program is not None:
            await asyncio.to_thread(self._program.kill)


@asynccontextmanager
async def alive(module: str, environ: Mapping[str, str]) -> AsyncIterator[Mortal]:
    """One that is there meanwhile."""
    mortal = Mortal(module, environ)
    try:
        await mortal.start()
        yield mortal
    finally:
        await mortal.end()
