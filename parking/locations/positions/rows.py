"""Positions and their versions, read whoever asks; and the row that every change goes through.

Whoever changes something about a position locks its row first, then bindings, links, questions and
delegations of it.
"""

from collections.abc import Iterable
from datetime import datetime

from parking.locations.kinds import PositionState
from parking.locations.records import (
    SELECT_POSITIONS,
    SELECT_VERSIONS,
    PositionRecord,
    PositionVersionRecord,
    position_record,
    version_record,
)
from parking.storage.locks import lock_positions
from parking.storage.sql import Sql


async def position_row(sql: Sql, position_id: int) -> PositionRecord | None:
    """The position; ENDED also when only its booking is over."""
    row = await sql.fetch_one(f"{SELECT_POSITIONS} WHERE p.id = $1", position_id)
    return None if row is None else position_record(row)


async def locked_position(sql: Sql, position_id: int) -> PositionRecord | None:
    """The position, locked until the transaction ends."""
    await lock_positions(sql, [position_id])
    return await position_row(sql, position_id)


async def position_rows(sql: Sql, position_ids: Iterable[int]) -> dict[int, PositionRecord]:
    """Those of the positions that there are."""
    wanted = sorted(set(position_ids))
    rows = await sql.fetch(f"{SELECT_POSITIONS} WHERE p.id {sql.any_of('$1')}", wanted)
    return {row["id"]: position_record(row) for row in rows}


async def position_of_reservation(sql: Sql, reservation_id: int) -> PositionRecord | None:
    """The live position of a booking, if it has one."""
    row = await sql.fetch_one(
        f"{SELECT_POSITIONS} WHERE p.reservation_id = $1 AND p.state = 'ACTIVE'", reservation_id
    )
    found = None if row is None else position_record(row)
    return found if found is not None and found.state is PositionState.ACTIVE else None


async def newest_version(sql: Sql, position: PositionRecord) -> PositionVersionRecord:
    """What is known now."""
    row = await sql.fetch_one(
        f"{SELECT_VERSIONS} WHERE v.position_id = $1 AND v.number = $2",
        position.id,
        position.version,
    )
    assert row is not None, "a position has the version that its row names"
    return version_record(row)


async def bump(sql: Sql, position: PositionRecord, at: datetime) -> PositionRecord:
    """Count a change that watchers hear of; the position as it is then. Its row is locked by the
    caller."""
    row = await sql.fetch_one(
        "UPDATE parking_position SET change = change + 1, changed_at = $2 WHERE id = $1"
        " RETURNING change",
        position.id,
        at,
    )
    assert row is not None, "a locked position is there"
    return position._replace(change=row["change"], changed_at=at)
