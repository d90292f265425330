"""The platform of a booked replay in a process that can be killed at any moment, and comes back
where it was: same database, same ports, the time that it was last told."""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from berth.settings import PREFIX, Settings
from parking.clock import rfc3339
from parking.errors import BerthError

START_SECONDS_MAX = 60.0
ANSWER_SECONDS_MAX = 120.0


class HouseholdGone(BerthError):
    """The platform ended though nobody killed it."""

    code = "HOUSEHOLD_GONE"


@dataclass(slots=True)
class Household:
    """The process. `kills` counts how often it was killed."""

    settings: Settings
    at: datetime
    api: int = 0
    gateway: int = 0
    kills: int = 0
    _process: asyncio.subprocess.Process | None = None
    _is_back: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start, at the ports that it had before. Raises `HouseholdGone`."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "berth.replay.living", rfc3339(self.at), env=self._environ(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(START_SECONDS_MAX):
            said = await self._heard()
        self.api, self.gateway = said["api"], said["gateway"]
        self._is_back.set()

    async def tell(self, at: datetime, *, work: bool) -> None:
        """Move its clock, and have it do what is due. Killed meanwhile it is told again when it is
        back. Raises `HouseholdGone`."""
        self.at = at
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    await self._ask({"at": rfc3339(at), "work": work})
                return
            except (ConnectionError, EOFError):
                await self._back()

    async def kill(self) -> None:
        """`kill -9`, and start it again."""
        assert self._process is not None, "it was started"
        self.kills += 1
        self._is_back.clear()
        self._process.kill()
        await self._process.wait()
        await self.start()

    async def end(self) -> None:
        """Let it end in order."""
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None, "it is a pipe"
        self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS_MAX):
                await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _back(self) -> None:
        """Wait until it is started again by whoever killed it."""
        if self._is_back.is_set():
            raise HouseholdGone("the platform ended by itself; its last words are above")
        async with asyncio.timeout(START_SECONDS_MAX):
            await self._is_back.wait()

    async def _ask(self, told: dict[str, object]) -> None:
        process = self._process
        assert process is not None, "it was started"
        assert process.stdin is not None, "it is a pipe"
        process.stdin.write(orjson.dumps(told) + b"\n")
        await process.stdin.drain()
        await self._heard()

    async def _heard(self) -> dict[str, int]:
        assert self._process is not None, "it was started"
        assert self._process.stdout is not None, "it is a pipe"
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        said: dict[str, int] = orjson.loads(line)
        return said

    def _environ(self) -> dict[str, str]:
        settings = self.settings
        given = {
            "DATA_DIR": settings.data_dir, "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key, "PORT": self.api, "COAP_PORT": self.gateway,
            "HOST": settings.host, "COAP_HOST": settings.coap_host,
            "COAP_SOURCE_RATE": settings.coap_source_rate,
        }  # fmt: skip
        environ = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
        set_ones = {PREFIX + name: str(value) for name, value in given.items() if value is not None}
        return environ | set_ones
