"""Taking a step: the row, its next version and its event in one transaction; told after it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import orjson

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.occupancy.change import PlaceChange, changing_places
from parking.reservations.records import (
    SELECT_RESERVATIONS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.rules import Step
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database

INSERT_EVENT = """
INSERT INTO reservation_event (reservation_id, version, kind, at, actor, detail)
VALUES ($1, $2, $3, $4, $5, $6)
"""


class BookingChange:
    """One transaction that changes bookings of locked places.

    `bus` holds what is published until the commit is through; `place` is the change of the places
    themselves, by which a claim is shown.
    """

    def __init__(self, place: PlaceChange, bus: HeldBus) -> None:
        self.place = place
        self.bus = bus

    @property
    def sql(self) -> Sql:
        """The transaction."""
        return self.place.sql

    @property
    def at(self) -> datetime:
        """The instant of the change."""
        return self.place.at

    async def step(
        self,
        reservation: ReservationRecord,
        step: Step,
        viewer: Viewer,
        detail: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> ReservationRecord:
        """Take a step as the viewer; see `record_step`."""
        return await record_step(
            self.sql, self.bus, reservation, step, viewer.actor, self.at, detail, **changes
        )


@asynccontextmanager
async def changing_bookings(
    place_ids: Sequence[int], clock: Clock, bus: Bus
) -> AsyncIterator[BookingChange]:
    """Lock the places and change bookings there; all or nothing, told after the commit.

    Raises NotFound when a place does not exist.
    """
    async with HeldBus(bus) as held, changing_places(place_ids, clock, held) as place:
        yield BookingChange(place, held)


async def record_step(
    sql: Sql,
    bus: Bus,
    reservation: ReservationRecord,
    step: Step,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    **changes: Any,
) -> ReservationRecord:
    """Write the changed columns, the next version and the event; the booking as it is then.

    `bus` has to hold its messages until the commit (`HeldBus`). Raises `Contended` when somebody
    else took a step in between, and Tortoise's `IntegrityError` when the window is taken.
    """
    changed = reservation._replace(version=reservation.version + 1, **changes)
    await _write(sql, reservation, changed, changes)
    await _write_event(sql, changed, step, actor, at, detail)
    await announce(bus, changed)
    return changed


async def record_made(
    sql: Sql,
    bus: Bus,
    reservation: ReservationRecord,
    step: Step,
    actor: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """The first event of a booking whose row was just inserted."""
    await _write_event(sql, reservation, step, actor, reservation.created_at, detail)
    await announce(bus, reservation)


async def _write(
    sql: Sql, before: ReservationRecord, after: ReservationRecord, changes: Mapping[str, Any]
) -> None:
    names = [*changes, "version"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=3))
    written = await sql.execute(
        f"UPDATE reservation SET {assignments} WHERE id = $1 AND version = $2",
        before.id,
        before.version,
        *(getattr(after, name) for name in names),
    )
    if written != 1:
        raise Contended(f"reservation {before.id} has changed since it was read; run it again")


async def _write_event(
    sql: Sql,
    reservation: ReservationRecord,
    step: Step,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None,
) -> None:
    text = orjson.dumps(detail or {}, option=orjson.OPT_SORT_KEYS).decode()
    await sql.execute(
        INSERT_EVENT, reservation.id, reservation.version, step.value, at, actor, text
    )


async def locked_reservation(sql: Sql, reservation_id: int) -> ReservationRecord:
    """The booking as it is under the lock of its place. Raises NotFound."""
    row = await sql.fetch_one(f"{SELECT_RESERVATIONS} WHERE r.id = $1", reservation_id)
    if row is None:
        raise NotFound("there is no such reservation")
    return reservation_record(row)


async def place_of_reservation(reservation_id: int) -> int:
    """The place to lock. Raises NotFound when there is no such booking."""
    row = await database().fetch_one(
        "SELECT place_id FROM reservation WHERE id = $1", reservation_id
    )
    if row is None:
        raise NotFound("there is no such reservation")
    return int(row["place_id"])


async def announce(bus: Bus, reservation: ReservationRecord) -> None:
    """Tell the four who follow that there is a new version; they read the row again."""
    told = {"reservation_id": reservation.id, "version": reservation.version}
    body = orjson.dumps(told)
    for topic in topics_of(reservation):
        await bus.publish(topic, body)


def topics_of(reservation: ReservationRecord) -> tuple[str, ...]:
    """Where a booking's steps are told."""
    return (
        reservation_topic(reservation.id),
        person_topic(reservation.person_id),
        organisation_topic(reservation.organisation_id),
        place_bookings_topic(reservation.place_id),
    )


def reservation_topic(reservation_id: int) -> str:
    """The steps of one booking."""
    return f"reservation:{reservation_id}"


def person_topic(person_id: int) -> str:
    """The steps of a driver's bookings."""
    return f"person:{person_id}:reservations"


def organisation_topic(organisation_id: int) -> str:
    """The steps of a lessor's bookings."""
    return f"organisation:{organisation_id}:reservations"


def place_bookings_topic(place_id: int) -> str:
    """The steps of the bookings of a place."""
    return f"place:{place_id}:reservations"
