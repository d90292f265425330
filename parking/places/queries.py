"""Reading the estate: only what the viewer may see, in batches and in pages.

What is retired or not the viewer's to see is left out everywhere. Batch readers take many ids and
answer with a mapping, in one statement.
"""

from collections.abc import Mapping, Sequence

from parking.accounts.rules import acts_in
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.conditions import Conditions
from parking.places.records import (
    CAMPUS_COLUMNS,
    PLACE_COLUMNS,
    SPACE_COLUMNS,
    SUBPLACE_COLUMNS,
    CampusRecord,
    PlaceRecord,
    SpaceRecord,
    SubplaceRecord,
    campus_record,
    place_record,
    space_record,
    subplace_record,
)
from parking.storage.sql import Sql, database


async def places_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, PlaceRecord]:
    """The places of these ids."""
    sql = database()
    where = _visible_with(sql, viewer, "p.id", ids)
    rows = await sql.fetch(f"SELECT {PLACE_COLUMNS} FROM place p WHERE {where}", *where.arguments)
    return {row["id"]: place_record(row) for row in rows}


async def place_by_id(viewer: Viewer, place_id: int) -> PlaceRecord:
    """One place. Raises NotFound when there is none or the viewer may not know of it."""
    found = (await places_by_id(viewer, [place_id])).get(place_id)
    if found is None:
        raise NotFound("there is no such place")
    return found


async def spaces_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SpaceRecord]:
    """The spaces of these ids, of places the viewer may see."""
    rows = await _spaces(viewer, "s.id", ids)
    return {space.id: space for space in rows}


async def spaces_by_place(
    viewer: Viewer, place_ids: Sequence[int]
) -> Mapping[int, list[SpaceRecord]]:
    """All spaces of each of these places, by number; a place without any has an empty list."""
    found: dict[int, list[SpaceRecord]] = {place_id: [] for place_id in place_ids}
    for space in await _spaces(viewer, "s.place_id", place_ids):
        found[space.place_id].append(space)
    return found


async def subplaces_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SubplaceRecord]:
    """The subplaces of these ids."""
    return {found.id: found for found in await _subplaces(viewer, "u.id", ids)}


async def subplaces_by_place(
    viewer: Viewer, place_ids: Sequence[int]
) -> Mapping[int, list[SubplaceRecord]]:
    """All subplaces of each of these places: lowest level first, then in their order."""
    found: dict[int, list[SubplaceRecord]] = {place_id: [] for place_id in place_ids}
    for subplace in await _subplaces(viewer, "u.place_id", place_ids):
        found[subplace.place_id].append(subplace)
    return found


async def campuses_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, CampusRecord]:
    """Campuses of the viewer's organisations, and those with a place that the viewer may see."""
    sql = database()
    where = _visible_with(sql, viewer, "p.campus_id", ids)
    rows = await sql.fetch(
        f"SELECT {CAMPUS_COLUMNS}, 1 AS is_seen FROM campus c WHERE c.id IN"
        f" (SELECT p.campus_id FROM place p WHERE {where})"
        f" UNION SELECT {CAMPUS_COLUMNS}, 0 AS is_seen FROM campus c"
        f" WHERE c.id {where.any_of(ids)}",
        *where.arguments,
    )
    found: dict[int, CampusRecord] = {}
    for row in rows:
        is_seen = row.pop("is_seen")
        if is_seen or acts_in(viewer, row["organisation_id"]):
            found[row["id"]] = campus_record(row)
    return found


async def place_ids_of_spaces(ids: Sequence[int]) -> Mapping[int, int]:
    """The place of each of these spaces in use, whoever asks; for verbs that then check."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT id, place_id FROM space WHERE id {sql.any_of('$1')} AND retired_at IS NULL",
        list(ids),
    )
    return {row["id"]: row["place_id"] for row in rows}


async def _spaces(viewer: Viewer, column: str, ids: Sequence[int]) -> list[SpaceRecord]:
    sql = database()
    where = _visible_with(sql, viewer, column, ids)
    rows = await sql.fetch(
        f"SELECT {SPACE_COLUMNS} FROM space s JOIN place p ON p.id = s.place_id"
        f" WHERE {where} AND s.retired_at IS NULL ORDER BY s.place_id, s.number",
        *where.arguments,
    )
    return [space_record(row) for row in rows]


async def _subplaces(viewer: Viewer, column: str, ids: Sequence[int]) -> list[SubplaceRecord]:
    sql = database()
    where = _visible_with(sql, viewer, column, ids)
    rows = await sql.fetch(
        f"SELECT {SUBPLACE_COLUMNS} FROM subplace u JOIN place p ON p.id = u.place_id"
        f" WHERE {where} ORDER BY u.place_id, u.level, u.position, u.id",
        *where.arguments,
    )
    return [subplace_record(row) for row in rows]


def _visible_with(sql: Sql, viewer: Viewer, column: str, ids: Sequence[int]) -> Conditions:
    where = Conditions(sql)
    wanted = where.any_of(ids)
    where.add(f"{column} {wanted}")
    if column.endswith(".place_id"):  # said of the joined table too, or it would be read whole
        where.add(f"p.id {wanted}")
    where.visible(viewer)
    return where
