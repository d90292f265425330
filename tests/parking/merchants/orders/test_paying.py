"""What a guest owes for a bay that a merchant booked and pays: nothing, unless they took it and
stay longer."""

import json
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import Conflict
from parking.ledger.accounts import merchant, receivable
from parking.listings.cancellation import CancellationTerms, terms_json
from parking.listings.models import Listing
from parking.merchants.records import OrderRecord
from parking.rates.models import RateTable
from parking.reservations.cancel import cancel
from parking.reservations.due import run_due
from parking.reservations.models import ReservationEvent
from parking.reservations.taking import take, was_taken
from parking.sessions.override import end_session, start_session
from parking.settlement import settle
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.models import ChargeRecord, Settlement, Validation
from parking.settlement.settle import settle_ended
from parking.settlement.validations import return_validation
from parking.storage.sql import database
from tests.support.leasing import HOURLY
from tests.support.mall import Mall, make_mall
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


OVERSTAYED = timedelta(hours=3, minutes=30)
"""From the start: the last hour is an overstay of 2.00."""
FREE_AT_FIRST = {**HOURLY, "free": {"duration": "PT3H", "staysFree": True}}


@pytest.fixture
async def poor(database: str, clock: TestClock) -> Mall:
    """A merchant whose credit is for one order's price, and half of the hour more."""
    del database
    return await make_mall(clock, credit_minor=700)


async def _stay(mall: Mall, order: OrderRecord) -> None:
    """The operator begins the stay at its start, and ends it too late."""
    assert order.reservation_id is not None
    assert order.starts_at is not None
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    mall.clock.set(order.starts_at)
    stay = await start_session(mall.operator, order.reservation_id, **both)
    mall.clock.advance(seconds=OVERSTAYED.total_seconds())
    await end_session(mall.operator, stay, **both)
    await settle_ended(mall.clock, mall.bus)


async def _paid(mall: Mall, guest: Viewer) -> tuple[int, int]:
    """What merchant and guest have paid; nobody owes anything, and the books are right."""
    assert guest.person_id is not None
    assert await in_account(receivable(guest.person_id, "EUR")) == 0
    assert await verify_settlements(database(), mall.clock.now()) == []
    by_merchant = -await in_account(merchant(mall.merchant_id, "EUR"))
    return by_merchant, 1_000 - await in_wallet(guest)


async def test_who_was_not_asked_pays_nothing_however_long_the_stay(mall: Mall) -> None:
    order, guest = await _booked(mall)
    await _stay(mall, order)
    assert await _paid(mall, guest) == (800, 0)


async def test_who_took_the_booking_pays_what_is_longer(mall: Mall) -> None:
    order, guest = await _booked(mall)
    assert order.reservation_id is not None
    for _ in range(2):
        await take(guest, order.reservation_id, clock=mall.clock, bus=mall.bus)
    assert await ReservationEvent.filter(kind="reservation_taken").count() == 1
    await _stay(mall, order)
    assert await _paid(mall, guest) == (600, 200)


async def test_unless_that_is_looked_at_who_was_not_asked_pays(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the two before."""

    async def taken(*_: object) -> bool:
        return True

    monkeypatch.setattr(settle, "was_taken", taken)
    order, guest = await _booked(mall)
    await _stay(mall, order)
    assert await _paid(mall, guest) == (600, 200)


async def test_what_the_merchants_credit_does_not_cover_is_not_charged(poor: Mall) -> None:
    order, guest = await _booked(poor)
    await _stay(poor, order)
    assert await _paid(poor, guest) == (700, 0)
    settled = await Settlement.get()
    assert (settled.cost_minor, settled.validation_minor, settled.receivable_minor) == (700, 700, 0)
    assert "not-charged" in (await ChargeRecord.get()).body


async def test_what_is_promised_to_others_is_not_used_up(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, credit_minor=1_300)
    order, guest = await _booked(mall)
    other = await mall.take(mall.ordered("2", 30))
    assert other.reservation_id is not None
    await _stay(mall, order)
    assert await _paid(mall, guest) == (700, 0)


async def test_a_booking_that_costs_nothing_yet_is_the_merchants_too(mall: Mall) -> None:
    await RateTable.all().update(document=json.dumps(FREE_AT_FIRST))
    order, guest = await _booked(mall)
    assert (await Validation.get()).covered_minor == 0
    await _stay(mall, order)
    by_merchant, by_guest = await _paid(mall, guest)
    assert (by_merchant > 0, by_guest) == (True, 0)


async def test_a_promise_is_not_taken_back(mall: Mall) -> None:
    await RateTable.all().update(document=json.dumps(FREE_AT_FIRST))
    await _booked(mall)
    promised = await Validation.get()
    with pytest.raises(Conflict):
        await return_validation(mall.merchant, promised.id, clock=mall.clock, bus=mall.bus)


async def test_nobody_takes_a_booking_for_the_guest(mall: Mall) -> None:
    order, guest = await _booked(mall)
    assert order.reservation_id is not None
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    for viewer, is_theirs in (
        (mall.merchant, False),
        (mall.operator, False),
        (mall.stranger, False),
        (SYSTEM, False),
        (guest, True),
    ):
        await take(viewer, order.reservation_id, **both)
        assert await was_taken(database(), await mall.booking(order)) == is_theirs
