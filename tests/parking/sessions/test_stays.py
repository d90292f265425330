"""Stays begin and end by what the devices say, each exactly once, and cost what they should."""

import asyncio
from datetime import timedelta

import pytest

from parking.access.models import LockCommand
from parking.events.models import PlaceEvent
from parking.occupancy.models import Claim, Occupancy
from parking.reservations.extend import extend, quote_extension
from parking.reservations.models import ReservationState
from parking.sessions.models import FollowCursor, SessionState
from tests.parking.reservations.steps import reservation
from tests.parking.sessions.stage import Stage

FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN
HOUR = timedelta(hours=1)


async def test_a_stay_runs_from_the_cars_arrival_to_its_departure(stage: Stage) -> None:
    booked = await stage.book()
    stage.clock.advance(hours=1, minutes=5)
    came = stage.clock.now()
    await stage.come()
    stay = await stage.stay(booked)
    assert (stay.state, stay.started_at, stay.started_by) == (SessionState.OPEN, came, "DEVICE")
    assert await stage.state(booked) is ReservationState.ACTIVE
    assert await stage.parts(stay.id) == [("BOOKED", None)]
    stage.clock.advance(hours=1, minutes=55)
    left = stage.clock.now()
    await stage.go()
    stay = await stage.stay(booked)
    assert (stay.state, stay.ended_at, stay.ended_by) == (SessionState.ENDED, left, "DEVICE")
    assert (stay.amount_minor, stay.currency) == (400, "EUR")
    assert await stage.parts(stay.id) == [("BOOKED", 400)]
    assert await stage.state(booked) is ReservationState.COMPLETED
    assert await stage.claim() is Claim.NONE
    assert (await stage.steps(booked))[-2:] == ["reservation_started", "reservation_completed"]


async def test_leaving_early_frees_the_rest_of_the_window_at_once(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=30)
    await stage.go()
    assert (await stage.stay(booked)).amount_minor == 400
    again = await stage.book(0.01, 1, viewer=stage.lease.other)
    assert await stage.state(again) is ReservationState.CONFIRMED


async def test_an_overstay_is_found_live_told_and_priced(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(hours=2)
    stay = await stage.stay(booked)
    assert stay.overstay_since == (await reservation(booked)).ends_at
    assert (await stage.steps(booked))[-1] == "reservation_overstayed"
    assert await stage.claim() is Claim.RESERVED
    await stage.pass_time(minutes=30)
    assert (await stage.steps(booked)).count("reservation_overstayed") == 1
    assert await stage.parts(stay.id) == [("BOOKED", None), ("OVERSTAY", None)]
    await stage.go()
    assert await stage.parts(stay.id) == [("BOOKED", 400), ("OVERSTAY", 200)]


async def test_an_extension_ends_an_overstay_and_is_a_part_of_its_own(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(hours=2)
    until = stage.clock.now() + HOUR
    quote = await quote_extension(stage.lease.driver, booked, until, clock=stage.clock)
    await extend(stage.lease.driver, quote, clock=stage.clock, bus=stage.bus)
    await stage.work()
    assert (await stage.stay(booked)).overstay_since is None
    await stage.pass_time(minutes=20)
    await stage.go()
    stay = await stage.stay(booked)
    assert await stage.parts(stay.id) == [("BOOKED", 400), ("EXTENSION", 200)]
    assert stay.amount_minor == (await reservation(booked)).amount_minor


async def test_who_is_let_in_at_the_very_end_parks_for_a_price(stage: Stage) -> None:
    booked = await stage.book()
    await stage.lock_bay()
    await stage.pass_time(hours=2, minutes=59)
    await stage.admit(booked)
    await stage.pass_time(minutes=2)
    await stage.come()
    stay = await stage.stay(booked)
    assert stay.started_at == (await reservation(booked)).ends_at - timedelta(seconds=1)
    await stage.pass_time(minutes=20)
    await stage.go()
    assert await stage.parts(stay.id) == [("BOOKED", 400), ("OVERSTAY", 200)]


async def test_a_car_that_comes_early_is_early(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(minutes=50)
    await stage.come()
    assert await stage.stays(booked) == []
    await stage.pass_time(minutes=10)
    stay = await stage.stay(booked)
    assert stay.started_at == (await reservation(booked)).starts_at - timedelta(minutes=10)
    await stage.pass_time(minutes=119)
    await stage.go()
    assert await stage.parts(stay.id) == [("EARLY", 200), ("BOOKED", 400)]


async def test_a_stranger_who_draws_in_and_out_before_it_begins_uses_nothing_up(
    stage: Stage,
) -> None:
    booked = await stage.book()
    await stage.pass_time(minutes=50)
    await stage.come()
    await stage.pass_time(minutes=3)
    await stage.go()
    await stage.pass_time(minutes=10)
    assert await stage.stays(booked) == []
    assert await stage.state(booked) is ReservationState.CONFIRMED


async def test_a_blink_of_the_sensor_ends_nothing(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=30)
    await stage.see(FREE)
    await stage.pass_time(seconds=59)
    await stage.come()
    await stage.pass_time(minutes=5)
    assert (await stage.stay(booked)).state is SessionState.OPEN


async def test_a_blink_that_is_told_late_and_at_once_ends_nothing(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=30)
    await stage.see(FREE, seconds_ago=20)
    await stage.see(OCCUPIED, seconds_ago=10)
    await stage.pass_time(minutes=5)
    assert (await stage.stay(booked)).state is SessionState.OPEN


async def test_a_silent_sensor_ends_nothing(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.see(UNKNOWN, by_person=True)
    await stage.pass_time(hours=1)
    assert (await stage.stay(booked)).state is SessionState.OPEN


async def test_a_visit_between_two_runs_of_the_worker_is_a_stay(stage: Stage) -> None:
    """Arrival and departure are acted on in their order, though both have happened long ago."""
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.see(OCCUPIED)
    stage.clock.advance(minutes=40)
    left = stage.clock.now()
    await stage.see(FREE)
    await stage.pass_time(minutes=10)
    stay = await stage.stay(booked)
    assert (stay.started_at, stay.ended_at) == (left - timedelta(minutes=40), left)


async def test_the_next_car_begins_the_next_stay_though_nobody_saw_the_bay_free_for_long(
    stage: Stage,
) -> None:
    first = await stage.book(1, 2)
    second = await stage.book(2, 3, viewer=stage.lease.other)
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=55)
    await stage.see(FREE)
    stage.clock.advance(minutes=6)
    await stage.see(OCCUPIED)
    await stage.work()
    assert await stage.state(first) is ReservationState.COMPLETED
    assert (await stage.stay(second)).started_at == stage.clock.now()


async def test_the_car_that_outstays_is_never_taken_for_the_next_drivers(stage: Stage) -> None:
    """The next booking is moved to another bay before it begins."""
    first = await stage.book(1, 2)
    second = await stage.book(2, 3, viewer=stage.lease.other)
    await stage.pass_time(hours=1)
    await stage.come()
    for _ in range(12):
        await stage.pass_time(minutes=6)
    assert [each.reservation_id for each in await stage.stays(first)] == [first]
    assert await stage.stays(second) == []
    moved = await reservation(second)
    assert moved.space_id != stage.lease.space_id
    assert (await stage.steps(second))[-1] == "reservation_moved"


async def test_where_there_is_no_other_bay_the_next_driver_is_told_once(stage: Stage) -> None:
    await stage.book(1, 2)
    second = await stage.book(2, 3, viewer=stage.lease.other)
    for space in (1, 2):
        await stage.book(1, 6, space=space)
    await stage.pass_time(hours=1)
    await stage.come()
    for _ in range(12):
        await stage.pass_time(minutes=6)
    told = [each for each in await stage.steps(second) if each == "reservation_bay_blocked"]
    assert len(told) == 1
    assert await stage.stays(second) == []


async def test_behind_a_lock_a_stay_needs_an_admitted_credential(stage: Stage) -> None:
    await stage.lock_bay()
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=5)
    assert await stage.stays(booked) == []
    await stage.admit(booked)
    await stage.work()
    stay = await stage.stay(booked)
    assert (stay.started_by, stay.started_at) == (
        "CREDENTIAL", stage.clock.now() - timedelta(minutes=5),
    )  # fmt: skip


async def test_the_arm_is_ordered_up_behind_the_car(stage: Stage) -> None:
    await stage.lock_bay()
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.admit(booked)
    await stage.come()
    await stage.see(FREE, by_person=True)
    await stage.pass_time(minutes=2)
    [command] = await LockCommand.all()
    assert (command.target, command.cause) == ("RAISED", "DEPARTURE")
    assert (await stage.stay(booked)).state is SessionState.ENDED


async def test_a_car_that_nobody_booked_for_begins_nothing(stage: Stage) -> None:
    booked = await stage.book(space=0)
    await stage.pass_time(hours=1)
    await stage.come(space=1)
    assert await stage.stays(booked) == []


async def test_each_change_is_acted_on_once_by_however_many_workers(stage: Stage) -> None:
    booked = [await stage.book(space=space) for space in range(3)]
    await stage.pass_time(hours=1)
    for space in range(3):
        await stage.see(OCCUPIED, space)
    await asyncio.gather(*(stage.work() for _ in range(4)))
    await stage.work()
    for each in booked:
        assert (await stage.steps(each)).count("reservation_started") == 1
    place = await PlaceEvent.all().order_by("-version").first()
    [cursor] = await FollowCursor.all()
    assert place is not None
    assert cursor.version <= place.version


async def test_a_follower_that_fell_behind_what_is_kept_looks_at_the_bays(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(minutes=50)
    stage.clock.advance(minutes=15)
    came = stage.clock.now()
    await stage.see(OCCUPIED)
    await PlaceEvent.all().delete()
    await stage.work()
    assert (await stage.stay(booked)).started_at == came


async def test_what_a_worker_did_not_finish_the_next_one_does(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stay, booking and cursor move together: half of it is never there."""
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.see(OCCUPIED)

    async def die(*_: object) -> None:
        raise RuntimeError("the worker dies")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="dies"):
        patch.setattr("parking.sessions.follow._move", die)
        await stage.work()
    assert await stage.stays(booked) == []
    assert await stage.state(booked) is ReservationState.CONFIRMED
    await stage.work()
    assert await stage.state(booked) is ReservationState.ACTIVE
