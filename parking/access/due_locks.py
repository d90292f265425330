"""Arms that are to rise by themselves: to keep a bay free, and when its car has left."""

from parking.access.commands import order
from parking.access.contradictions import wants_raising
from parking.access.models import CommandCause, LockTarget
from parking.access.rules import NoLock, SpaceNotFree
from parking.access.watch_facts import bays_to_watch
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.change import changing_places
from parking.storage.sql import database
from parking.storage.transactions import retried


async def raise_due_locks(clock: Clock, bus: Bus) -> int:
    """Order up every arm that is to rise now; how many. Any number of workers may call it."""
    ordered, after = 0, 0
    while True:
        bays = await bays_to_watch(database(), clock.now(), after)
        if not bays:
            return ordered
        after = bays[-1].space_id
        for bay in bays:
            if wants_raising(bay, clock.now()) is not None:
                place_id, space_id = bay.place_id, bay.space_id
                ordered += await retried(
                    lambda p=place_id, s=space_id: _raise(p, s, clock, bus)  # type: ignore[misc]
                )


async def _raise(place_id: int, space_id: int, clock: Clock, bus: Bus) -> int:
    """Look again under the lock of the place, where another worker may have been before."""
    async with changing_places([place_id], clock, bus) as change:
        [bay] = await bays_to_watch(change.sql, change.at, 0, [space_id])
        cause = wants_raising(bay, change.at)
        if cause is None:
            return 0
        is_kept = cause is CommandCause.RESERVATION and bay.claim is not None
        held_id = bay.claim.reservation_id if is_kept and bay.claim is not None else None
        try:
            await order(
                change, space_id, LockTarget.RAISED, cause, SYSTEM.actor, reservation_id=held_id
            )
        except (NoLock, SpaceNotFree):
            return 0
    return 1
