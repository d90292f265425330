"""Fixtures of merchants."""

import pytest

from parking.clock import TestClock
from tests.support.mall import Mall, make_mall


@pytest.fixture
async def mall(database: str, clock: TestClock) -> Mall:
    """A garage of four bays, a lot of two, and a merchant who pays for its guests."""
    del database
    return await make_mall(clock)
