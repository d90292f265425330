"""Fixtures of questions to terminals."""

import pytest

from parking.clock import TestClock
from tests.support.parked import Parked, make_parked


@pytest.fixture
async def parked(database: str, clock: TestClock) -> Parked:
    """A garage, its staff, a driver and friends."""
    del database
    return await make_parked(clock)
