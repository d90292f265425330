"""From hold to end: confirming, answering, extending, cancelling, using, what the clock does."""

import json
from datetime import datetime, timedelta

import pytest

from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal
from parking.listings.cancellation import TIERED, terms_json
from parking.listings.models import BookingMode, Listing, ListingState
from parking.occupancy.models import Claim, Occupancy, Service, SpaceState
from parking.reservations.answer import accept, decline
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.due import run_due
from parking.reservations.extend import extend, quote_extension
from parking.reservations.funding import DueAtEnd, NotFunded, Secured
from parking.reservations.models import LeaseAgreement, Reservation, ReservationState
from parking.reservations.queries import agreements_of, quotes_by_id
from parking.reservations.record import changing_bookings, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.refusals import HoldExpired, SpaceClosed, WindowTaken
from parking.reservations.rules import Step
from parking.reservations.use import begin_use, end_use
from parking.storage.sql import Sql
from tests.parking.reservations.steps import BUS, booked, claim, held, kinds, reservation
from tests.support.leasing import Lease


async def test_confirming_makes_the_contract(lease: Lease, clock: TestClock) -> None:
    made = await held(lease, clock)
    await Listing.all().update(state=ListingState.WITHDRAWN)
    clock.advance(minutes=4)
    await confirm(lease.driver, made, clock=clock, bus=BUS)
    found = await reservation(made)
    assert (found.state, found.confirmed_at) == (ReservationState.CONFIRMED, clock.now())
    assert found.hold_until is None
    assert await kinds(made) == ["reservation_held", "reservation_confirmed"]
    [agreement] = (await agreements_of(SYSTEM, [made]))[made]
    assert agreement.renter_accepted_at == clock.now()
    with pytest.raises(Conflict):
        await confirm(lease.driver, made, clock=clock, bus=BUS)


async def test_a_lapsed_hold_cannot_be_confirmed(lease: Lease, clock: TestClock) -> None:
    made = await held(lease, clock)
    clock.advance(minutes=5)
    with pytest.raises(HoldExpired):
        await confirm(lease.driver, made, clock=clock, bus=BUS)
    assert await run_due(clock, BUS) == 1
    assert (await reservation(made)).state is ReservationState.EXPIRED
    with pytest.raises(HoldExpired):
        await confirm(lease.driver, made, clock=clock, bus=BUS)


async def test_confirming_is_the_drivers_and_needs_an_open_space(
    lease: Lease, clock: TestClock
) -> None:
    made = await held(lease, clock)
    with pytest.raises(NotFound):
        await confirm(lease.other, made, clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await confirm(lease.owner, made, clock=clock, bus=BUS)
    await SpaceState.all().update(service=Service.CLOSED)
    with pytest.raises(SpaceClosed):
        await confirm(lease.driver, made, clock=clock, bus=BUS)


class Broke(DueAtEnd):
    """A funding that never is."""

    async def secure(self, sql: Sql, reservation: ReservationRecord, at: datetime) -> Secured:
        raise NotFunded("the account is empty; add money and confirm again")


async def test_without_funds_nothing_is_confirmed(lease: Lease, clock: TestClock) -> None:
    made = await held(lease, clock)
    with pytest.raises(NotFunded):
        await confirm(lease.driver, made, clock=clock, bus=BUS, funding=Broke())
    assert (await reservation(made)).state is ReservationState.PENDING_PAYMENT


async def test_an_accepted_request_can_be_confirmed(lease: Lease, clock: TestClock) -> None:
    await Listing.all().update(mode=BookingMode.ASK)
    made = await held(lease, clock, 3, 4)
    with pytest.raises(Conflict):
        await confirm(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await accept(lease.driver, made, clock=clock, bus=BUS)
    await accept(lease.owner, made, clock=clock, bus=BUS)
    found = await reservation(made)
    assert found.state is ReservationState.PENDING_PAYMENT
    assert found.hold_until == found.starts_at
    clock.advance(hours=1)
    await confirm(lease.driver, made, clock=clock, bus=BUS)
    [agreement] = await LeaseAgreement.filter(reservation_id=made)
    assert agreement.lessor_accepted_at == clock.now() - timedelta(hours=1)
    assert agreement.renter_accepted_at == clock.now()


async def test_a_declined_request_says_why(lease: Lease, clock: TestClock) -> None:
    await Listing.all().update(mode=BookingMode.ASK)
    made = await held(lease, clock)
    await decline(lease.owner, made, "I need it myself", clock=clock, bus=BUS)
    found = await reservation(made)
    assert found.state is ReservationState.CANCELLED
    assert (found.cancelled_by, found.reason) == ("OWNER", "I need it myself")
    await held(lease, clock, viewer=lease.other)


async def test_an_unanswered_request_lapses(lease: Lease, clock: TestClock) -> None:
    await Listing.all().update(mode=BookingMode.ASK)
    made = await held(lease, clock, 30, 31)
    clock.advance(hours=24)
    with pytest.raises(HoldExpired):
        await accept(lease.owner, made, clock=clock, bus=BUS)
    assert await run_due(clock, BUS) == 1
    assert await kinds(made) == ["reservation_requested", "reservation_expired"]


async def test_an_extension_costs_what_it_adds(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 1, 2.5)
    until = (await reservation(made)).ends_at + timedelta(hours=1)
    quote_id = await quote_extension(lease.driver, made, until, clock=clock)
    quote = (await quotes_by_id(lease.driver, [quote_id]))[quote_id]
    assert (quote.amount_minor, quote.reservation_id) == (200, made)
    assert await extend(lease.driver, quote_id, clock=clock, bus=BUS) == made
    found = await reservation(made)
    assert (found.ends_at, found.blocked_until, found.amount_minor) == (until, until, 600)
    agreements = (await agreements_of(SYSTEM, [made]))[made]
    assert [each.version for each in agreements] == [1, 2]
    assert json.loads(agreements[1].terms)["price"]["amount_minor"] == 600
    assert json.loads(agreements[0].terms)["price"]["amount_minor"] == 400
    assert agreements[1].digest != agreements[0].digest


async def test_an_extension_is_refused_where_the_next_booking_is_in_the_way(
    lease: Lease, clock: TestClock
) -> None:
    made = await booked(lease, clock, 1, 2)
    start = (await reservation(made)).starts_at
    quote_id = await quote_extension(lease.driver, made, start + timedelta(hours=2), clock=clock)
    await booked(lease, clock, 2.5, 4, viewer=lease.other)
    with pytest.raises(WindowTaken):
        await extend(lease.driver, quote_id, clock=clock, bus=BUS)
    with pytest.raises(WindowTaken):
        await quote_extension(lease.driver, made, start + timedelta(hours=2), clock=clock)
    touching = start + timedelta(hours=1.5)
    quote_id = await quote_extension(lease.driver, made, touching, clock=clock)
    await extend(lease.driver, quote_id, clock=clock, bus=BUS)
    assert (await reservation(made)).ends_at == touching


async def test_two_extension_quotes_do_not_add_up(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 1, 2)
    until = (await reservation(made)).ends_at + timedelta(hours=1)
    first = await quote_extension(lease.driver, made, until, clock=clock)
    second = await quote_extension(lease.driver, made, until, clock=clock)
    await extend(lease.driver, first, clock=clock, bus=BUS)
    with pytest.raises(Conflict) as refused:
        await extend(lease.driver, second, clock=clock, bus=BUS)
    assert refused.value.code == "QUOTE_OUTDATED"


async def test_what_cannot_be_extended(lease: Lease, clock: TestClock) -> None:
    made = await held(lease, clock, 1, 2)
    ends_at = (await reservation(made)).ends_at
    with pytest.raises(Conflict):
        await quote_extension(lease.driver, made, ends_at + timedelta(hours=1), clock=clock)
    await confirm(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(InvalidInput):
        await quote_extension(lease.driver, made, ends_at, clock=clock)
    with pytest.raises(NotPermitted):
        await quote_extension(lease.owner, made, ends_at + timedelta(hours=1), clock=clock)
    await Listing.all().update(stay_minutes_max=90)
    with pytest.raises(Refusal) as refused:
        await quote_extension(lease.driver, made, ends_at + timedelta(hours=1), clock=clock)
    assert refused.value.code == "STAY_TOO_LONG"


@pytest.mark.parametrize(
    ("who", "hours_ahead", "minutes_later", "refund", "by"),
    [
        ("driver", 24 * 15, 11, 400, "DRIVER"),
        ("driver", 24 * 10, 24 * 60 + 1, 200, "DRIVER"),
        ("driver", 24 * 3, 24 * 60 + 1, 100, "DRIVER"),
        ("driver", 12, 11, 0, "DRIVER"),
        ("driver", 12, 10, 400, "DRIVER"),
        ("owner", 12, 60, 400, "OWNER"),
        ("operator", 12, 60, 400, "OPERATOR"),
    ],
)
async def test_cancelling_gives_back_by_its_terms(
    lease: Lease, clock: TestClock, who: str, hours_ahead: float, minutes_later: int,
    refund: int, by: str,
) -> None:  # fmt: skip
    await Listing.all().update(cancellation=terms_json(TIERED))
    made = await booked(lease, clock, hours_ahead, hours_ahead + 2)
    await Listing.all().update(cancellation="{}")
    clock.advance(minutes=minutes_later)
    await cancel(lease.everybody[who], made, "plans changed", clock=clock, bus=BUS)
    found = await reservation(made)
    assert found.state is ReservationState.CANCELLED
    assert (found.refund_minor, found.cancelled_by) == (refund, by)
    ahead = hours_ahead - minutes_later / 60
    await held(lease, clock, ahead, ahead + 2, viewer=lease.other)


async def test_cancelling_what_was_not_paid_gives_nothing_back(
    lease: Lease, clock: TestClock
) -> None:
    made = await held(lease, clock)
    with pytest.raises(NotFound):
        await cancel(lease.other, made, clock=clock, bus=BUS)
    await cancel(lease.driver, made, clock=clock, bus=BUS)
    assert (await reservation(made)).refund_minor == 0
    with pytest.raises(Conflict):
        await cancel(lease.driver, made, clock=clock, bus=BUS)


async def test_a_claim_is_shown_when_it_is_near_and_taken_back_when_it_is_over(
    lease: Lease, clock: TestClock
) -> None:
    made = await booked(lease, clock, 1, 2)
    await run_due(clock, BUS)
    assert await claim(lease) is Claim.NONE
    clock.advance(minutes=50)
    assert await run_due(clock, BUS) == 1
    assert await claim(lease) is Claim.RESERVED
    assert await run_due(clock, BUS) == 0
    await cancel(lease.driver, made, clock=clock, bus=BUS)
    assert await claim(lease) is Claim.NONE


async def test_a_hold_that_begins_now_shows_and_lapses(lease: Lease, clock: TestClock) -> None:
    made = await held(lease, clock, 0, 2)
    assert await claim(lease) is Claim.HELD
    await confirm(lease.driver, made, clock=clock, bus=BUS)
    assert await claim(lease) is Claim.RESERVED
    other = await held(lease, clock, 0, 2, space=1)
    clock.advance(minutes=5)
    assert await run_due(clock, BUS) == 1
    assert (await reservation(other)).state is ReservationState.EXPIRED
    assert await claim(lease, 1) is Claim.NONE


async def test_nobody_came(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 0, 3)
    await SpaceState.all().update(occupancy=Occupancy.FREE)
    clock.advance(minutes=29)
    assert await run_due(clock, BUS) == 0
    clock.advance(minutes=1)
    assert await run_due(clock, BUS) == 1
    assert (await reservation(made)).state is ReservationState.NO_SHOW
    assert await kinds(made) == [
        "reservation_held", "reservation_confirmed", "reservation_no_show",
    ]  # fmt: skip
    assert await claim(lease) is Claim.NONE
    await held(lease, clock, 0, 1, viewer=lease.other)


@pytest.mark.parametrize("seen", [Occupancy.UNKNOWN, Occupancy.OCCUPIED])
async def test_a_bay_that_is_not_seen_free_waits_until_the_end(
    lease: Lease, clock: TestClock, seen: Occupancy
) -> None:
    made = await booked(lease, clock, 0, 3)
    await SpaceState.all().update(occupancy=seen)
    clock.advance(minutes=179)
    await run_due(clock, BUS)
    assert (await reservation(made)).state is ReservationState.CONFIRMED
    clock.advance(minutes=1)
    await run_due(clock, BUS)
    assert (await reservation(made)).state is ReservationState.NO_SHOW


async def test_who_was_let_in_has_time_to_drive_in(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 0, 1)
    await SpaceState.all().update(occupancy=Occupancy.FREE)
    clock.advance(minutes=55)
    async with changing_bookings([lease.estate.place_id], clock, BUS) as change:
        await change.step(await locked_reservation(change.sql, made), Step.ADMIT, SYSTEM)
    clock.advance(minutes=9, seconds=59)
    await run_due(clock, BUS)
    assert (await reservation(made)).state is ReservationState.CONFIRMED
    clock.advance(seconds=1)
    await run_due(clock, BUS)
    assert (await reservation(made)).state is ReservationState.NO_SHOW


async def test_use_begins_and_ends(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock, 0, 3)
    place_id = lease.estate.place_id
    clock.advance(minutes=10)
    async with changing_bookings([place_id], clock, BUS) as change:
        found = await locked_reservation(change.sql, made)
        await begin_use(change, found, SYSTEM, clock.now() - timedelta(seconds=3))
    assert (await reservation(made)).started_at == clock.now() - timedelta(seconds=3)
    with pytest.raises(Conflict):
        await cancel(lease.driver, made, clock=clock, bus=BUS)
    clock.advance(hours=4)
    await run_due(clock, BUS)
    assert await claim(lease) is Claim.RESERVED, "it is in use until it is left"
    async with changing_bookings([place_id], clock, BUS) as change:
        await end_use(change, await locked_reservation(change.sql, made), SYSTEM, clock.now())
    assert (await reservation(made)).state is ReservationState.COMPLETED
    assert await claim(lease) is Claim.NONE
    assert await Reservation.filter(state=ReservationState.ACTIVE).count() == 0
