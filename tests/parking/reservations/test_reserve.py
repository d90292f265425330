"""Quoting and reserving: what binds, what is held, what is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound, NotPermitted, Refusal, Unauthenticated
from parking.listings.models import Audience, BookingMode, Listing, ListingPlate, ListingState
from parking.occupancy.models import Claim, Occupancy, Service, SpaceState
from parking.places.models import Place
from parking.rates.lines import lines_from_json, recompute
from parking.rates.models import RateTable
from parking.reservations.confirm import confirm
from parking.reservations.holding import COUNT_HELD
from parking.reservations.limits import HOLDS_MAX
from parking.reservations.models import Quote, Reservation, ReservationState
from parking.reservations.queries import agreements_of, quotes_by_id
from parking.reservations.quote import Request, quote_space
from parking.reservations.recurring import reserve_series
from parking.reservations.refusals import (
    QuoteExpired,
    QuoteUsed,
    SpaceClosed,
    SpaceOccupied,
    TooManyHolds,
    WindowTaken,
)
from parking.reservations.reserve import For, reserve, reserve_space
from parking.storage.transactions import transaction
from tests.parking.reservations.steps import BUS, booked, claim, held, kinds, quoted, reservation
from tests.support.leasing import Lease, hours


async def test_a_quote_binds_whatever_happens_to_the_rates(lease: Lease, clock: TestClock) -> None:
    quote_id = await quoted(lease, clock)
    await RateTable.all().update(document='{"currency": "EUR"}', version=2)
    clock.advance(minutes=9, seconds=59)
    made = await reserve(lease.driver, quote_id, clock=clock, bus=BUS)
    found = await reservation(made)
    assert (found.amount_minor, found.currency, found.quote_id) == (400, "EUR", quote_id)
    assert recompute(lines_from_json(found.lines)) == 400
    quote = (await quotes_by_id(lease.driver, [quote_id]))[quote_id]
    assert (quote.used_at, quote.reservation_id) == (clock.now(), made)


async def test_a_hold_is_for_five_minutes(lease: Lease, clock: TestClock) -> None:
    found = await reservation(await held(lease, clock))
    assert found.state is ReservationState.PENDING_PAYMENT
    assert found.hold_until == clock.now() + timedelta(minutes=5)
    assert await kinds(found.id) == ["reservation_held"]
    assert (found.operator_id, found.organisation_id) == (
        lease.estate.organisation_id,
        lease.lessor_id,
    )


async def test_a_request_waits_for_the_lessor_but_not_past_its_start(
    lease: Lease, clock: TestClock
) -> None:
    await Listing.all().update(mode=BookingMode.ASK)
    soon, far = await held(lease, clock), await held(lease, clock, 48, 50)
    assert (await reservation(soon)).hold_until == clock.now() + timedelta(hours=1)
    found = await reservation(far)
    assert found.state is ReservationState.REQUESTED
    assert found.hold_until == clock.now() + timedelta(hours=24)
    assert await kinds(far) == ["reservation_requested"]
    with pytest.raises(Refusal) as refused:
        await held(lease, clock, 0, 1)
    assert refused.value.code == "TOO_SOON"


async def test_a_quote_expires_and_is_used_once(lease: Lease, clock: TestClock) -> None:
    used, late = await quoted(lease, clock), await quoted(lease, clock, 5, 6)
    await reserve(lease.driver, used, clock=clock, bus=BUS)
    with pytest.raises(QuoteUsed):
        await reserve(lease.driver, used, clock=clock, bus=BUS)
    clock.advance(minutes=10)
    with pytest.raises(QuoteExpired):
        await reserve(lease.driver, late, clock=clock, bus=BUS)


async def test_quotes_are_their_viewers_own(lease: Lease, clock: TestClock) -> None:
    quote_id = await quoted(lease, clock)
    assert await quotes_by_id(lease.other, [quote_id]) == {}
    with pytest.raises(NotFound):
        await reserve(lease.other, quote_id, clock=clock, bus=BUS)
    with pytest.raises(Unauthenticated):
        await quoted(lease, clock, viewer=ANONYMOUS)
    with pytest.raises(NotPermitted):
        await quoted(lease, clock, viewer=Viewer(api_key_id=1))


async def test_overlapping_is_refused_and_touching_is_not(lease: Lease, clock: TestClock) -> None:
    await held(lease, clock, 2, 4)
    for begin, end in ((2, 4), (1, 2.1), (3.9, 5), (2.5, 3), (1, 5)):
        with pytest.raises(WindowTaken):
            await held(lease, clock, begin, end, viewer=lease.other)
        with pytest.raises(WindowTaken):
            await quoted(lease, clock, begin, end)
    await held(lease, clock, 1, 2, viewer=lease.other)
    await held(lease, clock, 4, 5, viewer=lease.other)
    await held(lease, clock, 2, 4, viewer=lease.other, space=1)


async def test_turnover_is_kept_free_behind_each_booking(lease: Lease, clock: TestClock) -> None:
    await Listing.all().update(turnover_minutes=30)
    first = await reservation(await held(lease, clock, 2, 4))
    assert first.blocked_until == first.ends_at + timedelta(minutes=30)
    for begin, end in ((4.4, 5), (1, 1.6)):
        with pytest.raises(WindowTaken):
            await held(lease, clock, begin, end)
    await held(lease, clock, 4.5, 5)
    await held(lease, clock, 1, 1.5)


async def test_a_lapsed_hold_frees_at_once(lease: Lease, clock: TestClock) -> None:
    lapsed = await held(lease, clock, 0.1, 2)
    assert await claim(lease) is Claim.HELD
    clock.advance(minutes=5)
    quote_id = await quoted(lease, clock, 1, 2, viewer=lease.other)
    made = await reserve(lease.other, quote_id, clock=clock, bus=BUS)
    assert (await reservation(lapsed)).state is ReservationState.EXPIRED
    assert await kinds(lapsed) == ["reservation_held", "reservation_expired"]
    assert await kinds(made) == ["reservation_held"]
    assert await claim(lease) is Claim.NONE


async def test_who_names_only_the_listing_gets_a_free_space(lease: Lease, clock: TestClock) -> None:
    request = Request(lease.listing_id, None, hours(clock.now(), 1, 3))
    made = [await reserve_space(lease.driver, request, clock=clock, bus=BUS) for _ in range(3)]
    assert {(await reservation(each)).space_id for each in made} == set(lease.estate.space_ids)
    with pytest.raises(WindowTaken, match="no space of this offer"):
        await reserve_space(lease.driver, request, clock=clock, bus=BUS)


async def test_who_names_only_the_space_gets_its_listing(lease: Lease, clock: TestClock) -> None:
    window = hours(clock.now(), 1, 3)
    by_space = Request(None, lease.space_id, window)
    made = await reserve_space(lease.driver, by_space, clock=clock, bus=BUS)
    assert (await reservation(made)).listing_id == lease.listing_id
    with pytest.raises(InvalidInput):
        await reserve_space(lease.driver, Request(None, None, window), clock=clock, bus=BUS)
    for listing, space in ((999, None), (None, 999), (lease.listing_id, 999)):
        with pytest.raises(NotFound):
            request = Request(listing, space, window)
            await reserve_space(lease.driver, request, clock=clock, bus=BUS)


@pytest.mark.parametrize(
    ("values", "begin", "end", "code"),
    [
        ({"state": ListingState.PAUSED}, 1, 3, "LISTING_NOT_ACTIVE"),
        ({"stay_minutes_min": 121}, 1, 3, "STAY_TOO_SHORT"),
        ({"stay_minutes_max": 119}, 1, 3, "STAY_TOO_LONG"),
        ({"lead_minutes": 61}, 1, 3, "TOO_SOON"),
        ({}, -1, 3, "TOO_SOON"),
        ({"horizon_days": 1}, 25, 26, "TOO_FAR_AHEAD"),
        ({"horizon_days": 500}, 24 * 398, 24 * 398 + 1, "OUTSIDE_OPENING"),
        ({"audience": Audience.ORGANISATION, "audience_organisation_id": 99}, 1, 3, "NOT_FOR_YOU"),
        ({"audience": Audience.PLATES}, 1, 3, "NOT_FOR_YOU"),
    ],
)
async def test_the_listings_rules_hold(
    lease: Lease, clock: TestClock, values: dict[str, Any], begin: float, end: float, code: str
) -> None:
    await Listing.all().update(name="as it is now", **values)
    for ask in (quoted, held):
        with pytest.raises(Refusal) as refused:
            await ask(lease, clock, begin, end)
        assert refused.value.code == code


async def test_a_plate_on_the_list_may_book(lease: Lease, clock: TestClock) -> None:
    await Listing.all().update(audience=Audience.PLATES)
    await ListingPlate.create(listing_id=lease.listing_id, plate="HHAB123")
    made = await held(lease, clock, whom=For(plate="hh-ab 123", guest_name=" Gina  G. "))
    found = await reservation(made)
    assert (found.plate, found.guest_name) == ("HHAB123", "Gina G.")


async def test_a_draft_and_a_private_place_are_unknown_to_others(
    lease: Lease, clock: TestClock
) -> None:
    await Listing.all().update(state=ListingState.DRAFT)
    with pytest.raises(NotFound):
        await quoted(lease, clock)
    await Listing.all().update(state=ListingState.ACTIVE)
    await Place.all().update(is_public=False)
    with pytest.raises(NotFound):
        await quoted(lease, clock)
    await quoted(lease, clock, viewer=lease.operator)


async def test_closed_spaces_and_places_are_refused(lease: Lease, clock: TestClock) -> None:
    quote_id = await quoted(lease, clock)
    await SpaceState.filter(space_id=lease.space_id).update(service=Service.CLOSED)
    with pytest.raises(SpaceClosed):
        await reserve(lease.driver, quote_id, clock=clock, bus=BUS)
    await Place.all().update(is_open=False)
    with pytest.raises(SpaceClosed):
        await held(lease, clock, space=1)


async def test_who_begins_now_needs_a_space_without_a_car(lease: Lease, clock: TestClock) -> None:
    await SpaceState.filter(space_id=lease.space_id).update(occupancy=Occupancy.OCCUPIED)
    with pytest.raises(SpaceOccupied):
        await held(lease, clock, 0, 1)
    await held(lease, clock, 1, 2)
    await held(lease, clock, 0, 1, space=1)


async def test_a_car_that_is_about_to_leave_is_not_in_the_way(
    lease: Lease, clock: TestClock
) -> None:
    first = await booked(lease, clock, 0, 1)
    await Reservation.filter(id=first).update(state=ReservationState.ACTIVE)
    await SpaceState.filter(space_id=lease.space_id).update(occupancy=Occupancy.OCCUPIED)
    clock.advance(minutes=57)
    await held(lease, clock, 3 / 60, 2, viewer=lease.other)


async def test_what_was_quoted_must_still_be_on_offer(lease: Lease, clock: TestClock) -> None:
    quote_id = await quoted(lease, clock)
    await Listing.all().update(state=ListingState.WITHDRAWN)
    with pytest.raises(Refusal) as refused:
        await reserve(lease.driver, quote_id, clock=clock, bus=BUS)
    assert refused.value.code == "LISTING_NOT_ACTIVE"
    assert (await Quote.get(id=quote_id)).used_at is None


async def test_the_agreement_says_who_what_when_and_how_much(
    lease: Lease, clock: TestClock
) -> None:
    made = await held(lease, clock)
    [agreement] = (await agreements_of(SYSTEM, [made]))[made]
    terms = json.loads(agreement.terms)
    assert terms["renter"]["name"] == "Dora"
    assert terms["lessor"]["name"] == "Quay owners"
    assert terms["space"] == {"id": lease.space_id, "number": "A-01"}
    assert terms["place"]["time_zone"] == "Europe/Berlin"
    assert terms["window"]["starts_at"] == "2026-01-05T09:00:00Z"
    assert terms["price"]["amount_minor"] == 400
    assert agreement.lessor_accepted_at is not None
    assert agreement.renter_accepted_at is None


async def test_refused_leaves_nothing(lease: Lease, clock: TestClock) -> None:
    await held(lease, clock)
    before = await Reservation.all().count()
    window = hours(clock.now(), 1, 3)
    with pytest.raises(WindowTaken):
        request = Request(lease.listing_id, lease.space_id, window)
        await reserve_space(lease.other, request, clock=clock, bus=BUS)
    assert await Reservation.all().count() == before


async def test_a_quote_of_an_unknown_listing_is_not_found(lease: Lease, clock: TestClock) -> None:
    with pytest.raises(NotFound):
        request = Request(999, lease.space_id, hours(clock.now(), 1, 3))
        await quote_space(lease.driver, request, clock=clock)


async def test_a_person_keeps_ten_spaces_for_nothing_and_no_more(
    lease: Lease, clock: TestClock
) -> None:
    quote_id = await quoted(lease, clock, 40, 41)
    first, *_ = [await held(lease, clock, hour, hour + 1) for hour in range(1, 1 + HOLDS_MAX)]
    with pytest.raises(TooManyHolds):
        await held(lease, clock, 30, 31)
    with pytest.raises(TooManyHolds):
        await reserve(lease.driver, quote_id, clock=clock, bus=BUS)
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 30, 31))
    with pytest.raises(TooManyHolds):
        await reserve_series(lease.driver, request, "FREQ=DAILY;COUNT=2", clock=clock, bus=BUS)
    await held(lease, clock, 30, 31, viewer=lease.other)
    await confirm(lease.driver, first, clock=clock, bus=BUS)
    await reserve(lease.driver, quote_id, clock=clock, bus=BUS)


async def test_counting_what_one_person_holds_reads_nobody_elses_holds(
    lease: Lease, clock: TestClock
) -> None:
    async with transaction() as sql:
        if sql.dialect == "postgres":  # which would read so small a table from end to end
            await sql.execute("SET LOCAL enable_seqscan = off")
        verb = "EXPLAIN QUERY PLAN" if sql.dialect == "sqlite" else "EXPLAIN"
        plan = await sql.fetch(f"{verb} {COUNT_HELD}", lease.driver.person_id, clock.now())
    assert "reservation_person_waiting" in str(plan), plan


async def test_lapsed_holds_and_offers_do_not_count_and_a_series_counts_once(
    lease: Lease, clock: TestClock
) -> None:
    for hour in range(1, HOLDS_MAX):
        await held(lease, clock, hour, hour + 1)
    await held(lease, clock, 20, 21, whom=For(waitlist_entry_id=1))
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 30, 31))
    await reserve_series(lease.driver, request, "FREQ=DAILY;COUNT=5", clock=clock, bus=BUS)
    with pytest.raises(TooManyHolds):
        await held(lease, clock, 22, 23)
    clock.advance(minutes=5)
    await held(lease, clock, 22, 23)


async def test_a_draft_is_not_given_away_by_how_it_refuses(lease: Lease, clock: TestClock) -> None:
    for space in range(3):
        await held(lease, clock, space=space, viewer=lease.other)
    await Listing.all().update(state=ListingState.DRAFT)
    request = Request(lease.listing_id, None, hours(clock.now(), 1, 3))
    with pytest.raises(NotFound):
        await quote_space(lease.driver, request, clock=clock)


async def test_that_an_offer_is_over_is_said_before_that_it_is_taken(
    lease: Lease, clock: TestClock
) -> None:
    for space in range(3):
        await held(lease, clock, space=space, viewer=lease.other)
    request = Request(lease.listing_id, None, hours(clock.now(), 1, 3))
    for state, code in (
        (ListingState.ACTIVE, "WINDOW_TAKEN"),
        (ListingState.PAUSED, "LISTING_NOT_ACTIVE"),
        (ListingState.WITHDRAWN, "LISTING_NOT_ACTIVE"),
        (ListingState.DRAFT, "NOT_FOUND"),
    ):
        await Listing.all().update(state=state)
        with pytest.raises(Refusal) as quoted_as:
            await quote_space(lease.driver, request, clock=clock)
        with pytest.raises(Refusal) as reserved_as:
            await reserve_space(lease.driver, request, clock=clock, bus=BUS)
        assert quoted_as.value.code == reserved_as.value.code == code


async def test_a_stay_that_is_too_complex_is_refused(lease: Lease, clock: TestClock) -> None:
    line = {"id": "l", "type": "INCREMENTING_RATE", "amountMinor": 1, "increment": "P1D"}
    bands = [
        {"from": f"{h:02}:{m:02}", "to": f"{h:02}:{m + 9:02}"} for h in range(10) for m in (0, 30)
    ]
    collections = [
        {"id": f"c{n}", "adds": n > 0, "maxMinor": 5, "lines": [line], "when": bands}
        for n in range(40)
    ]
    await RateTable.all().update(
        document=json.dumps({"currency": "EUR", "collections": collections})
    )
    request = Request(lease.listing_id, None, hours(clock.now(), 1, 24 * 60))
    with pytest.raises(Refusal) as refused:
        await quote_space(lease.driver, request, clock=clock)
    assert refused.value.code == "STAY_TOO_COMPLEX"
