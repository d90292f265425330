"""Recording where a car stands, from a booking and by hand."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    TooManyTries,
    Unauthenticated,
)
from parking.locations.kinds import PositionState, VersionKind, VersionSource
from parking.locations.limits import POSITIONS_ACTIVE_MAX
from parking.locations.models import ParkingPosition
from parking.locations.positions import record as recording
from parking.locations.positions.record import RECORDED_PER_DAY, NewPosition, record_position
from parking.places.models import Place
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.rules import BOOKED
from tests.support.parked import LATITUDE, LONGITUDE, Parked


async def test_a_booking_says_where(parked: Parked) -> None:
    booked = await parked.book()
    made = await parked.record(booked)
    position, version = await parked.position(made), await parked.newest(made)
    assert (position.state, position.version, position.place_id) == (
        PositionState.ACTIVE, 1, parked.estate.place_id,
    )  # fmt: skip
    assert (version.kind, version.source) == (VersionKind.BASIC, VersionSource.RESERVATION)
    assert (version.floor, version.area, version.bay) == ("Level 1", "Blue", "A-01")
    assert (version.latitude, version.longitude) == (LATITUDE, LONGITUDE)
    assert version.actor == parked.driver.actor
    assert version.space_id == booked.space_id


async def test_what_is_said_by_hand_is_put_over_what_the_booking_says(parked: Parked) -> None:
    made = await parked.record(await parked.book(1), note="by the lift")
    version = await parked.newest(made)
    assert (version.floor, version.area, version.bay, version.note) == (
        "Level 2", "", "A-02", "by the lift",
    )  # fmt: skip


async def test_a_booking_has_one_live_position(parked: Parked) -> None:
    booked = await parked.book()
    found = await asyncio.gather(*(parked.record(booked) for _ in range(4)))
    assert len(set(found)) == 1
    await parked.end(found[0])
    assert await parked.record(booked) != found[0]
    assert await ParkingPosition.all().count() == 2


async def test_by_hand(parked: Parked) -> None:
    made = await parked.record(
        place_id=parked.estate.place_id, floor=" Deck  3 ", bay="17", latitude=48.0, longitude=9.0,
        accuracy_metres=12.0,
    )  # fmt: skip
    version = await parked.newest(made)
    assert version.source is VersionSource.SHARER
    assert (version.floor, version.bay, version.accuracy_metres) == ("Deck 3", "17", 12.0)
    assert (await parked.position(made)).place_id == parked.estate.place_id


async def test_by_hand_a_bay_of_the_plan_brings_its_facts(parked: Parked) -> None:
    version = await parked.newest(await parked.record(space_id=parked.bays.space(1)))
    assert (version.floor, version.bay) == ("Level 2", "A-02")


async def test_a_booking_that_is_not_live(parked: Parked) -> None:
    booked = await parked.book()
    for state in set(ReservationState) - BOOKED:
        await Reservation.filter(id=booked.id).update(state=state)
        with pytest.raises(Conflict) as refused:
            await parked.record(booked)
        assert refused.value.code == "WRONG_STATE"


async def test_only_their_own_booking(parked: Parked) -> None:
    booked = await parked.book()
    for viewer in (parked.friend, parked.operator, parked.attendant):
        with pytest.raises(NotFound):
            await record(parked, viewer, NewPosition(booked.id))


async def test_who_has_not_signed_in_records_nothing(parked: Parked) -> None:
    new = NewPosition(given={"floor": "1"})
    with pytest.raises(Unauthenticated):
        await record(parked, ANONYMOUS, new)
    for viewer in (Viewer(api_key_id=1), replace(parked.driver, link_of=1)):
        with pytest.raises(NotPermitted):
            await record(parked, viewer, new)


async def test_nothing_said_is_no_position(parked: Parked) -> None:
    with pytest.raises(InvalidInput):
        await parked.record(floor="  ")


async def test_a_private_place_is_nobodys_to_name(parked: Parked) -> None:
    await Place.filter(id=parked.estate.place_id).update(is_public=False)
    place, space = {"place_id": parked.estate.place_id}, {"space_id": parked.bays.space()}
    named: list[dict[str, Any]] = [place, space]
    for given in named:
        with pytest.raises(NotFound):
            await parked.record(**given)
    assert await parked.record(await parked.book())


async def test_a_bay_of_another_place(parked: Parked) -> None:
    [other] = await Place.exclude(id=parked.estate.place_id)
    with pytest.raises(InvalidInput):
        await parked.record(place_id=other.id, space_id=parked.bays.space())


async def test_so_many_at_a_time(parked: Parked) -> None:
    first = await parked.parked()
    for number in range(POSITIONS_ACTIVE_MAX - 1):
        await parked.record(floor=str(number))
    with pytest.raises(Conflict) as refused:
        await parked.record(floor="one more")
    assert refused.value.code == "TOO_MANY_POSITIONS"
    position = await parked.position(first)
    await Reservation.filter(id=position.reservation_id).update(state=ReservationState.COMPLETED)
    assert await parked.record(floor="one more")


async def test_so_many_a_day(parked: Parked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "RECORDED_PER_DAY", replace(RECORDED_PER_DAY, count_max=2))
    booked = await parked.book()
    made = await parked.record(booked)
    assert await parked.record(booked) == made  # nothing new
    await parked.end(await parked.record(floor="2"))
    with pytest.raises(TooManyTries):
        await parked.record(floor="3")
    parked.clock.advance(hours=24)
    assert await parked.record(floor="3")


async def record(parked: Parked, viewer: Viewer, new: NewPosition) -> int:
    return await record_position(viewer, new, clock=parked.clock, bus=parked.bus)
