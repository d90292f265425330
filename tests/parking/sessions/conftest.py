"""Fixtures of stays."""

import pytest

from parking.clock import TestClock
from tests.parking.sessions.stage import Stage
from tests.support.leasing import make_lease


@pytest.fixture
async def stage(database: str, clock: TestClock) -> Stage:
    """Three bays of a listing that is always open, 2.00 an hour, with sensors that can speak."""
    del database
    return Stage(await make_lease(), clock)
