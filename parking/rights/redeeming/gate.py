"""The way out: what is in front of the car goes down by a command like any other."""

from parking.access.bays import lock_of
from parking.access.commands import order
from parking.access.models import CommandCause, LockTarget
from parking.accounts.viewer import Viewer
from parking.errors import Refusal
from parking.occupancy.change import PlaceChange
from parking.occupancy.models import LockState
from parking.rights.redeeming.stays import Stay


async def open_way_out(change: PlaceChange, stay: Stay, viewer: Viewer) -> int | None:
    """Order the arm of the stay's bay down if it stands up; the command's id, None without one.

    The stay is what entitles to it: the command is refused as for its holder where the booking does
    not hold (I7), expires, and is carried out once. Redeeming does not depend on it.
    """
    booked = stay.reservation
    lock = await lock_of(change.sql, booked.space_id)
    if lock is None or lock.state is not LockState.RAISED:
        return None
    try:
        return await order(
            change, booked.space_id, LockTarget.LOWERED, CommandCause.HOLDER, viewer.actor,
            reservation_id=booked.id,
        )  # fmt: skip
    except Refusal:
        return None
