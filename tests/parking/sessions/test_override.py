"""The operator's word against the devices', and who may see a stay."""

from datetime import timedelta

import pytest

from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.occupancy.models import Occupancy
from parking.reservations.models import ReservationState
from parking.sessions.override import end_session, start_session
from parking.sessions.queries import (
    SessionFilter,
    find_sessions,
    segments_of,
    session_key,
    sessions_by_id,
    sessions_of_reservations,
)
from tests.parking.sessions.stage import Stage
from tests.support.leasing import somebody


async def start(stage: Stage, viewer: Viewer, reservation_id: int) -> int:
    return await start_session(viewer, reservation_id, clock=stage.clock, bus=stage.bus)


async def end(stage: Stage, viewer: Viewer, session_id: int, minutes_ago: int = 0) -> None:
    ended_at = stage.clock.now() - timedelta(minutes=minutes_ago) if minutes_ago else None
    await end_session(viewer, session_id, ended_at, clock=stage.clock, bus=stage.bus)


async def test_an_attendant_begins_and_ends_a_stay_that_no_device_sees(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    made = await start(stage, stage.lease.attendant, booked)
    assert await stage.state(booked) is ReservationState.ACTIVE
    await stage.pass_time(hours=1)
    await end(stage, stage.lease.attendant, made, minutes_ago=5)
    stay = await stage.stay(booked)
    assert (stay.started_by, stay.ended_by) == ("OPERATOR", "OPERATOR")
    assert stay.ended_at == stage.clock.now() - timedelta(minutes=5)
    assert await stage.parts(made) == [("BOOKED", 400)]


async def test_a_stay_that_was_begun_by_word_began_when_the_sensor_saw_the_car(
    stage: Stage,
) -> None:
    await stage.lock_bay()
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    await stage.pass_time(minutes=7)
    await start(stage, stage.lease.operator, booked)
    assert (await stage.stay(booked)).started_at == stage.clock.now() - timedelta(minutes=7)


async def test_a_sensor_that_has_long_said_free_does_not_end_what_was_begun_by_word(
    stage: Stage,
) -> None:
    booked = await stage.book()
    await stage.see(Occupancy.FREE)
    await stage.pass_time(hours=1)
    await start(stage, stage.lease.operator, booked)
    await stage.pass_time(minutes=10)
    assert (await stage.stay(booked)).ended_at is None


async def test_a_car_whose_stay_was_ended_by_word_begins_no_other(stage: Stage) -> None:
    first = await stage.book(1, 2)
    second = await stage.book(2.5, 3, viewer=stage.lease.other)
    await stage.pass_time(hours=2, minutes=20)
    assert await stage.state(first) is ReservationState.CONFIRMED
    await stage.come()
    made = await start(stage, stage.lease.operator, second)
    await end(stage, stage.lease.operator, made)
    third = await stage.book(1, 2, viewer=stage.lease.other)
    await stage.pass_time(minutes=65)
    assert await stage.stays(third) == []


async def test_what_cannot_be_is_refused(stage: Stage) -> None:
    operator = stage.lease.operator
    booked, next_one = await stage.book(1, 3), await stage.book(3, 4, viewer=stage.lease.other)
    with pytest.raises(Conflict) as early:
        await start(stage, operator, booked)
    assert early.value.code == "TOO_EARLY"
    await stage.pass_time(hours=1)
    made = await start(stage, operator, booked)
    with pytest.raises(Conflict) as again:
        await start(stage, operator, booked)
    assert again.value.code == "WRONG_STATE"
    await stage.pass_time(hours=1, minutes=50)
    with pytest.raises(Conflict) as in_use:
        await start(stage, operator, next_one)
    assert in_use.value.code == "BAY_IN_USE"
    for minutes in (-1, 300):
        with pytest.raises(InvalidInput):
            await end(stage, operator, made, minutes_ago=minutes)
    await end(stage, operator, made)
    with pytest.raises(Conflict) as ended:
        await end(stage, operator, made)
    assert ended.value.code == "ENDED"
    with pytest.raises(NotFound):
        await start(stage, operator, 12_345)
    with pytest.raises(NotFound):
        await end(stage, operator, 12_345)


async def test_who_sees_a_stay_and_who_may_end_it(stage: Stage) -> None:
    booked = await stage.book()
    await stage.pass_time(hours=1)
    await stage.come()
    made = (await stage.stay(booked)).id
    lease = stage.lease
    place = SessionFilter(place_id=lease.estate.place_id)
    for viewer in (lease.driver, lease.owner, lease.operator, lease.attendant, SYSTEM):
        assert list(await sessions_by_id(viewer, [made])) == [made]
        assert [each.id for each in await find_sessions(viewer, place, limit=10)] == [made]
        assert len((await segments_of(viewer, [made]))[made]) == 1
    key = Viewer(api_key_id=1, roles={lease.estate.organisation_id: frozenset()})
    stranger = await somebody("Sven")
    for viewer in (lease.other, stranger, key, ANONYMOUS):
        assert await sessions_by_id(viewer, [made]) == {}
        assert await find_sessions(viewer, place, limit=10) == []
        assert await segments_of(viewer, [made]) == {}
        assert await sessions_of_reservations(viewer, [booked]) == {booked: []}
        with pytest.raises(NotFound):
            await end(stage, viewer, made)
        with pytest.raises(NotFound):
            await start(stage, viewer, booked)
    for viewer in (lease.driver, lease.owner):
        with pytest.raises(NotPermitted):
            await end(stage, viewer, made)
        with pytest.raises(NotPermitted):
            await start(stage, viewer, booked)


async def test_stays_come_in_pages_the_latest_first(stage: Stage) -> None:
    made = []
    for space in range(3):
        booked = await stage.book(space=space)
        made.append(booked)
    for space in range(3):
        await stage.pass_time(minutes=61 if space == 0 else 5)
        await stage.come(space)
    wanted = SessionFilter(person_id=stage.lease.driver.person_id)
    page = await find_sessions(stage.lease.driver, wanted, limit=2)
    rest = await find_sessions(stage.lease.driver, wanted, limit=2, after=session_key(page[-1]))
    assert [each.reservation_id for each in [*page, *rest]] == made[::-1]
    with pytest.raises(InvalidInput):
        await find_sessions(stage.lease.driver, wanted, limit=2, after=("x", "y"))
