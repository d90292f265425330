"""A booking that somebody else brought its driver is taken by them as theirs: signed in or by their
own link they said that they are there, asked for QR or key, moved the arm, or extended it.

Until then they were not asked whether they want it, and owe nothing for it (CLAIMS D19).
"""

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.queries import reservations_by_id
from parking.reservations.record import changing_bookings, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import LIVE, Side, Step, sides
from parking.reservations.terms import was_brought
from parking.storage.sql import Sql, database

TAKING = (Step.TAKE, Step.EXTEND)
"""Steps by which a driver makes a booking theirs; only a driver extends."""


async def take(viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Note, once, that the driver takes a booking that was brought to them; nothing for every other
    booking and viewer. A link that is lent is not the driver's: its holder's verbs leave this out.
    """
    seen = (await reservations_by_id(viewer, [reservation_id])).get(reservation_id)
    if seen is None or not await _is_to_take(database(), viewer, seen):
        return
    async with changing_bookings([seen.place_id], clock, bus) as change:
        booked = await locked_reservation(change.sql, reservation_id)
        if await _is_to_take(change.sql, viewer, booked):
            await change.step(booked, Step.TAKE, viewer)


async def was_taken(sql: Sql, reservation: ReservationRecord) -> bool:
    """Whether the booking is its driver's own: they booked it themselves, or took it."""
    if not was_brought(reservation.terms):
        return True
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM reservation_event WHERE reservation_id = $1"
        f" AND kind {sql.any_of('$2')} LIMIT 1",
        reservation.id,
        [each.value for each in TAKING],
    )
    return row is not None


async def _is_to_take(sql: Sql, viewer: Viewer, reservation: ReservationRecord) -> bool:
    is_theirs = Side.DRIVER in sides(viewer, reservation) and reservation.state in LIVE
    return is_theirs and not await was_taken(sql, reservation)
