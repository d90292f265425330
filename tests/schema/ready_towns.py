"""Towns that are built once for each dialect; each test has one of its own, in a copy of the
database, which takes a fifth of the time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import replace

from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.notices.inbox import LogAndInboxChannel
from parking.storage.database import connect, disconnect
from schema.context import Services
from tests.schema.town import LossyBus, Town
from tests.support.databases import PostgresDatabases, SqliteDatabases

SECRET = "a secret of the tests, long enough"

Build = Callable[[Town], Awaitable[Town]]


class ReadyTowns:
    """The towns of one dialect, by their names."""

    def __init__(self, databases: PostgresDatabases | SqliteDatabases) -> None:
        self._databases = databases
        self._built: dict[str, Town] = {}

    @asynccontextmanager
    async def open(self, name: str, build: Build, clock: TestClock) -> AsyncIterator[Town]:
        """A copy, connected until the end of the block; `clock` is set to when it was built."""
        if name not in self._built:
            self._built[name] = await self._build(name, build)
        with self._databases.fresh(name) as url:
            await connect(url)
            try:
                yield copy_of(self._built[name], clock)
            finally:
                await disconnect()

    async def _build(self, name: str, build: Build) -> Town:
        with self._databases.fresh() as url:
            await connect(url)
            try:
                town = await build(empty_town(TestClock()))
            finally:
                await disconnect()
            self._databases.keep(url, name)
        return town


def empty_town(clock: TestClock) -> Town:
    """Nothing is in it; the program's services are there."""
    bus = LossyBus()
    services = Services(
        clock=clock,
        bus=bus,
        keys=derive_keys(SECRET),
        channel=LogAndInboxChannel(clock),
        standings=Standings(clock),
        sealer=Sealer(SECRET.encode()),
    )
    return Town(services, clock, bus)


def copy_of(town: Town, clock: TestClock) -> Town:
    """The same town, with services of its own."""
    clock.set(town.clock.now())
    return replace(
        empty_town(clock),
        keys=dict(town.keys),
        ids=dict(town.ids),
        viewers={name: copy(viewer) for name, viewer in town.viewers.items()},
        texts=dict(town.texts),
        keyed=town.keyed,
    )
