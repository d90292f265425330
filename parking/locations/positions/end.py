"""The end of a position: the car is gone, and nobody is shown where it stood."""

from datetime import datetime

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.bindings.lapse import end_stay_bindings_in
from parking.locations.bindings.rows import receivers_of
from parking.locations.fetching.follow import end_delegations_in
from parking.locations.kinds import PositionState
from parking.locations.links.close import close_links_in
from parking.locations.positions.notices import tell_gone
from parking.locations.positions.revise import own_position
from parking.locations.records import PositionRecord
from parking.locations.refinement.cancel import cancel_refinements_in
from parking.locations.topics import tell_position
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

BY_SHARER = "ENDED"
STAY_OVER = "STAY_OVER"
"""Why a position ended, as its links' log says."""


async def end_position(viewer: Viewer, position_id: int, *, clock: Clock, bus: Bus) -> None:
    """Say that the car is gone. What has ended already stays as it is. Raises `NotFound`."""
    require_person(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_position(sql, viewer, position_id)
            if position.ended_at is None:
                await end_in(sql, held, position, clock.now(), BY_SHARER)

    await retried(write)


async def end_in(
    sql: Sql, bus: Bus, position: PositionRecord, at: datetime, reason: str
) -> PositionRecord:
    """End a locked position in the caller's transaction, with all that hangs on it: links, bindings
    of this stay, questions, and the right to fetch the car. Its versions stay for the sharer."""
    receivers = await receivers_of(sql, position, at)
    await sql.execute(
        "UPDATE parking_position SET state = 'ENDED', ended_at = $2, changed_at = $2,"
        " change = change + 1, tell_at = NULL WHERE id = $1",
        position.id,
        at,
    )
    ended = position._replace(
        state=PositionState.ENDED, ended_at=at, changed_at=at, change=position.change + 1
    )
    await close_links_in(sql, bus, ended, at, reason)
    await end_stay_bindings_in(sql, bus, ended, at)
    await cancel_refinements_in(sql, bus, ended, at)
    if position.reservation_id is not None:
        await end_delegations_in(sql, bus, position.reservation_id, at)
    people = [each.receiver_id for each in receivers if each.receiver_id is not None]
    await tell_position(sql, bus, at, position.id, [position.person_id, *people])
    await tell_gone(sql, ended, receivers, at)
    return ended
