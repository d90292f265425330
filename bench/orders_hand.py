"""The worker of the proof of merchants' orders: a process that is killed again and again, or, where
nothing is killed, its jobs in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Protocol

from bench.orders_mortal import Mortal, alive
from bench.orders_shop import SETTINGS
from bench.orders_time import IDLE_SECONDS, TIME_FILE, SharedClock
from bench.orders_worker import work, worker_of
from berth.settings import read_settings
from berth.wiring import build
from berth.worker import Worker
from parking.events.bus import Bus
from tests.support.running import environment

KILL_WITHIN_SECONDS = 0.3


class Hand(Protocol):
    """Who works. `kills`: how often it was killed."""

    @property
    def kills(self) -> int:
        """So often."""
        ...

    async def work(self) -> None:
        """Do what is due now; who is killed meanwhile does it again."""
        ...

    async def kill(self) -> None:
        """`kill -9` within a moment, if it may be killed; it is started again when it is asked."""
        ...


class HandNear:
    """In this process, on the database to which it is connected."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.kills = 0

    async def work(self) -> None:
        """Do what is due now."""
        await work(self._worker)

    async def kill(self) -> None:
        """Nothing is killed."""


def hand_near(url: str, clock: SharedClock, bus: Bus) -> HandNear:
    """Jobs without a process."""
    settings = read_settings(environment(**SETTINGS, DATABASE_URL=url))
    return HandNear(worker_of(build(settings, set(), clock=clock, bus=bus)))


class HandApart:
    """A process of its own."""

    def __init__(self, mortal: Mortal, clock: SharedClock, chance: Random) -> None:
        self._mortal, self._clock, self._chance = mortal, clock, chance

    @property
    def kills(self) -> int:
        """So often."""
        return self._mortal.deaths

    async def work(self) -> None:
        """Do what is due now."""
        asked = self._clock.ask()
        while self._clock.done < asked:
            if not await self._mortal.revive():
                await asyncio.sleep(IDLE_SECONDS)

    async def kill(self) -> None:
        """At a moment that nobody knows."""
        await asyncio.sleep(self._chance.uniform(0, KILL_WITHIN_SECONDS))
        await self._mortal.kill()


@asynccontextmanager
async def hand_apart(url: str, clock: SharedClock, chance: Random) -> AsyncIterator[HandApart]:
    """The worker in a process of its own."""
    environ = {**environment(**SETTINGS, DATABASE_URL=url), TIME_FILE: str(clock.file)}
    async with alive("bench.orders_worker", environ) as mortal:
        yield HandApart(mortal, clock, chance)
