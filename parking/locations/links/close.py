"""The end of a secure link: whoever has it open is told so, and nobody sees anything more by it."""

from collections.abc import Sequence
from datetime import datetime

from parking.events.bus import Bus
from parking.locations.records import LinkRecord, PositionRecord
from parking.locations.topics import position_link_topic, tell_position
from parking.settlement.topics import tell_money
from parking.storage.sql import Sql

REVOKED = "REVOKED"
GUESSED = "TOO_MANY_TRIES"
"""Why a link was closed, besides the reasons for which a position ends."""


async def close_link_in(
    sql: Sql, bus: Bus, link: LinkRecord, sharer_id: int, at: datetime, reason: str
) -> None:
    """Close one that is open; its row is locked by the caller."""
    await sql.execute(
        "UPDATE position_link SET revoked_at = $2, revoked_reason = $3, version = version + 1"
        " WHERE id = $1 AND revoked_at IS NULL",
        link.id,
        at,
        reason,
    )
    await tell_position(sql, bus, at, link.position_id, [sharer_id], link_ids=[link.id])


async def close_links_in(
    sql: Sql, bus: Bus, position: PositionRecord, at: datetime, reason: str
) -> Sequence[int]:
    """Close all links of a position that are open, in the caller's transaction; their ids."""
    rows = await sql.fetch(
        "UPDATE position_link SET revoked_at = $2, revoked_reason = $3, version = version + 1"
        " WHERE position_id = $1 AND revoked_at IS NULL RETURNING id",
        position.id,
        at,
        reason,
    )
    closed = sorted(row["id"] for row in rows)
    topics = map(position_link_topic, closed)
    if closed:
        await tell_money(sql, bus, at, *topics, position_id=position.id)
    return closed
