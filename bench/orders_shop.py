"""The API of the proof of merchants' orders: a process that is killed and started again, or, where
nothing is killed, the same application in this process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

import httpx

from bench.orders_mortal import Mortal, alive
from bench.orders_time import IDLE_SECONDS, TIME_FILE, SharedClock
from bench.orders_traps import traps
from berth.settings import read_settings
from berth.wiring import build
from parking.events.bus import Bus
from tests.support.running import SECRET, environment, free_port

ANSWER_SECONDS_MAX = 60.0
TRIES_MAX = 50
PUBLIC_URL = "https://berth.example"
TWILIO_TOKEN = "the auth token of an account that is nobody's"
SETTINGS = {
    "SECRET_KEY": SECRET,
    "PUBLIC_URL": PUBLIC_URL,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "TWILIO_SENDER": "+10000000000",
}


class NoAnswer(Exception):
    """The API does not answer, however often it is asked."""


class Shop(Protocol):
    """Where the API answers. `deaths`: how often it was killed, by us or at a trap."""

    client: httpx.AsyncClient

    @property
    def deaths(self) -> int:
        """So often."""
        ...

    async def again(self) -> None:
        """After a failure: start it, if it is not there."""
        ...

    async def kill(self) -> None:
        """`kill -9`, if it may be killed."""
        ...


async def ask(shop: Shop, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
    """POST, and the same again as long as there is no answer; so does whoever sends orders."""
    for _ in range(TRIES_MAX):
        try:
            answer = await shop.client.post(path, content=content, headers=dict(headers))
        except httpx.TransportError:
            await shop.again()
            continue
        if answer.status_code < 500 and not _is_broken(answer):
            return answer
        await shop.again()
    raise NoAnswer(f"POST {path}")


def _is_broken(answer: httpx.Response) -> bool:
    """A verb that failed within."""
    kind = answer.headers.get("content-type", "")
    return "graphql-response" in kind and "INTERNAL" in answer.text


class Killed(RuntimeError):
    """In one process: as if it had died there."""


class Near:
    """The application itself, in this process."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.deaths = 0

    async def again(self) -> None:
        """It is there."""

    async def kill(self) -> None:
        """There is nothing to be killed."""


@asynccontextmanager
async def shop_near(url: str, clock: SharedClock, bus: Bus) -> AsyncIterator[Near]:
    """The application on the database to which this process is connected. Whoever comes to a trap
    fails there."""
    program = build(read_settings(environment(**SETTINGS, DATABASE_URL=url)), set(),
                    clock=clock, bus=bus)  # fmt: skip
    transport = httpx.ASGITransport(program.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        near = Near(client)

        def die() -> None:
            near.deaths += 1
            raise Killed("as if the process had died here")

        with traps(clock, die):
            yield near
        assert program.graphql is not None, "the application was made"
        await program.graphql.close()


class Apart:
    """A process of its own, on a port that it keeps."""

    def __init__(self, mortal: Mortal, client: httpx.AsyncClient) -> None:
        self._mortal = mortal
        self.client = client

    @property
    def deaths(self) -> int:
        """So often it died."""
        return self._mortal.deaths

    async def again(self) -> None:
        """Start it where it is dead."""
        if not await self._mortal.revive():
            await asyncio.sleep(IDLE_SECONDS)  # on its way out, or busy

    async def kill(self) -> None:
        """Who asks it next, starts it."""
        await self._mortal.kill()


@asynccontextmanager
async def shop_apart(url: str, clock: SharedClock) -> AsyncIterator[Apart]:
    """The API in a process of its own."""
    port = free_port()
    environ = {**environment(**SETTINGS, DATABASE_URL=url, PORT=port), TIME_FILE: str(clock.file)}
    base = f"http://127.0.0.1:{port}"
    async with (
        httpx.AsyncClient(base_url=base, timeout=ANSWER_SECONDS_MAX) as client,
        alive("bench.orders_api", environ) as mortal,
    ):
        yield Apart(mortal, client)
