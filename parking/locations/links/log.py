"""The access log of a position, for its sharer (CLAIMS E17): who opened which link, which receiver
looked. It has no address of anybody, and of their device a coarse word."""

from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.locations.kinds import LinkOutcome
from parking.locations.limits import ACCESSES_SHOWN_MAX, LOOKS_LOGGED_EVERY
from parking.locations.positions.rows import position_row
from parking.locations.records import SELECT_ACCESSES, AccessRecord, access_record
from parking.locations.rules import is_sharer
from parking.storage.sql import Sql, database

_INSERT = """
INSERT INTO position_access (position_id, link_id, binding_id, version_number, outcome, device, at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def log_opening(
    sql: Sql,
    position_id: int,
    link_id: int,
    outcome: LinkOutcome,
    device: str,
    at: datetime,
    version_number: int | None = None,
) -> None:
    """Somebody opened a link, or tried to."""
    await sql.execute(_INSERT, position_id, link_id, None, version_number, outcome, device, at)


async def log_knock(sql: Sql, position_id: int, link_id: int, device: str, at: datetime) -> None:
    """Somebody opened a link that is closed: noted once an hour, for whoever has it may knock all
    day."""
    outcome = LinkOutcome.CLOSED
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM position_access WHERE position_id = $1 AND link_id = $2"
        " AND outcome = $3 AND at > $4 LIMIT 1",
        position_id,
        link_id,
        outcome,
        at - LOOKS_LOGGED_EVERY,
    )
    if row is None:
        await log_opening(sql, position_id, link_id, outcome, device, at)


async def log_look(
    sql: Sql, position_id: int, binding_id: int, version_number: int, at: datetime
) -> bool:
    """A receiver looks at a position: noted once an hour for each binding; whether it was now."""
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM position_access WHERE position_id = $1 AND binding_id = $2"
        " AND at > $3 LIMIT 1",
        position_id,
        binding_id,
        at - LOOKS_LOGGED_EVERY,
    )
    if row is not None:
        return False
    await sql.execute(
        _INSERT, position_id, None, binding_id, version_number, LinkOutcome.SHOWN, "", at
    )
    return True


async def accesses_of_position(viewer: Viewer, position_id: int) -> list[AccessRecord] | None:
    """The newest entries first, for the sharer; None for everybody else."""
    sql = database()
    position = await position_row(sql, position_id)
    if position is None or not is_sharer(viewer, position):
        return None
    rows = await sql.fetch(
        f"{SELECT_ACCESSES} WHERE a.position_id = $1 ORDER BY a.id DESC LIMIT {ACCESSES_SHOWN_MAX}",
        position_id,
    )
    return [access_record(row) for row in rows]
