"""One process of the platform of a booked replay, which can be killed at any moment."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import orjson

from parking.clock import rfc3339
from parking.errors import BerthError

START_SECONDS_MAX = 120.0
ANSWER_SECONDS_MAX = 120.0


class HouseholdGone(BerthError):
    """The platform ended though nobody killed it."""

    code = "HOUSEHOLD_GONE"


class Role(StrEnum):
    """What a process of the household is."""

    PLATFORM = "platform"
    API = "API"
    GATEWAY = "gateway"
    WORKER = "worker"


@dataclass(slots=True)
class Member:
    """One process. `kills` counts how often it was killed."""

    role: Role
    environ: dict[str, str]
    at: datetime
    kills: int = 0
    module: str = "berth.replay.living"
    _process: asyncio.subprocess.Process | None = None
    _is_there: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int:
        """Its process id now."""
        assert self._process is not None, "it was started"
        return self._process.pid

    async def start(self) -> None:
        """Start, and wait until it is ready. Raises `HouseholdGone`."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self.module, rfc3339(self.at), self.role,
            env=self.environ, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            process_group=0,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await _heard(self._process)
        except (EOFError, TimeoutError) as error:
            raise self._gone("did not start") from error
        self._is_there.set()

    async def tell(self, at: datetime, *, work: bool) -> None:
        """Move its clock, and have it do what is due. Killed meanwhile it is told again when it is
        back. Raises `HouseholdGone`."""
        self.at = at
        while True:
            async with asyncio.timeout(START_SECONDS_MAX):
                await self._is_there.wait()
            process = self._process
            assert process is not None, "it was started"
            try:
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    await _ask(process, {"at": rfc3339(at), "work": work})
                return
            except (ConnectionError, EOFError) as error:
                if self._is_there.is_set() and self._process is process:
                    raise self._gone("ended by itself") from error

    async def kill(self) -> None:
        """`kill -9`, and start it again. Raises `HouseholdGone`."""
        assert self._process is not None, "it was started"
        self.kills += 1
        self._is_there.clear()
        self._process.kill()
        await self._process.wait()
        await self.start()

    async def end(self) -> None:
        """Let it end in order."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None, "it is a pipe"
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS_MAX):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()

    def _gone(self, how: str) -> HouseholdGone:
        return HouseholdGone(f"the {self.role} {how}; its last words are above")


async def _ask(process: asyncio.subprocess.Process, told: dict[str, object]) -> None:
    assert process.stdin is not None, "it is a pipe"
    process.stdin.write(orjson.dumps(told) + b"\n")
    await process.stdin.drain()
    await _heard(process)


async def _heard(process: asyncio.subprocess.Process) -> None:
    """Wait for its next line. Raises EOFError where it has ended."""
    assert process.stdout is not None, "it is a pipe"
    if not (await process.stdout.readline()).endswith(b"\n"):
        raise EOFError
