"""Questions that nobody needs answered any more."""

from datetime import datetime

from parking.events.bus import Bus
from parking.locations.kinds import RefinementState
from parking.locations.records import PositionRecord
from parking.locations.topics import tell_position
from parking.storage.sql import Sql


async def cancel_refinements_in(sql: Sql, bus: Bus, position: PositionRecord, at: datetime) -> int:
    """End the live questions about a locked position, since the car was moved or is gone; how many.
    Their places' queues are told; who follows the position is told by the caller."""
    rows = await sql.fetch(
        "UPDATE refinement_request SET state = $2, due_at = NULL, version = version + 1"
        " WHERE position_id = $1 AND state IN ('OPEN', 'TAKEN') RETURNING place_id",
        position.id,
        RefinementState.CANCELLED.value,
    )
    for place_id in sorted({row["place_id"] for row in rows}):
        await tell_position(sql, bus, at, position.id, place_id=place_id)
    return len(rows)
