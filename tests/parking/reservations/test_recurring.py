"""Recurring bookings: each turn a booking, all of them a series."""

from datetime import timedelta

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unauthenticated
from parking.listings.models import Listing
from parking.reservations.cancel import cancel
from parking.reservations.holding import For
from parking.reservations.models import Reservation, ReservationSeries, ReservationState
from parking.reservations.quote import Request
from parking.reservations.recurring import (
    SeriesMade,
    SeriesPolicy,
    SeriesRefused,
    cancel_series,
    confirm_series,
    reserve_series,
)
from parking.reservations.series import series_by_id
from parking.windows import Window
from tests.parking.reservations.steps import BUS, booked
from tests.support.leasing import Lease, hours

WHAT_IS_FREE = SeriesPolicy.WHAT_IS_FREE


async def series(
    lease: Lease,
    clock: TestClock,
    rule: str = "FREQ=DAILY;COUNT=3",
    policy: SeriesPolicy = SeriesPolicy.ALL_OR_NOTHING,
    space_id: int | None = None,
) -> SeriesMade:
    request = Request(
        lease.listing_id, space_id or lease.space_id, hours(clock.now(), 24, 26), "S-HB 1"
    )
    return await reserve_series(
        lease.driver, request, rule, policy, For("Gast"), clock=clock, bus=BUS
    )


async def states(made: SeriesMade) -> list[ReservationState]:
    rows = await Reservation.filter(series_id=made.series_id).order_by("starts_at")
    assert [row.id for row in rows] == made.reservation_ids
    return [row.state for row in rows]


async def test_every_turn_is_a_hold_of_the_series(lease: Lease, clock: TestClock) -> None:
    made = await series(lease, clock)
    assert await states(made) == [ReservationState.PENDING_PAYMENT] * 3
    rows = await Reservation.filter(series_id=made.series_id).order_by("starts_at")
    first = clock.now() + timedelta(days=1)
    assert [row.starts_at for row in rows] == [first + timedelta(days=day) for day in range(3)]
    assert {(row.amount_minor, row.plate, row.guest_name) for row in rows} == {
        (400, "SHB1", "Gast")
    }
    assert made.refused == []


async def test_one_date_that_is_taken_refuses_all_and_is_named(
    lease: Lease, clock: TestClock
) -> None:
    await booked(lease, clock, 49, 50, viewer=lease.other)
    with pytest.raises(SeriesRefused, match="2026-01-07T08:00:00Z") as refused:
        await series(lease, clock)
    [turn] = refused.value.refused
    assert (turn.code, turn.window) == ("WINDOW_TAKEN", hours(clock.now(), 48, 50))
    assert await ReservationSeries.all().count() == 0
    assert await Reservation.all().count() == 1


async def test_or_what_is_free_is_booked_and_the_rest_named(lease: Lease, clock: TestClock) -> None:
    await booked(lease, clock, 49, 50, viewer=lease.other)
    made = await series(lease, clock, policy=WHAT_IS_FREE)
    assert len(made.reservation_ids) == 2
    assert [turn.code for turn in made.refused] == ["WINDOW_TAKEN"]


async def test_the_listings_rules_hold_for_each_turn(lease: Lease, clock: TestClock) -> None:
    await Listing.filter(id=lease.listing_id).update(horizon_days=2)
    made = await series(lease, clock, policy=WHAT_IS_FREE)
    assert [turn.code for turn in made.refused] == ["TOO_FAR_AHEAD"]


async def test_nothing_free_is_refused_whatever_the_policy(lease: Lease, clock: TestClock) -> None:
    await Listing.filter(id=lease.listing_id).update(stay_minutes_min=600)
    with pytest.raises(SeriesRefused, match="STAY_TOO_SHORT"):
        await series(lease, clock, policy=WHAT_IS_FREE)


async def test_many_refused_dates_are_counted_in_the_message(
    lease: Lease, clock: TestClock
) -> None:
    await Listing.filter(id=lease.listing_id).update(stay_minutes_min=600)
    with pytest.raises(SeriesRefused, match="and 2 more") as refused:
        await series(lease, clock, rule="FREQ=DAILY;COUNT=12")
    assert len(refused.value.refused) == 12


async def test_a_lapsed_hold_in_the_way_is_given_up(lease: Lease, clock: TestClock) -> None:
    first = await series(lease, clock)
    clock.advance(minutes=5)
    again = await series(lease, clock)
    assert await states(first) == [ReservationState.EXPIRED] * 3
    assert len(again.reservation_ids) == 3


async def test_confirming_a_series_confirms_every_hold(lease: Lease, clock: TestClock) -> None:
    made = await series(lease, clock)
    await cancel(lease.driver, made.reservation_ids[1], clock=clock, bus=BUS)
    await confirm_series(lease.driver, made.series_id, clock=clock, bus=BUS)
    assert await states(made) == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    with pytest.raises(Conflict):
        await confirm_series(lease.driver, made.series_id, clock=clock, bus=BUS)


async def test_one_turn_or_the_rest_can_be_cancelled(lease: Lease, clock: TestClock) -> None:
    made = await series(lease, clock, "FREQ=DAILY;COUNT=4")
    await confirm_series(lease.driver, made.series_id, clock=clock, bus=BUS)
    await cancel(lease.driver, made.reservation_ids[0], clock=clock, bus=BUS)
    since = clock.now() + timedelta(days=3)
    done = await cancel_series(
        lease.driver, made.series_id, "holidays", since, clock=clock, bus=BUS
    )
    assert done == 2
    assert await states(made) == ["CANCELLED", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert (await ReservationSeries.get(id=made.series_id)).cancelled_at == clock.now()


async def test_what_has_begun_is_not_cancelled(lease: Lease, clock: TestClock) -> None:
    made = await series(lease, clock)
    await confirm_series(lease.driver, made.series_id, clock=clock, bus=BUS)
    clock.advance(hours=25)
    assert await cancel_series(lease.owner, made.series_id, clock=clock, bus=BUS) == 2
    assert await states(made) == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    clock.advance(days=9)
    with pytest.raises(Conflict):
        await cancel_series(lease.driver, made.series_id, clock=clock, bus=BUS)


async def test_a_series_is_its_drivers_and_those_of_the_place(
    lease: Lease, clock: TestClock
) -> None:
    made = await series(lease, clock)
    seen = {
        name: made.series_id in await series_by_id(viewer, [made.series_id])
        for name, viewer in lease.everybody.items()
    }
    assert seen == {name: name != "other" for name in lease.everybody}
    with pytest.raises(NotFound):
        await cancel_series(lease.other, made.series_id, clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await cancel_series(lease.attendant, made.series_id, clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await confirm_series(lease.owner, made.series_id, clock=clock, bus=BUS)


async def test_nobody_and_nonsense_are_refused(lease: Lease, clock: TestClock) -> None:
    request = Request(lease.listing_id, None, hours(clock.now(), 24, 26))
    with pytest.raises(Unauthenticated):
        await reserve_series(ANONYMOUS, request, "FREQ=DAILY;COUNT=2", clock=clock, bus=BUS)
    with pytest.raises(InvalidInput):
        await reserve_series(lease.driver, request, "FREQ=YEARLY", clock=clock, bus=BUS)
    with pytest.raises(NotFound):
        await cancel_series(lease.driver, 999, clock=clock, bus=BUS)


async def test_turns_follow_the_clocks_of_the_place(lease: Lease, clock: TestClock) -> None:
    await Listing.filter(id=lease.listing_id).update(horizon_days=366)
    early = Window(clock.now() + timedelta(days=80), clock.now() + timedelta(days=80, hours=2))
    request = Request(lease.listing_id, None, early)
    made = await reserve_series(lease.driver, request, "FREQ=WEEKLY;COUNT=2", clock=clock, bus=BUS)
    rows = await Reservation.filter(series_id=made.series_id).order_by("starts_at")
    assert [row.starts_at.hour for row in rows] == [8, 7]
