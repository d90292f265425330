"""Fixtures of fetching."""

import pytest

from parking.clock import TestClock
from tests.support.fetching import Fetching, make_fetching


@pytest.fixture
async def fetching(database: str, clock: TestClock) -> Fetching:
    """A booking for 4.00, a friend with 10.00, a reader in the bay and one at the gate."""
    del database
    return await make_fetching(clock)
