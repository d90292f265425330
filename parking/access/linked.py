"""What whoever holds a booking's link sees of it: the bay and the way to it, whether or not the
place is shown to everybody. Nothing here tells the state of another bay, or who parks there.

The token is the right (`reservations.links`): nobody else's viewer is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from parking.access.bays import live_claims, lock_of, require_held
from parking.access.credentials import admission
from parking.access.models import LockTarget
from parking.access.move import move_lock
from parking.access.rules import Claimant, may_use
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.models import LockState
from parking.places.models import SubplaceKind
from parking.places.queries import spaces_by_place, subplaces_by_place
from parking.places.records import (
    PLACE_COLUMNS,
    SPACE_COLUMNS,
    PlaceRecord,
    SpaceRecord,
    SubplaceRecord,
    place_record,
    space_record,
)
from parking.reservations.links import holder
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import BOOKED, MACHINE, Step, has_lapsed, may_take
from parking.storage.sql import database

BAYS_MAX = 1_000
"""Bays that the plan of a level shows; of a larger one those nearest to the booking's own."""


@dataclass(frozen=True, slots=True)
class Way:
    """The place, the bay and its arm, its level if it has one, and the bays to draw around it."""

    place: PlaceRecord
    space: SpaceRecord
    lock: LockState
    level: str
    bays: Sequence[SpaceRecord]


@dataclass(frozen=True, slots=True)
class Means:
    """What the holder may do and use at this instant. `is_let_in`: the booking holds, and nobody
    else's is not over; whether or not an arm is in the way."""

    may_extend: bool
    may_confirm: bool
    may_cancel: bool
    may_move_lock: bool
    is_let_in: bool
    has_lock: bool
    has_reader: bool
    opens_at: datetime
    is_open: bool

    @property
    def lent(self) -> "Means":
        """The same without what costs the driver money."""
        return replace(self, may_extend=False, may_confirm=False, may_cancel=False)


async def way_of(reservation: ReservationRecord) -> Way:
    """Where the booking is; also when place or bay were retired since."""
    place_id, sql = reservation.place_id, database()
    [place] = await sql.fetch(f"SELECT {PLACE_COLUMNS} FROM place p WHERE p.id = $1", place_id)
    [row] = await sql.fetch(
        f"SELECT {SPACE_COLUMNS} FROM space s WHERE s.id = $1", reservation.space_id
    )
    state = await sql.fetch_one(
        "SELECT lock FROM space_state WHERE space_id = $1", reservation.space_id
    )
    space = space_record(row)
    level, bays = await around(space)
    return Way(
        place=place_record(place),
        space=space,
        lock=LockState.UNKNOWN if state is None else LockState(state["lock"]),
        level=level,
        bays=bays,
    )


async def around(space: SpaceRecord) -> tuple[str, Sequence[SpaceRecord]]:
    """The name of the level that a bay is on, empty without one, and the bays to draw around it."""
    place_id = space.place_id
    levels = _levels((await subplaces_by_place(SYSTEM, [place_id]))[place_id])
    level = levels.get(space.subplace_id or 0)
    bays = (await spaces_by_place(SYSTEM, [place_id]))[place_id]
    same = [each for each in bays if levels.get(each.subplace_id or 0) == level]
    return level.name if level else "", _nearest(same, space)


async def means_of(reservation: ReservationRecord, now: datetime) -> Means:
    """What the holder of the link may do."""
    sql = database()
    has_lock = await lock_of(sql, reservation.space_id) is not None
    claims = await live_claims(sql, reservation.space_id, now)
    opens_at, closes_at = admission(reservation)
    is_live = reservation.state in BOOKED
    is_let_in = may_use(_claimant(reservation), claims, now)
    is_over = now >= closes_at and not _may(Step.END, reservation)
    return Means(
        may_extend=_takes(Step.EXTEND, reservation) and not is_over,
        may_confirm=_takes(Step.CONFIRM, reservation) and not has_lapsed(reservation, now),
        may_cancel=_takes(Step.CANCEL, reservation) and not has_lapsed(reservation, now),
        may_move_lock=has_lock and is_let_in,
        is_let_in=is_let_in,
        has_lock=has_lock,
        has_reader=await _has_reader(reservation),
        opens_at=opens_at,
        is_open=is_live and opens_at <= now and not is_over,
    )


async def move_linked_lock(
    reservation: ReservationRecord, target: LockTarget, *, clock: Clock, bus: Bus
) -> int:
    """Order the arm of the booking's bay up or down, as its holder; the command's id.

    The booking itself has to hold now, not only another of the same driver. Raises NoClaim and
    what `move_lock` raises.
    """
    await require_held(database(), reservation.id, reservation.space_id, clock.now())
    return await move_lock(holder(reservation), reservation.space_id, target, clock=clock, bus=bus)


def _takes(step: Step, reservation: ReservationRecord) -> bool:
    return _may(step, reservation) and may_take(step, holder(reservation), reservation)


def _may(step: Step, reservation: ReservationRecord) -> bool:
    return reservation.state in MACHINE[step]


def _claimant(reservation: ReservationRecord) -> Claimant:
    return Claimant(
        reservation_id=reservation.id,
        space_id=reservation.space_id,
        person_id=reservation.person_id,
        organisation_id=reservation.organisation_id,
        state=reservation.state,
        starts_at=reservation.starts_at,
        ends_at=reservation.ends_at,
    )


async def _has_reader(reservation: ReservationRecord) -> bool:
    """Whether something at the bay, or at the place's entrance, reads credentials."""
    row = await database().fetch_one(
        "SELECT 1 AS yes FROM device WHERE kind = 'READER' AND revoked_at IS NULL"
        " AND place_id = $1 AND (space_id = $2 OR space_id IS NULL) LIMIT 1",
        reservation.place_id,
        reservation.space_id,
    )
    return row is not None


def _levels(subplaces: Sequence[SubplaceRecord]) -> dict[int, SubplaceRecord]:
    """The level of each subplace; a row or zone lies on the level with its number."""
    floors = [each for each in subplaces if each.kind is SubplaceKind.FLOOR_OR_LEVEL]
    by_number = {floor.level: floor for floor in floors}
    own = {floor.id: floor for floor in floors}
    others = {each.id: by_number.get(each.level) for each in subplaces if each.id not in own}
    return own | {key: floor for key, floor in others.items() if floor is not None}


def _nearest(bays: Sequence[SpaceRecord], own: SpaceRecord) -> Sequence[SpaceRecord]:
    def distance2(bay: SpaceRecord) -> float:
        return (bay.x_metres - own.x_metres) ** 2 + (bay.y_metres - own.y_metres) ** 2

    return sorted(bays, key=distance2)[:BAYS_MAX]
