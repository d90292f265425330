"""A bay fails: the booking moves to another, at the price that was agreed."""

import json

import pytest

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.listings.models import ListingSpace
from parking.occupancy.models import Claim, Occupancy, Service, Source, SpaceState
from parking.places.models import Space
from parking.reservations.cancel import cancel
from parking.reservations.queries import agreements_of
from parking.reservations.reassign import NoReplacement, reassign
from parking.reservations.record import organisation_topic
from parking.reservations.records import ReservationRecord
from tests.parking.reservations.steps import BUS, booked, claim, held, kinds, reservation
from tests.support.leasing import HOURLY, Lease, make_listing


async def moved(
    lease: Lease,
    clock: TestClock,
    made: int,
    viewer: Viewer | None = None,
    space: int | None = None,
) -> ReservationRecord:
    named = None if space is None else lease.estate.space_ids[space]
    await reassign(viewer or lease.operator, made, "flooded", named, clock=clock, bus=BUS)
    return await reservation(made)


async def test_the_booking_moves_and_all_know_where(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    before = await reservation(made)
    after = await moved(lease, clock, made)
    assert after.space_id == lease.estate.space_ids[1]
    same = (
        "state",
        "starts_at",
        "ends_at",
        "amount_minor",
        "lines",
        "terms",
        "listing_id",
        "plate",
    )
    assert all(getattr(after, name) == getattr(before, name) for name in same)
    assert (await kinds(made))[-1] == "reservation_moved"
    *_, agreement = (await agreements_of(SYSTEM, [made]))[made]
    terms = json.loads(agreement.terms)
    assert (agreement.version, terms["space"]) == (2, {"id": after.space_id, "number": "A-02"})
    assert (agreement.renter_accepted_at, agreement.lessor_accepted_at) == (clock.now(),) * 2


async def test_claims_move_with_it(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 0.1, 2)
    assert [await claim(lease, space) for space in range(2)] == [Claim.RESERVED, Claim.NONE]
    await moved(lease, clock, made)
    assert [await claim(lease, space) for space in range(2)] == [Claim.NONE, Claim.RESERVED]


async def test_the_old_bay_is_free_then_and_the_new_one_taken(
    lease: Lease, clock: TestClock
) -> None:
    made = await booked(lease, clock)
    await moved(lease, clock, made)
    await booked(lease, clock, viewer=lease.other)
    again = await moved(lease, clock, made)
    assert again.space_id == lease.estate.space_ids[2]
    with pytest.raises(NoReplacement):
        await booked(lease, clock, 1.5, 2, viewer=lease.other, space=1)
        await moved(lease, clock, made)


@pytest.mark.parametrize("why", ["closed", "occupied", "stale", "retired", "lower"])
async def test_a_bay_that_would_not_serve_is_passed_over(
    lease: Lease, clock: TestClock, why: str
) -> None:
    made, second = await booked(lease, clock, 0.05, 2), lease.estate.space_ids[1]
    states, bays = SpaceState.filter(space_id=second), Space.filter(id=second)
    changes = {
        "closed": states.update(service=Service.CLOSED),
        "occupied": states.update(occupancy=Occupancy.OCCUPIED, source=Source.DEVICE),
        "stale": states.update(occupancy=Occupancy.UNKNOWN, source=Source.STALENESS),
        "retired": bays.update(retired_at=clock.now()),
        "lower": bays.update(height_max_metres=1.9),
    }
    await changes[why]
    assert (await moved(lease, clock, made)).space_id == lease.estate.space_ids[2]


async def test_a_lapsed_hold_in_the_other_bay_gives_way(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    lapsed = await held(lease, clock, viewer=lease.other, space=1)
    clock.advance(minutes=5)
    assert (await moved(lease, clock, made)).space_id == lease.estate.space_ids[1]
    assert (await reservation(lapsed)).state == "EXPIRED"


async def test_another_lessor_takes_over_at_the_price_agreed(
    lease: Lease, clock: TestClock
) -> None:
    made = await booked(lease, clock)
    await ListingSpace.filter(listing_id=lease.listing_id).exclude(space_id=lease.space_id).delete()
    with pytest.raises(NoReplacement):
        await moved(lease, clock, made)
    line = HOURLY["collections"][0]["lines"][0]  # type: ignore[index]
    dear = dict(HOURLY, collections=[{"id": "day", "lines": [dict(line, amountMinor=201)]}])
    await make_listing(lease.estate, lease.estate.organisation_id, dear)
    with pytest.raises(NoReplacement):
        await moved(lease, clock, made)
    other = await make_listing(lease.estate, lease.estate.organisation_id)
    async with BUS.subscribe(organisation_topic(lease.lessor_id)) as told:
        after = await moved(lease, clock, made)
        assert (await anext(told)).topic == organisation_topic(lease.lessor_id)
    assert (after.listing_id, after.organisation_id) == (other, lease.estate.organisation_id)
    assert after.amount_minor == 400


async def test_a_bay_can_be_named(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    assert (await moved(lease, clock, made, space=2)).space_id == lease.estate.space_ids[2]
    await Space.filter(id=lease.space_id).update(height_max_metres=1.5)
    with pytest.raises(NoReplacement):
        await moved(lease, clock, made, space=0)


async def test_who_may_move_a_booking(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    with pytest.raises(NotPermitted):
        await moved(lease, clock, made, lease.driver)
    with pytest.raises(NotFound):
        await moved(lease, clock, made, lease.other)
    for viewer in (lease.owner, lease.operator, lease.attendant):
        await moved(lease, clock, made, viewer)


async def test_what_is_over_is_not_moved(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    await cancel(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(Conflict):
        await moved(lease, clock, made)
