"""Fixtures of settlement."""

import pytest

from parking.clock import TestClock
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.case import Case, make_case
from tests.parking.settlement.till import Till, make_till
from tests.support.leasing import make_lease
from tests.support.operators import make_organisation
from tests.support.wallets import fill_wallet


@pytest.fixture
async def till(database: str, clock: TestClock) -> Till:
    """Three bays at 2.00 an hour, with sensors; the driver has 20.00 in the wallet."""
    del database
    made = await make_till(Stage(await make_lease(), clock))
    await fill_wallet(made.stage.lease.driver, 2_000)
    return made


@pytest.fixture
async def case(till: Till) -> Case:
    """A settled stay, and somebody of the platform who can decide about it."""
    return await make_case(till, await make_organisation("The house"))
