"""What a guest owes for a bay that a merchant booked and pays: nothing, unless they stay longer."""

from parking.accounts.viewer import Viewer
from parking.ledger.accounts import merchant
from parking.listings.cancellation import CancellationTerms, terms_json
from parking.listings.models import Listing
from parking.merchants.records import OrderRecord
from parking.reservations.cancel import cancel
from parking.reservations.due import run_due
from parking.settlement.settle import settle_ended
from tests.support.mall import Mall
from tests.support.wallets import fill_wallet, in_account, in_wallet

STRICT = CancellationTerms(
    grace_minutes=0, tiers=(), fee_minor=100, no_show_percent=100, no_show_fee_minor=50_000
)


async def _strict(mall: Mall) -> None:
    """Whoever does not come, or cancels, owes all of the price, and a fee."""
    await Listing.all().update(cancellation=terms_json(STRICT))


async def _booked(mall: Mall) -> tuple[OrderRecord, Viewer]:
    order = await mall.take(mall.ordered())
    guest = Viewer(person_id=order.person_id)
    await fill_wallet(guest, 1_000)
    return order, guest


async def test_a_no_show_is_paid_by_the_merchant_that_booked(mall: Mall) -> None:
    """The guest may not even know of it."""
    await _strict(mall)
    _, guest = await _booked(mall)
    mall.clock.advance(hours=6)
    await run_due(mall.clock, mall.bus)
    await settle_ended(mall.clock, mall.bus)
    assert await in_wallet(guest) == 1_000
    assert await in_account(merchant(mall.merchant_id, "EUR")) == -600


async def test_what_a_guest_cancels_late_is_paid_by_the_merchant_that_booked(mall: Mall) -> None:
    await _strict(mall)
    order, guest = await _booked(mall)
    assert order.reservation_id is not None
    mall.clock.advance(hours=1)
    await cancel(guest, order.reservation_id, clock=mall.clock, bus=mall.bus)
    await settle_ended(mall.clock, mall.bus)
    assert await in_wallet(guest) == 1_000
    assert await in_account(merchant(mall.merchant_id, "EUR")) == -600
