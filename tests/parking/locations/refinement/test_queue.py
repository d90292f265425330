"""What attendants see of a car, and how they follow it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parking.errors import NotFound
from parking.locations.kinds import RefinementState, Terminal, VersionKind
from parking.locations.refinement.answer import take_refinement
from parking.locations.refinement.live import QueueUpdate, stream_queue
from parking.locations.refinement.queries import (
    answers_of,
    questions_by_id,
    questions_of,
    queue_of,
)
from parking.occupancy.state import UpdateKind
from parking.reservations.models import Reservation, ReservationState
from tests.support.parked import Parked

LIMIT_SECONDS = 30


async def test_the_queue_is_for_the_staff_of_the_place(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position, words="red")
    await parked.ask(position, Terminal.MAP_SERVICE)
    await parked.bind()
    place = parked.estate.place_id
    for name, viewer in parked.everybody.items():
        found = [each.question.id for each in await queue_of(viewer, place)]
        assert found == ([asked] if name in ("attendant", "operator") else []), name
        seen = await questions_by_id(viewer, [asked])
        assert bool(seen) == (name in ("attendant", "operator", "driver")), name
        mine = (await questions_of(viewer, [position]))[position]
        assert len(mine) == (2 if name == "driver" else 0), name
    [waiting] = await queue_of(parked.attendant, place)
    assert (waiting.floor, waiting.area, waiting.bay) == ("Level 1", "Blue", "A-01")
    assert (waiting.question.words, waiting.is_own) == ("red", False)


async def test_staff_see_the_version_that_is_asked_about_and_no_other(parked: Parked) -> None:
    position = await parked.parked()
    await parked.ask(position)
    await parked.revise(position, VersionKind.REFINED, bay="secret", note="secret")
    [seen] = await queue_of(parked.attendant, parked.estate.place_id)
    assert "secret" not in str(seen)


async def test_what_was_answered_is_seen_until_the_car_is_gone(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.answer(asked, floor="Level 2")
    place = parked.estate.place_id
    assert await queue_of(parked.attendant, place) == []
    done = [RefinementState.ANSWERED]
    assert [each.question.id for each in await queue_of(parked.attendant, place, done)] == [asked]
    assert (await answers_of(parked.driver, [asked]))[asked].floor == "Level 2"
    for viewer in (parked.attendant, parked.friend):
        assert await answers_of(viewer, [asked]) == {}
    reservation_id = (await parked.position(position)).reservation_id
    await Reservation.filter(id=reservation_id).update(state=ReservationState.COMPLETED)
    assert await queue_of(parked.attendant, place, done) == []
    assert await questions_by_id(parked.attendant, [asked]) == {}
    assert list(await questions_by_id(parked.driver, [asked])) == [asked]


async def following(stream: AsyncIterator[QueueUpdate]) -> QueueUpdate:
    async with asyncio.timeout(LIMIT_SECONDS):
        return await anext(stream)


async def test_two_attendants_follow_the_queue(parked: Parked) -> None:
    place = parked.estate.place_id
    streams = [stream_queue(each, place, parked.bus) for each in (parked.attendant, parked.second)]
    for stream in streams:
        assert await following(stream) == QueueUpdate(UpdateKind.SNAPSHOT, [])
    position = await parked.parked()
    asked = await parked.ask(position)
    for stream in streams:
        told = await following(stream)
        assert [each.question.id for each in told.questions] == [asked]
    await take_refinement(parked.attendant, asked, clock=parked.clock, bus=parked.bus)
    for stream in streams:
        [seen] = (await following(stream)).questions
        assert seen.question.state is RefinementState.TAKEN
    await parked.revise(position, VersionKind.MOVED, floor="elsewhere")
    for stream in streams:
        assert await following(stream) == QueueUpdate(UpdateKind.DELTA, [], (asked,))


async def test_others_follow_nothing(parked: Parked) -> None:
    for viewer in (parked.driver, parked.other, parked.elsewhere):
        with pytest.raises(NotFound):
            await anext(stream_queue(viewer, parked.estate.place_id, parked.bus))
