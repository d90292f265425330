"""From a booking to its use and its end: what sessions do with it, in their own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.accounts.viewer import Viewer
from parking.reservations.claims import show_claims
from parking.reservations.record import BookingChange
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, next_state


async def begin_use(
    change: BookingChange,
    reservation: ReservationRecord,
    viewer: Viewer,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> ReservationRecord:
    """The car has come, at `at`: ACTIVE. Raises Conflict `WRONG_STATE`.

    The place of the booking is one of the change's; `SYSTEM` is the viewer where devices say so.
    """
    state = next_state(Step.BEGIN, reservation.state)
    begun = await change.step(reservation, Step.BEGIN, viewer, detail, state=state, started_at=at)
    await show_claims(change, [reservation.space_id])
    return begun


async def end_use(
    change: BookingChange,
    reservation: ReservationRecord,
    viewer: Viewer,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> ReservationRecord:
    """The car has left, at `at`: COMPLETED, and what is left of the window is free at once.

    Raises Conflict `WRONG_STATE`.
    """
    state = next_state(Step.END, reservation.state)
    ended = await change.step(reservation, Step.END, viewer, detail, state=state, ended_at=at)
    await show_claims(change, [reservation.space_id])
    return ended
