"""Fixtures of the schema's tests."""

from collections.abc import AsyncIterator

import pytest

from parking.clock import TestClock
from tests.schema.booked_town import let_out
from tests.schema.fetching_town import lend_keys
from tests.schema.merchants_town import open_for_merchants
from tests.schema.ready_towns import SECRET, ReadyTowns
from tests.schema.rights_town import grant_in_town
from tests.schema.settled_town import settle_town
from tests.schema.sharing_town import share_in_town
from tests.schema.town import Town, build_town
from tests.support.databases import PostgresDatabases, SqliteDatabases

__all__ = ["SECRET"]


@pytest.fixture(scope="session")
def sqlite_towns(sqlite_databases: SqliteDatabases) -> ReadyTowns:
    """Towns on SQLite."""
    return ReadyTowns(sqlite_databases)


@pytest.fixture(scope="session")
def postgres_towns(postgres_databases: PostgresDatabases) -> ReadyTowns:
    """Towns on PostgreSQL."""
    return ReadyTowns(postgres_databases)


@pytest.fixture(params=["sqlite", "postgres"])
def towns(request: pytest.FixtureRequest) -> ReadyTowns:
    """Towns on each dialect."""
    made: ReadyTowns = request.getfixturevalue(f"{request.param}_towns")
    return made


@pytest.fixture
async def town(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town in a database of each dialect."""
    async with towns.open("town", build_town, clock) as made:
        yield made


@pytest.fixture
async def booked(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town with listings and bookings in it."""

    async with towns.open("booked_town", _booked, clock) as made:
        yield made


@pytest.fixture
async def settled(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """The same after stays that were paid and settled."""
    async with towns.open("settled_town", _settled, clock) as made:
        yield made


@pytest.fixture
async def granting(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town with rights in it, granted and redeemed."""
    async with towns.open("rights_town", _granting, clock) as made:
        yield made


@pytest.fixture
async def ordering(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town with merchants, and what they ordered."""
    async with towns.open("merchants_town", _ordering, clock) as made:
        yield made


@pytest.fixture
async def fetching_town(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town with rights to fetch cars in it."""
    async with towns.open("fetching_town", _fetching, clock) as made:
        yield made


@pytest.fixture
async def sharing(towns: ReadyTowns, clock: TestClock) -> AsyncIterator[Town]:
    """A town with cars whose positions are shared."""
    async with towns.open("sharing_town", _sharing, clock) as made:
        yield made


async def _sharing(empty: Town) -> Town:
    return await share_in_town(await build_town(empty))


async def _booked(empty: Town) -> Town:
    return await let_out(await build_town(empty))


async def _settled(empty: Town) -> Town:
    return await settle_town(await build_town(empty))


async def _granting(empty: Town) -> Town:
    return await grant_in_town(await build_town(empty))


async def _ordering(empty: Town) -> Town:
    return await open_for_merchants(await build_town(empty))


async def _fetching(empty: Town) -> Town:
    return await lend_keys(await build_town(empty))
