"""Fixtures of secure links."""

import pytest

from parking.clock import TestClock
from tests.support.parked import make_parked
from tests.support.sharing import Sharing


@pytest.fixture
async def sharing(database: str, clock: TestClock) -> Sharing:
    """A parked car, its driver and friends."""
    del database
    return Sharing(await make_parked(clock))
