"""Cars that stay beyond what was booked: found live, told to driver and owner, and whoever has
booked the bay next is moved to another one, or told where there is none."""

from datetime import timedelta
from functools import partial

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.reservations.reassign import move_in
from parking.reservations.record import BookingChange, changing_bookings, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step
from parking.sessions.contracts import read_contract
from parking.sessions.limits import OVERSTAY_TOLD_MAX, PROTECT_AHEAD
from parking.sessions.records import SessionRecord
from parking.sessions.rows import is_open, session_by_id, update_session, write_open_parts
from parking.sessions.segments import segments
from parking.storage.sql import database
from parking.storage.transactions import retried

REASON = "the car before is still in the space"

_CHANGED = f"""
SELECT s.id, s.place_id FROM session s JOIN reservation r ON r.id = s.reservation_id
 WHERE s.state = 'OPEN' AND (
       (s.overstay_since IS NULL AND s.left_at IS NULL AND r.ends_at <= $1)
    OR (s.overstay_since IS NOT NULL AND r.ends_at > $1))
 ORDER BY s.id LIMIT {OVERSTAY_TOLD_MAX}
"""

_IN_THE_WAY = f"""
SELECT r.id, r.place_id FROM session s JOIN reservation r ON r.space_id = s.space_id
 WHERE s.state = 'OPEN' AND s.overstay_since IS NOT NULL AND s.left_at IS NULL
   AND r.id <> s.reservation_id AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')
   AND r.starts_at <= $1 AND r.ends_at > $2 AND NOT EXISTS (
       SELECT 1 FROM reservation_event e WHERE e.reservation_id = r.id AND e.kind = $3)
 ORDER BY r.starts_at, r.id LIMIT {OVERSTAY_TOLD_MAX}
"""


async def find_overstays(clock: Clock, bus: Bus) -> int:
    """Note which stays have gone beyond what is booked, or (extended) do so no more; how many."""
    rows = await database().fetch(_CHANGED, clock.now())
    done = 0
    for row in rows:
        done += await retried(partial(_note, row["id"], row["place_id"], clock, bus))
    return done


async def _note(session_id: int, place_id: int, clock: Clock, bus: Bus) -> int:
    async with changing_bookings([place_id], clock, bus) as change:
        session = await session_by_id(change.sql, session_id)
        if session is None or not is_open(session):
            return 0
        reservation = await locked_reservation(change.sql, session.reservation_id)
        since = reservation.ends_at if reservation.ends_at <= change.at else None
        if session.overstay_since == since or session.left_at is not None:
            return 0
        noted = await update_session(change, session, overstay_since=since)
        await _write_parts(change, noted, reservation)
        if since is not None:
            detail = {"session": session.id, "since": since.isoformat()}
            await change.step(reservation, Step.OVERSTAY, SYSTEM, detail)
    return 1


async def _write_parts(
    change: BookingChange, session: SessionRecord, reservation: ReservationRecord
) -> None:
    contract = await read_contract(change.sql, reservation)
    # A part that begins at this very instant is there, too.
    until = max(change.at, session.started_at) + timedelta.resolution
    parts = segments(contract.stay(session.started_at, until))
    await write_open_parts(change.sql, session, parts)


async def protect_next(clock: Clock, bus: Bus) -> int:
    """Move bookings that are about to begin in a bay that is outstayed; how many it concerned.

    Where there is no other bay the driver is told, once, that this one may not be free.
    """
    now = clock.now()
    rows = await database().fetch(_IN_THE_WAY, now + PROTECT_AHEAD, now, Step.BLOCK.value)
    for row in rows:
        try:
            await retried(partial(_move, row["id"], row["place_id"], clock, bus))
        except Refusal:
            await retried(partial(_tell, row["id"], row["place_id"], clock, bus))
    return len(rows)


async def _move(reservation_id: int, place_id: int, clock: Clock, bus: Bus) -> None:
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        await move_in(change, SYSTEM, reservation, REASON)


async def _tell(reservation_id: int, place_id: int, clock: Clock, bus: Bus) -> None:
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        if reservation.hold_until is None or reservation.hold_until > change.at:
            await change.step(reservation, Step.BLOCK, SYSTEM, {"reason": REASON})
