"""What sign-in needs, for every test of this folder."""

import pytest

from parking.clock import TestClock
from tests.support.people import Desk, make_desk


@pytest.fixture
async def desk(database: str, clock: TestClock) -> Desk:
    """One process's sign-in, on each database."""
    return make_desk(clock)
