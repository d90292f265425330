"""Recording where a car stands: from a booking, or by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parking.accounts.attempts import Limit, take_attempt
from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import VersionKind, VersionSource
from parking.locations.limits import (
    POSITIONS_ACTIVE_MAX,
    RECORDED_PER_DAY_MAX,
    TITLE_CHARACTERS_MAX,
)
from parking.locations.positions.facts import NOTHING, Facts, checked_given, is_empty, next_facts
from parking.locations.positions.rows import position_of_reservation, position_row
from parking.locations.positions.spaces import facts_of_space
from parking.locations.positions.telling import announce, due_telling
from parking.locations.positions.versions import Said, insert_version
from parking.locations.records import OVER
from parking.places.queries import place_by_id, spaces_by_id
from parking.places.rules import checked_text
from parking.reservations.records import SELECT_RESERVATIONS, ReservationRecord, reservation_record
from parking.reservations.rules import BOOKED
from parking.storage.locks import lock_person
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

RECORDED_PER_DAY = Limit("positions_recorded", RECORDED_PER_DAY_MAX, timedelta(days=1))


@dataclass(frozen=True, slots=True)
class NewPosition:
    """A position to be recorded. `given`: what the sharer says by hand, by the names of `Facts`;
    it is put over what a booking says."""

    reservation_id: int | None = None
    title: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


async def record_position(viewer: Viewer, new: NewPosition, *, clock: Clock, bus: Bus) -> int:
    """Keep where a car stands, as version 1; the position's id.

    From a booking: its driver's only, CONFIRMED or ACTIVE; what has a live position already keeps
    that one. By hand: at least one fact. Raises `NotFound` for a booking, place or bay of which the
    viewer may not know, `InvalidInput`, `NotPermitted` for who has not signed in as a person,
    `TooManyTries`, and `Conflict`: WRONG_STATE, TOO_MANY_POSITIONS.
    """
    person_id = require_person(viewer)
    if viewer.is_stand_in:
        raise NotPermitted("positions are for people who have signed in")
    title = checked_text("title", new.title, TITLE_CHARACTERS_MAX, is_required=False)
    given = await checked_by_hand(viewer, new.given)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            await lock_person(sql, person_id)
            booked = await _booked(sql, person_id, new.reservation_id)
            known = booked and await position_of_reservation(sql, booked.id)
            if known:
                return known.id
            await _require_room(sql, person_id)
            await take_attempt(sql, RECORDED_PER_DAY, str(person_id), b"", clock.now())
            facts = await _first_facts(sql, booked, given)
            source = VersionSource.SHARER if booked is None else VersionSource.RESERVATION
            said = Said(facts, VersionKind.BASIC, source, viewer.actor)
            return await _insert(sql, held, person_id, booked, title, said, clock.now())

    return await retried(write)


async def checked_by_hand(viewer: Viewer, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a sharer says, with a place or bay that they may know of. Raises `NotFound` and
    `InvalidInput`."""
    checked = checked_given(given)
    if checked.get("place_id") is not None:
        await place_by_id(viewer, checked["place_id"])
    space_id = checked.get("space_id")
    if space_id is not None:
        space = (await spaces_by_id(viewer, [space_id])).get(space_id)
        if space is None:
            raise NotFound("there is no such space")
        if checked.get("place_id") not in (None, space.place_id):
            raise InvalidInput("spaceId", "the space is not one of that place; give one of them")
    return checked


async def _booked(sql: Sql, person_id: int, reservation_id: int | None) -> ReservationRecord | None:
    if reservation_id is None:
        return None
    row = await sql.fetch_one(
        f"{SELECT_RESERVATIONS} WHERE r.id = $1 AND r.person_id = $2", reservation_id, person_id
    )
    if row is None:
        raise NotFound("there is no such reservation")
    booked = reservation_record(row)
    if booked.state not in BOOKED:
        raise Conflict(
            f"the reservation is {booked.state}; a position needs one that is CONFIRMED or ACTIVE",
            code="WRONG_STATE",
        )
    return booked


async def _require_room(sql: Sql, person_id: int) -> None:
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS held FROM parking_position p"
        " LEFT JOIN reservation r ON r.id = p.reservation_id"
        " WHERE p.person_id = $1 AND p.state = 'ACTIVE'"
        f" AND (r.id IS NULL OR r.state NOT IN {OVER})",
        person_id,
    )
    if row["held"] >= POSITIONS_ACTIVE_MAX:
        raise Conflict(
            f"you keep {row['held']} positions; {POSITIONS_ACTIVE_MAX} fit. End one first",
            code="TOO_MANY_POSITIONS",
        )


async def _first_facts(
    sql: Sql, booked: ReservationRecord | None, given: Mapping[str, Any]
) -> Facts:
    space_id = given.get("space_id") or (booked and booked.space_id)
    space = await facts_of_space(sql, space_id)
    facts = next_facts(NOTHING, VersionKind.BASIC, given, space=space)
    if is_empty(facts):
        raise InvalidInput(
            "input", "say at least one thing: place, floor, area, bay, coordinates or a note"
        )
    return facts


async def _insert(
    sql: Sql,
    bus: Bus,
    person_id: int,
    booked: ReservationRecord | None,
    title: str,
    said: Said,
    at: datetime,
) -> int:
    row = await sql.fetch_one(
        "INSERT INTO parking_position (person_id, reservation_id, booked_space_id, place_id, title,"
        " created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
        person_id,
        booked and booked.id,
        booked and booked.space_id,
        said.facts.place_id,
        title,
        at,
    )
    assert row is not None, "an INSERT … RETURNING gives its row"
    await insert_version(sql, row["id"], 1, said, at)
    await due_telling(sql, row["id"], at)
    position = await position_row(sql, row["id"])
    assert position is not None, "it was inserted"
    await announce(sql, bus, position, at)
    return position.id
