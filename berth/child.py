"""`python -m berth.child PARENT COMMAND …`: a command that ends when process PARENT does."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from berth.stopping import end_with_parent

log = logging.getLogger(__name__)

END_SECONDS_MAX = 5.0


class Child:
    """A `berth` command in a process of its own; it ends with this process, however that ends."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self._process = process
        self._name = name
        self._is_ending = False
        loop = asyncio.get_running_loop()
        self._watch = loop.create_task(self._tell_of_its_end(), name=f"watch {name}")

    @classmethod
    async def start(
        cls, name: str, arguments: Sequence[str], environ: Mapping[str, str]
    ) -> "Child":
        """Start it in a process group of its own: Ctrl-C is for us, and we end it in order."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "berth.child",
            str(os.getpid()),
            *arguments,
            env=dict(environ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            process_group=0,
        )
        return cls(process, name)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def ended(self) -> None:
        """Wait until it has ended."""
        await asyncio.shield(self._watch)

    async def end(self) -> None:
        """Ask it to end (SIGTERM), and make it end when it does not."""
        self._is_ending = True
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS_MAX):
                await self._process.wait()
        except TimeoutError:
            log.warning("the %s did not end in time and are killed", self._name)
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._watch

    async def _tell_of_its_end(self) -> None:
        status = await self._process.wait()
        if not self._is_ending:
            log.error("the %s ended by themselves with status %d", self._name, status)


def main() -> None:
    """Run the command that the arguments name."""
    from berth.cli import main as run_command

    end_with_parent(int(sys.argv[1]))
    run_command(sys.argv[2:])


if __name__ == "__main__":
    main()
