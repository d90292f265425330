"""Fixtures of granting."""

import pytest

from parking.clock import TestClock
from tests.parking.rights.granting.counter import Counter, make_counter
from tests.support.issuing import make_issuing


@pytest.fixture
async def counter(database: str, clock: TestClock) -> Counter:
    """A printed code of an hour off, whose contract lets two of a day go into one stay; prices and
    budget are known, so that something is promised."""
    del database
    shop = await make_issuing(
        clock, quota=1_000, budget_minor=100_000, price_minor=150, per_stay_max=2
    )
    return await make_counter(shop)
