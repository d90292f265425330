"""Cancelling before use: by the driver, the lessor or the place's operator."""

from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.listings.cancellation import RefundDue, refund
from parking.places.rules import checked_text
from parking.reservations.answer import REASON_CHARACTERS_MAX
from parking.reservations.claims import show_claims
from parking.reservations.confirm import require_not_lapsed
from parking.reservations.models import Party, ReservationState
from parking.reservations.record import (
    BookingChange,
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, next_state, party, require_may
from parking.reservations.terms import terms_of


async def cancel(
    viewer: Viewer,
    reservation_id: int,
    reason: str = "",
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """Cancel a reservation that is not in use yet; what is refunded follows from its own terms.

    Raises NotFound, NotPermitted, Conflict `WRONG_STATE`, HoldExpired and InvalidInput.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=False)
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.CANCEL, viewer, reservation)
        require_not_lapsed(reservation, change)
        await cancel_in(change, viewer, reservation, text)


async def cancel_in(
    change: BookingChange,
    viewer: Viewer,
    reservation: ReservationRecord,
    reason: str,
) -> ReservationRecord:
    """`cancel` in the caller's change; who may is the caller's to say."""
    state = next_state(Step.CANCEL, reservation.state)
    by = party(viewer, reservation)
    due = refund_due(reservation, by, change.at)
    back = 0 if due is None else due.amount_minor
    cancelled = await change.step(
        reservation, Step.CANCEL, viewer, _detail(by, reason, due),
        state=state, cancelled_by=by, reason=reason, refund_minor=back, hold_until=None,
    )  # fmt: skip
    await show_claims(change, [reservation.space_id])
    return cancelled


def refund_due(reservation: ReservationRecord, by: Party, at: datetime) -> RefundDue | None:
    """What goes back to the driver if `by` cancelled at this instant; None before it was confirmed,
    when nothing was due yet. Shown before one cancels, too."""
    if reservation.state is not ReservationState.CONFIRMED:
        return None
    return refund(
        terms_of(reservation.terms).refunds,
        reservation.amount_minor,
        reservation.confirmed_at or reservation.created_at,
        reservation.starts_at,
        reservation.ends_at,
        at,
        by,
    )


def _detail(by: Party, reason: str, due: RefundDue | None) -> dict[str, object]:
    told: dict[str, object] = {"by": by, "reason": reason}
    if due is not None:
        refunded = {"amount_minor": due.amount_minor, "tier": due.tier, "why": due.explanation}
        told["refund"] = refunded
    return told
