"""The claim axis: what the bookings of a space make it show now."""

from collections.abc import Sequence

from parking.occupancy.models import Claim
from parking.reservations.record import BookingChange
from parking.reservations.records import (
    SELECT_RESERVATIONS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.rules import CLAIM_AHEAD, claim_due, strongest

_NEAR = (
    "r.claim = 'NONE' AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
    " AND r.starts_at <= $2 AND (r.ends_at > $3 OR r.state = 'ACTIVE')"
)


async def show_claims(change: BookingChange, space_ids: Sequence[int]) -> None:
    """Work out the claim of these spaces anew from their bookings, after the steps are written.

    Does nothing where it already shows.
    """
    wanted = sorted(set(space_ids))
    if not wanted:
        return
    bookings = await _near_now(change, wanted)
    for booking in bookings:
        await _note(change, booking)
    states = await change.place.states(wanted)
    for state in states.values():
        mine = [each for each in bookings if each.space_id == state.space_id]
        shown = strongest(claim_due(each, change.at) for each in mine)
        if state.claim is not shown:
            state.claim = shown
            change.place.put(state)


async def _near_now(change: BookingChange, space_ids: list[int]) -> list[ReservationRecord]:
    # Two questions, each with an index of its own: one with OR would read a bay's whole history.
    of_spaces = f"{SELECT_RESERVATIONS} WHERE r.space_id {change.sql.any_of('$1')}"
    rows = await change.sql.fetch(
        f"{of_spaces} AND r.claim <> 'NONE' UNION ALL {of_spaces} AND {_NEAR}",
        space_ids,
        change.at + CLAIM_AHEAD,
        change.at,
    )
    return [reservation_record(row) for row in rows]


async def _note(change: BookingChange, booking: ReservationRecord) -> None:
    """Keep on the row what it shows, by which the worker finds those that are due to change."""
    due = claim_due(booking, change.at)
    if booking.claim is not due:
        await change.sql.execute("UPDATE reservation SET claim = $2 WHERE id = $1", booking.id, due)


def is_due(booking: ReservationRecord, change: BookingChange) -> bool:
    """Whether the booking has, or had, anything to show: most are far in the future."""
    return booking.claim is not Claim.NONE or claim_due(booking, change.at) is not Claim.NONE
