"""TypeScript, run by the Node that Playwright brings: it takes types off, and needs no package."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import playwright

from tests.support.running import START_SECONDS_MAX, Running, environment

NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Not the one of the machine, which may be missing or too old."""


class Script(Running):
    """A script that goes on; what it prints is gathered as it comes."""

    def __init__(self, *arguments: str, **environ: str) -> None:
        super().__init__(arguments, {**environment(), **environ}, program=(str(NODE),))

    async def says(self, pattern: str) -> re.Match[str]:
        """What it printed that the pattern finds, once it did."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (found := re.search(pattern, "".join(self.out), re.MULTILINE)):
            assert self.process.poll() is None, f"it ended: {self.told}"
            assert time.monotonic() < deadline, f"it did not come: {self.told}"
            await asyncio.sleep(0.02)
        return found


@contextmanager
def script(*arguments: str, **environ: str) -> Iterator[Script]:
    """A script that goes on meanwhile."""
    running = Script(*arguments, **environ)
    try:
        yield running
    finally:
        running.kill()
