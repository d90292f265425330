"""What becomes of positions by their bookings."""

from datetime import datetime

import pytest

from parking.events.bus import Bus
from parking.locations.kinds import (
    BindingScope,
    BindingState,
    PositionState,
    RefinementState,
    VersionKind,
)
from parking.locations.kinds import VersionSource as Source
from parking.locations.models import (
    ParkingPosition,
    PositionBinding,
    PositionLink,
    RefinementRequest,
)
from parking.locations.positions import follow as follow_module
from parking.locations.positions.end import end_in
from parking.locations.positions.follow import FOLLOWED, follow_positions
from parking.locations.records import PositionRecord
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import Sql, database
from tests.support.parked import Parked


async def follow(parked: Parked) -> int:
    return await follow_positions(parked.clock, parked.bus)


async def test_another_bay_is_a_move(parked: Parked) -> None:
    booked = await parked.book()
    position = await parked.record(booked, note="by the lift")
    assert await follow(parked) == 0
    await Reservation.filter(id=booked.id).update(space_id=parked.bays.space(1))
    assert await follow(parked) == 1
    version = await parked.newest(position)
    assert (version.number, version.kind, version.source) == (
        2, VersionKind.MOVED, Source.RESERVATION,
    )  # fmt: skip
    assert (version.floor, version.bay, version.note) == ("Level 2", "A-02", "")
    assert await follow(parked) == 0


async def test_where_the_sharer_says_they_are_the_booking_does_not_move_them(
    parked: Parked,
) -> None:
    position = await parked.parked()
    await parked.revise(position, VersionKind.CORRECTED, space_id=parked.bays.space(2))
    assert await follow(parked) == 0
    assert (await parked.newest(position)).bay == "A-03"


async def test_the_end_of_the_stay_ends_all_that_hangs_on_it(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    stay = await parked.bind(scope=BindingScope.ONE_STAY, position_id=position)
    always = await parked.bind(parked.other)
    link = await PositionLink.create(
        position_id=position, token_hash="x", created_at=parked.clock.now(),
        expires_at=parked.clock.now(),
    )  # fmt: skip
    reservation_id = (await parked.position(position)).reservation_id
    await Reservation.filter(id=reservation_id).update(state=ReservationState.COMPLETED)
    assert (await parked.position(position)).state is PositionState.ENDED
    assert (await parked.position(position)).ended_at is None
    assert await follow(parked) == 1
    assert (await parked.position(position)).ended_at == parked.clock.now()
    row = await RefinementRequest.get(id=asked)
    assert row.state is RefinementState.CANCELLED
    assert (await PositionBinding.get(id=stay.id)).state is BindingState.EXPIRED
    assert (await PositionBinding.get(id=always.id)).state is BindingState.ACTIVE
    assert (await PositionLink.get(id=link.id)).revoked_at is not None
    assert await follow(parked) == 0
    assert (await ParkingPosition.get(id=position)).state is PositionState.ENDED


async def test_one_that_always_fails_holds_up_nobody(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    positions = [await parked.parked(index) for index in range(3)]
    await Reservation.all().update(state=ReservationState.COMPLETED)

    async def broken(
        sql: Sql, bus: Bus, position: PositionRecord, at: datetime, reason: str
    ) -> PositionRecord:
        if position.id == positions[0]:
            raise RuntimeError("broken")
        return await end_in(sql, bus, position, at, reason)

    monkeypatch.setattr(follow_module, "end_in", broken)
    monkeypatch.setattr(follow_module, "FOLLOWED_MAX", 1)
    limited = FOLLOWED.replace("LIMIT 200", "LIMIT 1")
    assert limited != FOLLOWED
    monkeypatch.setattr(follow_module, "FOLLOWED", limited)
    assert await follow(parked) == 2
    ended = [(await parked.position(each)).ended_at is not None for each in positions]
    assert ended == [False, True, True]


async def test_live_positions_are_read_before_bookings(parked: Parked) -> None:
    """However many bookings there were: they are found by their key."""
    sql = database()
    if sql.dialect == "postgres":
        return  # it counts rows and decides by them; here there are too few to tell
    await parked.parked()
    plan = [row["detail"] for row in await sql.fetch(f"EXPLAIN QUERY PLAN {FOLLOWED}", 0)]
    assert "parking_position_reservation" in plan[0], plan
    assert plan[1] == "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)", plan
