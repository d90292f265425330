"""Fixtures of outer payment rails."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.parking.settlement.rails.desk import Desk, open_desk
from tests.parking.settlement.till import Till
from tests.support.stripe_stand_in import localstripe, stand_in


@pytest.fixture(scope="session")
def localstripe_url() -> Iterator[str]:
    """localstripe, for this run."""
    with localstripe() as url:
        yield url


@pytest.fixture
async def desk(till: Till, localstripe_url: str) -> AsyncIterator[Desk]:
    """A driver, a Stripe that has forgotten everything, and no card yet."""
    async with stand_in(localstripe_url) as stripe, open_desk(till, stripe) as made:
        yield made


@pytest.fixture
async def paying(desk: Desk) -> Desk:
    """The driver has bound a card."""
    await desk.bind()
    return desk
