"""What a verb about positions must know before it writes: who asks, and that the car is there."""

from parking.accounts.viewer import Viewer
from parking.errors import NotPermitted, Unauthenticated
from parking.locations.positions.revise import own_position, require_active
from parking.locations.records import PositionRecord
from parking.locations.rules import signed_in
from parking.storage.sql import Sql


def require_signed_in(viewer: Viewer) -> int:
    """The viewer's person id. Raises `Unauthenticated` for nobody, and `NotPermitted` for a machine
    or whoever holds a link or a vehicle's code."""
    if viewer.is_anonymous:
        raise Unauthenticated("this needs a signed-in person; sign in first")
    person_id = signed_in(viewer)
    if person_id is None:
        raise NotPermitted("this is for people who have signed in themselves")
    return person_id


async def own_live_position(sql: Sql, viewer: Viewer, position_id: int) -> PositionRecord:
    """The viewer's own car where it stands, locked until the transaction ends.

    Raises `NotFound`, and `Conflict` with the code `POSITION_ENDED`.
    """
    position = await own_position(sql, viewer, position_id)
    require_active(position)
    return position
