"""The lessor's answer to a request, where a listing asks (mode ASK)."""

from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.places.rules import checked_text
from parking.reservations.agreements import lessor_accepts
from parking.reservations.claims import is_due, show_claims
from parking.reservations.confirm import require_not_lapsed
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import Party
from parking.reservations.record import (
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, next_state, require_may

REASON_CHARACTERS_MAX = 500


async def accept(
    viewer: Viewer,
    reservation_id: int,
    *,
    clock: Clock,
    bus: Bus,
    limits: BookingLimits = DEFAULTS,
) -> None:
    """Accept a request; its driver may now confirm it. For the lessor.

    Raises NotFound, NotPermitted, Conflict `WRONG_STATE` and HoldExpired.
    """
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.ACCEPT, viewer, reservation)
        require_not_lapsed(reservation, change)
        state = next_state(Step.ACCEPT, reservation.state)
        until = payment_until(reservation, change.at, limits)
        accepted = await change.step(
            reservation, Step.ACCEPT, viewer, state=state, hold_until=until
        )
        await lessor_accepts(change.sql, reservation_id, change.at)
        if is_due(accepted, change):
            await show_claims(change, [accepted.space_id])


async def decline(
    viewer: Viewer, reservation_id: int, reason: str, *, clock: Clock, bus: Bus
) -> None:
    """Decline a request, with a reason that its driver reads (it may be empty). For the lessor.

    Raises NotFound, NotPermitted, Conflict `WRONG_STATE`, HoldExpired and InvalidInput.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=False)
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.DECLINE, viewer, reservation)
        require_not_lapsed(reservation, change)
        state = next_state(Step.DECLINE, reservation.state)
        await change.step(
            reservation, Step.DECLINE, viewer, {"reason": text},
            state=state, reason=text, cancelled_by=Party.OWNER, refund_minor=0, hold_until=None,
        )  # fmt: skip
        await show_claims(change, [reservation.space_id])


def payment_until(reservation: ReservationRecord, now: datetime, limits: BookingLimits) -> datetime:
    """How long an accepted request is kept for its driver, who need not be there when the answer
    comes: as long as the lessor could think, but not past the start; a hold's time at least."""
    return max(now + limits.hold, min(now + limits.ask, reservation.starts_at))
