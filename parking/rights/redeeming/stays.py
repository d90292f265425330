"""The stay under way that a vehicle's rights go into.

It is of the vehicle's plate, or of no plate and the driver's own booking. With the plate it has to
be booked by the same person, or the operator has to have approved that this driver speaks for the
vehicle: else whoever types in a stranger's plate would learn where that car is, and since when.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.reservations.records import (
    RESERVATION_COLUMNS,
    ReservationRecord,
    reservation_record,
)
from parking.storage.sql import Sql, as_time, as_time_or_none
from parking.vehicles.queries import enrolments_of_plate, is_proven, proven_of
from parking.vehicles.records import EnrolmentRecord

_SELECT = f"""
SELECT {RESERVATION_COLUMNS}, p.organisation_id AS operator_id, p.time_zone AS place_time_zone,
       s.id AS session_id, s.started_at AS session_started_at, s.left_at AS session_left_at
  FROM reservation r JOIN place p ON p.id = r.place_id
  JOIN session s ON s.reservation_id = r.id AND s.state = 'OPEN'
 WHERE r.state = 'ACTIVE' AND
"""


class Stay(NamedTuple):
    """A stay that goes on; `left_at`: the bay was seen free since, and it ends if that lasts."""

    reservation: ReservationRecord
    session_id: int
    started_at: datetime
    left_at: datetime | None
    time_zone: str


async def stay_of_enrolment(sql: Sql, enrolment: EnrolmentRecord, place_id: int) -> Stay | None:
    """The stay at the place that the enrolment's rights may go into, the latest if there are two;
    the one of its plate before one without a plate."""
    if not enrolment.is_live:
        return None
    rows = await sql.fetch(
        f"{_SELECT} r.place_id = $1 AND (r.plate = $2 OR (r.plate = '' AND r.person_id = $3))"
        " ORDER BY (CASE WHEN r.plate = '' THEN 1 ELSE 0 END), s.started_at DESC, s.id DESC",
        place_id,
        enrolment.plate,
        enrolment.person_id,
    )
    stays = [_stay(row) for row in rows]
    own = [each for each in stays if each.reservation.person_id == enrolment.person_id]
    if stays != own and await is_proven(sql, enrolment.id, stays[0].reservation.operator_id):
        own = stays
    return next(iter(own), None)


async def stay_of_plate(sql: Sql, place_id: int, plate: str) -> Stay | None:
    """The stay at the place under this plate (normalised), the latest if there are two."""
    rows = await sql.fetch(
        f"{_SELECT} r.place_id = $1 AND r.plate = $2 ORDER BY s.started_at DESC, s.id DESC",
        place_id,
        plate,
    )
    return _stay(rows[0]) if rows else None


async def stay_of_reservation(sql: Sql, reservation_id: int) -> Stay | None:
    """The stay under way of a booking."""
    rows = await sql.fetch(f"{_SELECT} r.id = $1", reservation_id)
    return _stay(rows[0]) if rows else None


async def drivers_of(sql: Sql, stay: Stay) -> list[EnrolmentRecord]:
    """The enrolments whose rights may go into a stay without their driver saying so: of its plate,
    its own driver's or of who has proven to the operator to speak for the vehicle."""
    booked = stay.reservation
    enrolled = await enrolments_of_plate(sql, booked.plate)
    others = [each.id for each in enrolled if each.person_id != booked.person_id]
    proven = await proven_of(sql, others, booked.operator_id)
    return [each for each in enrolled if each.id not in others or each.id in proven]


def _stay(row: Mapping[str, Any]) -> Stay:
    told = dict(row)
    session_id, zone = told.pop("session_id"), told.pop("place_time_zone")
    started_at = as_time(told.pop("session_started_at"))
    left_at = as_time_or_none(told.pop("session_left_at"))
    return Stay(reservation_record(told), session_id, started_at, left_at, zone)
