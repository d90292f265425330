"""What an observation of a bay means for its stays: the one way by which devices begin and end
them. Saying the same twice does nothing the second time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.accounts.viewer import SYSTEM
from parking.occupancy.models import Occupancy
from parking.reservations.record import BookingChange
from parking.reservations.records import (
    RESERVATION_COLUMNS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.rules import ARRIVAL
from parking.sessions.limits import EARLY
from parking.sessions.models import SessionCause
from parking.sessions.records import SessionRecord
from parking.sessions.rows import note_left, open_session
from parking.sessions.rules import Arrival, Departure, beginning, departure
from parking.sessions.stays import begin_stay, end_stay
from parking.storage.sql import as_time_or_none

CANDIDATES = f"""
SELECT {RESERVATION_COLUMNS}, p.organisation_id AS operator_id,
       EXISTS (SELECT 1 FROM device d WHERE d.space_id = r.space_id AND d.kind = 'LOCK'
                  AND d.revoked_at IS NULL) AS has_lock,
       (SELECT MAX(a.at) FROM access_event a WHERE a.reservation_id = r.id
           AND a.space_id = r.space_id AND a.outcome = 'GRANTED') AS admitted_at,
       (SELECT MAX(c.delivered_at) FROM lock_command c WHERE c.reservation_id = r.id
           AND c.space_id = r.space_id AND c.target = 'LOWERED') AS opened_at,
       (SELECT MAX(s.ended_at) FROM session s WHERE s.space_id = r.space_id) AS left_at
  FROM reservation r JOIN place p ON p.id = r.place_id
 WHERE r.space_id = $1 AND r.state = 'CONFIRMED' AND r.starts_at <= $2 AND r.ends_at > $3
 ORDER BY r.starts_at, r.id
"""


class Sighting(NamedTuple):
    """Since `since` the bay has been `occupancy`; told at `at`. Times are aware UTC."""

    space_id: int
    occupancy: Occupancy
    since: datetime | None
    at: datetime


async def witness(change: BookingChange, seen: Sighting) -> int:
    """Begin or end the stay that the sighting tells of; how many stays it changed.

    The place of the bay is one of the change's.
    """
    session = await open_session(change.sql, seen.space_id)
    if session is None:
        return await _arrive(change, seen)
    return await _leave(change, session, seen)


async def _leave(change: BookingChange, session: SessionRecord, seen: Sighting) -> int:
    first = session.started_at
    match departure(seen.occupancy, seen.since, first, session.left_at, seen.at):
        case Departure.LEAVES if session.left_at is None:
            await note_left(change.sql, session, seen.since)
        case Departure.CAME_BACK:
            await note_left(change.sql, session, None)
        case Departure.IS_OVER:
            left_at = session.left_at or seen.since
            assert left_at is not None, "what is over was seen free"
            await end_stay(change, session, left_at, SessionCause.DEVICE, SYSTEM)
            return 1 + await _arrive(change, seen)
    return 0


async def _arrive(change: BookingChange, seen: Sighting) -> int:
    if seen.occupancy is not Occupancy.OCCUPIED or seen.since is None:
        return 0
    rows = await change.sql.fetch(CANDIDATES, seen.space_id, seen.at + EARLY, seen.since - ARRIVAL)
    found = [(reservation_of(row), arrival_of(row, seen)) for row in rows]
    # Whom a credential was admitted for is known; that somebody booked is only likely.
    found.sort(key=lambda pair: pair[1].admitted_at is None)
    for reservation, arrival in found:
        begins = beginning(arrival, seen.at)
        if begins is not None:
            await begin_stay(change, reservation, begins, SYSTEM)
            return 1
    return 0


def reservation_of(row: Mapping[str, Any]) -> ReservationRecord:
    """The booking in a row of `CANDIDATES`."""
    return reservation_record({name: row[name] for name in ReservationRecord._fields})


def arrival_of(row: Mapping[str, Any], seen: Sighting) -> Arrival:
    """The facts in a row of `CANDIDATES`."""
    reservation = reservation_of(row)
    shown = [as_time_or_none(row[name]) for name in ("admitted_at", "opened_at")]
    return Arrival(
        occupancy=seen.occupancy,
        since=seen.since,
        state=reservation.state,
        booked_at=reservation.created_at,
        starts_at=reservation.starts_at,
        ends_at=reservation.ends_at,
        has_lock=bool(row["has_lock"]),
        admitted_at=max((at for at in shown if at is not None), default=None),
        left_at=as_time_or_none(row["left_at"]),
    )
