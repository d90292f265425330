"""Every way to a booking goes through its money: series, waitlists, and links."""

from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.reservations.cancel import cancel
from parking.reservations.links import holder
from parking.reservations.offering import serve_waitlists
from parking.reservations.quote import Request
from parking.reservations.recurring import (
    cancel_series,
    confirm_series,
    held_turns,
    reserve_series,
)
from parking.reservations.waitlist import accept_offer, join_waitlist, offered_holds
from parking.settlement.models import EscrowAccount, Settlement
from parking.settlement.refusals import WalletTooLow
from parking.storage.sql import database
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.till import Till
from tests.support.leasing import hours
from tests.support.wallets import fill_wallet


async def series(till: Till, count: int) -> int:
    """So many turns of two hours, for 4.00 each, held; the series' id."""
    lease, stage = till.stage.lease, till.stage
    request = Request(lease.listing_id, lease.space_id, hours(stage.clock.now(), 24, 26))
    rule = f"FREQ=DAILY;COUNT={count}"
    made = await reserve_series(lease.driver, request, rule, clock=stage.clock, bus=stage.bus)
    return made.series_id


async def test_a_series_is_paid_for_as_a_whole_or_not_at_all(till: Till) -> None:
    lease, stage, made = till.stage.lease, till.stage, await series(till, 6)
    assert len(await held_turns(lease.driver, made)) == 6
    for stranger in (lease.other, ANONYMOUS):
        assert await held_turns(stranger, made) == []
    given: dict[str, Any] = {"clock": stage.clock, "bus": stage.bus}
    with pytest.raises(WalletTooLow):
        await confirm_series(lease.driver, made, **given, funding=stage.funding)
    assert (await till.wallet(), await EscrowAccount.all().count()) == (2_000, 0)
    await fill_wallet(lease.driver, 400)
    await confirm_series(lease.driver, made, **given, funding=stage.funding)
    assert (await till.wallet(), await EscrowAccount.all().count()) == (0, 6)
    assert await held_turns(lease.driver, made) == []
    await cancel_series(lease.driver, made, **given)
    assert await till.settle() == 6
    assert (await till.wallet(), await Settlement.all().count()) == (2_400, 6)
    await till.audit()


async def test_what_the_waitlist_offers_is_paid_for_by_who_accepts(till: Till) -> None:
    lease, stage = till.stage.lease, till.stage
    booked = [await stage.book(space=space) for space in range(3)]
    window = (await reservation(booked[0])).window
    entry = await join_waitlist(
        lease.other, lease.estate.place_id, window, clock=stage.clock, bus=stage.bus
    )
    await cancel(lease.owner, booked[0], clock=stage.clock, bus=stage.bus)
    await serve_waitlists(stage.clock, stage.bus)
    [hold] = await offered_holds(lease.other, entry)
    assert await offered_holds(lease.driver, entry) == []
    given: dict[str, Any] = {"clock": stage.clock, "bus": stage.bus, "funding": stage.funding}
    with pytest.raises(WalletTooLow):
        await accept_offer(lease.other, entry, **given)
    await fill_wallet(lease.other, 400)
    assert await accept_offer(lease.other, entry, **given) == hold
    pocket = await EscrowAccount.get(reservation_id=hold)
    assert (pocket.person_id, pocket.secured_minor) == (lease.other.person_id, 400)


async def test_the_wallet_needs_no_preparing(till: Till) -> None:
    """Whoever asks, and for whatever: only an outer rail is asked beforehand."""
    lease, stage, booked = till.stage.lease, till.stage, await till.book()
    given: dict[str, Any] = {"clock": stage.clock, "bus": stage.bus}
    for viewer in (lease.driver, lease.other, ANONYMOUS, holder(await reservation(booked))):
        await stage.funding.prepare(viewer, [booked, 999], **given)
        await stage.funding.prepare_extension(viewer, 999, **given)
    found = await database().fetch("SELECT id FROM payment")
    assert found == []
