"""Telling that something about a position has changed: followers at once, receivers by notice.

Followers (the stream) hear of every change. A notice goes to receivers at most once a minute, and
always tells the newest version: nobody is sent to a bay that was corrected meanwhile. It is due in
the row itself, so no crash swallows it, and a worker writes it, so that nothing that goes wrong
with a notice touches the position.
"""

from datetime import datetime

from parking.events.bus import Bus
from parking.locations.bindings.rows import receivers_of
from parking.locations.limits import TOLD_EVERY
from parking.locations.records import PositionRecord
from parking.locations.topics import tell_position
from parking.storage.sql import Sql, as_time_or_none


async def announce(
    sql: Sql, bus: Bus, position: PositionRecord, at: datetime, *, place_id: int | None = None
) -> None:
    """Tell sharer and receivers, and the queue of `place_id`. In the caller's transaction."""
    bindings = await receivers_of(sql, position, at)
    receivers = [each.receiver_id for each in bindings if each.receiver_id is not None]
    people = [position.person_id, *receivers]
    await tell_position(sql, bus, at, position.id, people, place_id=place_id)


async def due_telling(sql: Sql, position_id: int, at: datetime) -> None:
    """Have receivers told of the newest version: now, or a minute after they were told last."""
    row = await sql.fetch_one(
        "SELECT told_at FROM parking_position WHERE id = $1 AND tell_at IS NULL", position_id
    )
    if row is None:
        return  # it is due already, and will tell what is the newest by then
    told_at = as_time_or_none(row["told_at"])
    tell_at = at if told_at is None else max(at, told_at + TOLD_EVERY)
    await sql.execute(
        "UPDATE parking_position SET tell_at = $2 WHERE id = $1", position_id, tell_at
    )
