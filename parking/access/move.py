"""Somebody has an arm moved: the holder, the owner, or who works in the place."""

from parking.access.bays import bay_of
from parking.access.commands import order
from parking.access.models import CommandCause, LockTarget
from parking.access.rules import cause_for
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound, NotPermitted
from parking.events.bus import Bus
from parking.occupancy.change import changing_places
from parking.places.rules import may_see_place
from parking.reservations.taking import take
from parking.storage.sql import database

SELECT_SPACE = """
SELECT s.place_id, p.organisation_id, p.is_public
  FROM space s JOIN place p ON p.id = s.place_id
 WHERE s.id = $1 AND s.retired_at IS NULL AND p.retired_at IS NULL
"""


async def move_lock(
    viewer: Viewer, space_id: int, target: LockTarget, *, clock: Clock, bus: Bus
) -> int:
    """Order the arm of a bay up or down as the viewer; gives the command's id.

    Raises NotFound (also for what the viewer may not know of), NotPermitted, and what `order`
    raises: NoLock, SpaceNotFree, NoClaim.
    """
    row = await database().fetch_one(SELECT_SPACE, space_id)
    if row is None:
        raise NotFound("there is no such space")
    place_id, organisation_id = row["place_id"], row["organisation_id"]
    async with changing_places([place_id], clock, bus) as change:
        bay = await bay_of(change.sql, space_id, organisation_id, viewer.person_id, change.at)
        try:
            cause = cause_for(viewer, bay, change.at)
        except NotPermitted:
            if not may_see_place(viewer, organisation_id, bool(row["is_public"])):
                raise NotFound("there is no such space") from None
            raise
        is_holder = cause is CommandCause.HOLDER and bay.live is not None
        held_id = bay.live.reservation_id if is_holder and bay.live is not None else None
        command_id = await order(
            change, space_id, target, cause, viewer.actor, reservation_id=held_id
        )
        detail = {"target": target, "cause": cause, "command": command_id}
        subject = f"space:{space_id}"
        await record_audit(
            change.sql, viewer, "move_lock", subject, organisation_id, detail, change.at
        )
    if held_id is not None and viewer.link_of is None:
        await take(viewer, held_id, clock=clock, bus=bus)
    return command_id
