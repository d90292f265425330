"""Fixtures of bookings."""

import pytest

from tests.support.leasing import Lease, make_lease


@pytest.fixture
async def lease(database: str) -> Lease:
    """Three bays of a listing that is always open, and the people around them."""
    del database
    return await make_lease()
