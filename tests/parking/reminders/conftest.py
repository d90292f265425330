"""Fixtures of reminders."""

import pytest

from parking.clock import TestClock
from tests.parking.reminders.reminded import Reminded
from tests.support.bays import Bays
from tests.support.estate import make_estate


@pytest.fixture
async def told(database: str, clock: TestClock) -> Reminded:
    """Two bays."""
    del database
    return Reminded(Bays(await make_estate(2), clock))
