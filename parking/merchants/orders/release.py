"""Giving back what an order holds: its reservation with all that was paid, its turn in a queue."""

from parking.accounts.viewer import SYSTEM
from parking.merchants.records import OrderRecord
from parking.reservations.cancel import cancel_in
from parking.reservations.lapse import give_up
from parking.reservations.models import ReservationState, WaitlistState
from parking.reservations.record import BookingChange, locked_reservation
from parking.reservations.rules import WAITING, has_lapsed
from parking.reservations.waiting import WaitlistEntry, read_wish
from parking.reservations.waitlist import LIVE, leave_in
from parking.storage.sql import Sql


async def release(
    change: BookingChange, order: OrderRecord, reason: str, *, but: int | None = None
) -> bool:
    """Give back what the order holds, in the caller's change of its places; whether it holds
    nothing now. A bay in which the guest stands, or stood, is not taken back. The entry `but` is
    kept."""
    if order.reservation_id is not None and not await _cancel(change, order.reservation_id, reason):
        return False
    is_free = True
    for entry in await entries_of(change.sql, order):
        if entry.id != but:
            is_free &= await _leave(change, entry, reason)
    return is_free


async def entries_of(sql: Sql, order: OrderRecord) -> list[WaitlistEntry]:
    """Its turns in queues, the best place's first."""
    if order.waitlist_entry_id is None:
        return []
    return await read_wish(sql, order.waitlist_entry_id)


async def _leave(change: BookingChange, entry: WaitlistEntry, reason: str) -> bool:
    """Out of a queue; also what the guest took of it is given back."""
    if entry.reservation_id is not None and entry.state is WaitlistState.TAKEN:
        return await _cancel(change, entry.reservation_id, reason)
    if entry.state in LIVE:
        await leave_in(change, SYSTEM, entry, reason)
    return True


async def _cancel(change: BookingChange, reservation_id: int, reason: str) -> bool:
    found = await locked_reservation(change.sql, reservation_id)
    if has_lapsed(found, change.at):
        await give_up(change, [found])
    elif found.state in WAITING or found.state is ReservationState.CONFIRMED:
        # The platform's own cancellation: all that was paid goes back, whatever the tier.
        await cancel_in(change, SYSTEM, found, reason)
        await _return_promises(change, reservation_id)
    else:
        return found.state in (ReservationState.CANCELLED, ReservationState.EXPIRED)
    return True


async def _return_promises(change: BookingChange, reservation_id: int) -> None:
    """The merchant's own; what rights promised is theirs to take back."""
    await change.sql.execute(
        "UPDATE validation SET returned_at = $2 WHERE reservation_id = $1 AND returned_at IS NULL"
        " AND right_id IS NULL AND settlement_id IS NULL",
        reservation_id,
        change.at,
    )
