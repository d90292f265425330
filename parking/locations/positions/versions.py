"""Writing a version: the one way in which what is known of a car's position grows.

A version is never changed. The unique number within the position decides of two writers who did
not lock it; a move ends the questions that were asked about where the car stood before.
"""

from datetime import datetime
from typing import NamedTuple

from parking.events.bus import Bus
from parking.locations.kinds import VersionKind, VersionSource
from parking.locations.positions.facts import Facts
from parking.locations.positions.telling import announce, due_telling
from parking.locations.records import PositionRecord
from parking.locations.refinement.cancel import cancel_refinements_in
from parking.storage.sql import Sql

_COLUMNS = ", ".join(Facts._fields)
_VALUES = ", ".join(f"${index}" for index in range(8, 8 + len(Facts._fields)))
_INSERT = (
    "INSERT INTO position_version (position_id, number, kind, source, actor, at, refinement_id,"
    f" {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, {_VALUES})"
)


class Said(NamedTuple):
    """A version to be written: what, why, by whom."""

    facts: Facts
    kind: VersionKind
    source: VersionSource
    actor: str
    refinement_id: int | None = None


async def insert_version(sql: Sql, position_id: int, number: int, said: Said, at: datetime) -> None:
    """Write the row of a version. Raises Tortoise's `IntegrityError` for a number that is taken."""
    await sql.execute(
        _INSERT,
        position_id,
        number,
        said.kind.value,
        said.source.value,
        said.actor,
        at,
        said.refinement_id,
        *said.facts,
    )


async def add_version(
    sql: Sql, bus: Bus, position: PositionRecord, said: Said, at: datetime
) -> PositionRecord:
    """Write the next version of a locked position and tell everybody who sees it; the position as
    it is then. In the caller's transaction; `bus` holds its messages until the commit."""
    number = position.version + 1
    await insert_version(sql, position.id, number, said, at)
    row = await sql.fetch_one(
        "UPDATE parking_position SET version = $2, change = change + 1, place_id = $3,"
        " changed_at = $4 WHERE id = $1 RETURNING change",
        position.id,
        number,
        said.facts.place_id,
        at,
    )
    assert row is not None, "a locked position is there"
    changed = position._replace(
        version=number, change=row["change"], place_id=said.facts.place_id, changed_at=at
    )
    if said.kind is VersionKind.MOVED or said.facts.place_id != position.place_id:
        await cancel_refinements_in(sql, bus, changed, at)
    await due_telling(sql, position.id, at)
    await announce(sql, bus, changed, at)
    return changed
