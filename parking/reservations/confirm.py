"""Confirming: the hold is looked at again, the price is secured, the contract is made."""

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.models import Service
from parking.reservations.agreements import renter_accepts
from parking.reservations.claims import is_due, show_claims
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.record import (
    BookingChange,
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.refusals import HoldExpired, SpaceClosed
from parking.reservations.rules import Step, has_lapsed, next_state, require_may


async def confirm(
    viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus, funding: Funding = DUE_AT_END
) -> None:
    """Make a hold a booking. For the driver.

    What became of the listing meanwhile does not matter: it was held. `funding.prepare` comes
    before, outside of every transaction. Raises NotFound, NotPermitted, Conflict `WRONG_STATE`,
    HoldExpired, SpaceClosed and `NotFunded`.
    """
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.CONFIRM, viewer, reservation)
        await confirm_in(change, viewer, reservation, funding)


async def confirm_in(
    change: BookingChange,
    viewer: Viewer,
    reservation: ReservationRecord,
    funding: Funding = DUE_AT_END,
) -> ReservationRecord:
    """`confirm` in the caller's change; who may is the caller's to say."""
    require_not_lapsed(reservation, change)
    state = next_state(Step.CONFIRM, reservation.state)
    await require_open_space(change, reservation.place_id, reservation.space_id)
    secured = await funding.secure(change.sql, reservation, change.at)
    detail = {"payment": secured.method, "paid_minor": secured.amount_minor}
    confirmed = await change.step(
        reservation, Step.CONFIRM, viewer, detail,
        state=state, confirmed_at=change.at, hold_until=None,
    )  # fmt: skip
    await renter_accepts(change.sql, reservation.id, change.at)
    if is_due(confirmed, change):
        await show_claims(change, [reservation.space_id])
    return confirmed


def require_not_lapsed(reservation: ReservationRecord, change: BookingChange) -> None:
    """Raises HoldExpired, also before a worker has noticed."""
    if reservation.state == "EXPIRED" or has_lapsed(reservation, change.at):
        raise HoldExpired


async def require_open_space(change: BookingChange, place_id: int, space_id: int) -> None:
    """Raises SpaceClosed when place or space are not offered now."""
    states = await change.place.states([space_id])
    is_open = space_id in states and states[space_id].service is Service.OPEN
    if not (is_open and change.place.place(place_id).is_open):
        raise SpaceClosed
