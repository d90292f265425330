"""Fixtures of redeeming."""

from collections.abc import AsyncIterator

import pytest

from parking.clock import TestClock
from parking.storage.database import connect, disconnect
from tests.parking.rights.redeeming.desk import Desk, make_desk
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.till import make_till
from tests.support.leasing import make_lease
from tests.support.wallets import fill_wallet


@pytest.fixture
async def both(database: str, clock: TestClock) -> Desk:
    """Three bays at 2.00 an hour; a shop that gives rights; the driver has 20.00. On each kind of
    database in turn, for what its statements are about."""
    del database
    return await desk_at(clock)


@pytest.fixture
async def desk(sqlite_url: str, clock: TestClock) -> AsyncIterator[Desk]:
    """The same on one kind of database, for what is decided without it."""
    await connect(sqlite_url)
    yield await desk_at(clock)
    await disconnect()


async def desk_at(clock: TestClock) -> Desk:
    """On the database that is connected."""
    till = await make_till(Stage(await make_lease(), clock))
    await fill_wallet(till.stage.lease.driver, 2_000)
    return await make_desk(till)
