"""Reading positions: the viewer's own, and those that are shown to them at this instant.

The platform itself and API keys see none. What is denied looks like what does not exist.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.locations.kinds import BindingScope, BindingState
from parking.locations.positions.rows import position_rows
from parking.locations.records import (
    OVER,
    SELECT_BINDINGS,
    SELECT_POSITIONS,
    SELECT_VERSIONS,
    BindingRecord,
    PositionRecord,
    PositionVersionRecord,
    binding_record,
    position_record,
    version_record,
)
from parking.locations.rules import may_see_position, shows, signed_in
from parking.storage.sql import Sql, database

PAGE_ROWS_MAX = 501
SHOWN_MAX = 1_000
ID_END = 2**63 - 1
_ACTIVE = f"p.state = 'ACTIVE' AND (r.id IS NULL OR r.state NOT IN {OVER})"


class PlaceNamed(NamedTuple):
    """What whoever sees a position is told of its place, private or not."""

    name: str
    time_zone: str


class SeenPosition(NamedTuple):
    """A position as its viewer sees it: `binding` is by which it is shown, None for their own."""

    position: PositionRecord
    binding: BindingRecord | None = None


async def seen_positions(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, SeenPosition]:
    """Those of these that the viewer may see at `now`."""
    sql = database()
    positions = (await position_rows(sql, ids)).values()
    bindings = await bindings_to(sql, viewer, (each.person_id for each in positions))
    return {
        position.id: _seen(position, bindings, now)
        for position in positions
        if may_see_position(viewer, position, bindings, now)
    }


async def seen_position(viewer: Viewer, position_id: int, now: datetime) -> SeenPosition | None:
    """The position, if the viewer may see it at `now`."""
    return (await seen_positions(viewer, [position_id], now)).get(position_id)


async def own_positions(
    viewer: Viewer, *, is_active: bool | None = None, limit: int, before_id: int = 0
) -> list[SeenPosition]:
    """A page of the viewer's own, the newest first."""
    person_id = signed_in(viewer)
    if person_id is None:
        return []
    wanted = {None: "", True: f" AND {_ACTIVE}", False: f" AND NOT ({_ACTIVE})"}[is_active]
    rows = await database().fetch(
        f"{SELECT_POSITIONS} WHERE p.person_id = $1 AND p.id < $2{wanted}"
        f" ORDER BY p.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        person_id,
        before_id or ID_END,
    )
    return [SeenPosition(position_record(row)) for row in rows]


async def shown_positions(viewer: Viewer, now: datetime) -> list[SeenPosition]:
    """What others show the viewer at `now`, the newest first."""
    sql = database()
    bindings = await bindings_to(sql, viewer)
    sharers = sorted({each.sharer_id for each in bindings if each.sharer_id is not None})
    if not sharers:
        return []
    rows = await sql.fetch(
        f"{SELECT_POSITIONS} WHERE p.person_id {sql.any_of('$1')} AND {_ACTIVE}"
        f" ORDER BY p.id DESC LIMIT {SHOWN_MAX}",
        sharers,
    )
    positions = [position_record(row) for row in rows]
    shown = (each for each in positions if any(shows(b, each, now) for b in bindings))
    return [_seen(each, bindings, now) for each in shown]


async def bindings_to(
    sql: Sql, viewer: Viewer, sharers: Iterable[int] | None = None
) -> list[BindingRecord]:
    """The ACTIVE bindings in which the viewer is the receiver; of these sharers only, if given."""
    person_id = signed_in(viewer)
    if person_id is None:
        return []
    wanted = None if sharers is None else set(sharers) - {person_id}
    if wanted is not None and not wanted:
        return []
    rows = await sql.fetch(
        f"{SELECT_BINDINGS} WHERE b.receiver_id = $1 AND b.state = $2 ORDER BY b.id",
        person_id,
        BindingState.ACTIVE.value,
    )
    found = [binding_record(row) for row in rows]
    return [each for each in found if wanted is None or each.sharer_id in wanted]


async def versions_of(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, list[PositionVersionRecord]]:
    """All versions of each of these positions that the viewer may see, the oldest first."""
    seen, sql = await seen_positions(viewer, ids, now), database()
    rows = await sql.fetch(
        f"{SELECT_VERSIONS} WHERE v.position_id {sql.any_of('$1')}"
        " ORDER BY v.position_id, v.number",
        list(seen),
    )
    found: dict[int, list[PositionVersionRecord]] = {position_id: [] for position_id in seen}
    for row in rows:
        found[row["position_id"]].append(version_record(row))
    return found


async def version_seen(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, PositionVersionRecord]:
    """The versions of these ids, of positions that the viewer may see."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_VERSIONS} WHERE v.id {sql.any_of('$1')}", list(ids))
    versions = [version_record(row) for row in rows]
    seen = await seen_positions(viewer, [each.position_id for each in versions], now)
    return {each.id: each for each in versions if each.position_id in seen}


async def places_of(viewer: Viewer, ids: Sequence[int], now: datetime) -> Mapping[int, PlaceNamed]:
    """The place of each of these positions that the viewer may see, and that has one."""
    seen, sql = await seen_positions(viewer, ids, now), database()
    rows = await sql.fetch(
        "SELECT p.id, l.name, l.time_zone FROM parking_position p JOIN place l ON l.id = p.place_id"
        f" WHERE p.id {sql.any_of('$1')}",
        list(seen),
    )
    return {row["id"]: PlaceNamed(row["name"], row["time_zone"]) for row in rows}


async def newest_versions(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, PositionVersionRecord]:
    """The newest version of each of these positions that the viewer may see."""
    seen, sql = await seen_positions(viewer, ids, now), database()
    rows = await sql.fetch(
        f"{SELECT_VERSIONS} JOIN parking_position p ON p.id = v.position_id"
        f" AND p.version = v.number WHERE v.position_id {sql.any_of('$1')}",
        list(seen),
    )
    return {row["position_id"]: version_record(row) for row in rows}


def next_end(bindings: Iterable[BindingRecord]) -> datetime | None:
    """The first instant at which one of these shows nothing any more by itself, which may be past
    by now; None: there is none."""
    return min((each.until for each in bindings if each.until is not None), default=None)


def _seen(
    position: PositionRecord, bindings: Iterable[BindingRecord], now: datetime
) -> SeenPosition:
    """By the binding that lasts longest, so that a view does not end before its right does."""
    by = [each for each in bindings if shows(each, position, now)]
    return SeenPosition(position, max(by, key=_lasting) if by else None)


def _lasting(binding: BindingRecord) -> tuple[bool, float]:
    until = binding.until
    is_ending = binding.scope is BindingScope.UNTIL and until is not None
    return (not is_ending, until.timestamp() if until is not None else 0.0)
