"""Moving a booking to another bay when its own fails: closed, blocked by a car, its lock broken.

The driver pays what was agreed, under the terms that were agreed; the database decides whether the
new bay is free. The contract's next version names it.
"""

from typing import Any

from tortoise.exceptions import IntegrityError

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.places.rules import checked_text
from parking.reservations.agreements import amend_agreement
from parking.reservations.answer import REASON_CHARACTERS_MAX
from parking.reservations.claims import show_claims
from parking.reservations.confirm import require_not_lapsed
from parking.reservations.holding import taken
from parking.reservations.lapse import expire_in_the_way
from parking.reservations.record import (
    BookingChange,
    announce,
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.replacement import Bay, best_replacement, booked_bay, candidates
from parking.reservations.rules import Step, next_state, require_may
from parking.storage.sql import Sql


class NoReplacement(Refusal):
    """No other bay of the place serves as well and is idle for the window."""

    code = "NO_REPLACEMENT"

    def __init__(self) -> None:
        super().__init__(
            "no other space of the place is free then and serves as well; "
            "choose another time, or cancel, which refunds all"
        )


async def reassign(
    viewer: Viewer,
    reservation_id: int,
    reason: str = "",
    space_id: int | None = None,
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """Move a booking to the best other bay, or to the one named if it serves as well.

    For the lessor, and for who works at the place. Raises NotFound, NotPermitted, Conflict
    `WRONG_STATE`, HoldExpired, NoReplacement, WindowTaken and InvalidInput.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=False)
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.MOVE, viewer, reservation)
        await move_in(change, viewer, reservation, text, space_id)


async def move_in(
    change: BookingChange,
    viewer: Viewer,
    reservation: ReservationRecord,
    reason: str,
    space_id: int | None = None,
) -> ReservationRecord:
    """`reassign` in the caller's change; who may is the caller's to say (`SYSTEM` protects)."""
    next_state(Step.MOVE, reservation.state)
    require_not_lapsed(reservation, change)
    booked, bay = await _replacement(change, reservation, space_id)
    until = reservation.ends_at + bay.turnover
    await expire_in_the_way(change, bay.space_id, until, reservation.starts_at)
    detail = {"from": booked.number, "to": bay.number, "reason": reason}
    try:
        moved = await change.step(
            reservation, Step.MOVE, viewer, detail, space_id=bay.space_id,
            listing_id=bay.listing_id, organisation_id=bay.lessor_id, blocked_until=until,
        )  # fmt: skip
    except IntegrityError as error:
        raise taken(error) from error
    await amend_agreement(change.sql, moved, change.at, **await _named(change.sql, bay))
    await show_claims(change, [booked.space_id, bay.space_id])
    if moved.organisation_id != reservation.organisation_id:  # who had it hears that it is gone
        await announce(change.bus, reservation._replace(version=moved.version))
    return moved


async def _replacement(
    change: BookingChange, reservation: ReservationRecord, space_id: int | None
) -> tuple[Bay, Bay]:
    booked = await booked_bay(change.sql, reservation)
    found = await candidates(change.sql, reservation, change.at)
    bay = best_replacement(booked, [each for each in found if space_id in (None, each.space_id)])
    if bay is None:
        raise NoReplacement
    return booked, bay


async def _named(sql: Sql, bay: Bay) -> dict[str, Any]:
    """What of the contract's words changes with the bay."""
    [row] = await sql.fetch("SELECT name FROM organisation WHERE id = $1", bay.lessor_id)
    return {
        "space": {"id": bay.space_id, "number": bay.number},
        "lessor": {"organisation_id": bay.lessor_id, "name": row["name"]},
    }
