"""Forgetting quotes."""

from datetime import timedelta

from parking.clock import TestClock
from parking.reservations.models import Quote
from parking.reservations.prune import QUOTES_KEPT, prune_quotes
from parking.reservations.reserve import reserve
from tests.parking.reservations.steps import BUS, quoted
from tests.support.leasing import Lease


async def test_only_old_quotes_that_nobody_used_are_forgotten(
    lease: Lease, clock: TestClock
) -> None:
    used, unused = await quoted(lease, clock), await quoted(lease, clock, 4, 5)
    await reserve(lease.driver, used, clock=clock, bus=BUS)
    expired = clock.now() + timedelta(minutes=10)
    assert await prune_quotes(expired + QUOTES_KEPT) == 0
    assert await prune_quotes(expired + QUOTES_KEPT + timedelta(seconds=1)) == 1
    assert await Quote.filter(id=unused).count() == 0
    assert await Quote.filter(id=used).count() == 1
