"""Taking a redemption back while the stay goes on: the right is the vehicle's again."""

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.reservations.record import BookingChange, changing_bookings
from parking.rights.granting.returning import rights_under_lock
from parking.rights.kinds import RedemptionState
from parking.rights.records import RedemptionRecord
from parking.rights.redeeming.rows import redemption_by_id, right_by_id, take_out
from parking.rights.redeeming.stays import stay_of_reservation
from parking.rights.rules import is_holder
from parking.settlement.validations import live_validations, require_returnable
from parking.storage.locks import lock_escrow
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried


async def cancel_redemption(viewer: Viewer, redemption_id: int, *, clock: Clock, bus: Bus) -> None:
    """Take a right out of a stay that goes on. For its driver, or who gave the vehicle's code.

    Raises NotFound, and Conflict `WRONG_STATE` when it is over, or the stay is, or the vehicle was
    let in by this right.
    """
    found = await _own(database(), viewer, redemption_id)

    async def once() -> None:
        async with changing_bookings([found.place_id], clock, bus) as change:
            await _cancel(change, viewer, redemption_id)

    await retried(once)


async def _cancel(change: BookingChange, viewer: Viewer, redemption_id: int) -> None:
    sql = change.sql
    found = await _own(sql, viewer, redemption_id)
    await lock_escrow(sql, found.reservation_id)
    [right] = await rights_under_lock(sql, [found.assigned_right_id])
    found = await redemption_by_id(sql, redemption_id)
    if found.state is not RedemptionState.LIVE:
        raise Conflict(f"the redemption is {found.state} already", code="WRONG_STATE")
    if await stay_of_reservation(sql, found.reservation_id) is None:
        raise Conflict(
            "the stay is over; what its rights came to is worked out", code="WRONG_STATE"
        )
    promises = await live_validations(sql, found.reservation_id)
    for promise in promises:
        if promise.id == found.validation_id:
            require_returnable(promise)
    await take_out(sql, change.bus, viewer, "cancel_redemption", found, right, change.at)


async def _own(sql: Sql, viewer: Viewer, redemption_id: int) -> RedemptionRecord:
    row = await sql.fetch_one("SELECT id FROM redemption WHERE id = $1", redemption_id)
    if row is not None:
        found = await redemption_by_id(sql, redemption_id)
        right = await right_by_id(sql, found.assigned_right_id)
        if is_holder(viewer, right.person_id, right.enrolment_id):
            return found
    raise NotFound("there is no such redemption")
