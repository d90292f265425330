"""Finding places and spaces: filters, and pages that go on after a key.

A key is a tuple of what the list is sorted by, so a page begins after a *value*: nothing is skipped
or shown twice when rows come and go. The caller makes an opaque cursor of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, TypeAlias

from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput
from parking.geo import BoundingBox, Position, distance_metres
from parking.places.area import box_around
from parking.places.conditions import Conditions
from parking.places.models import PlaceKind, PlaceState
from parking.places.queries import places_by_id
from parking.places.records import (
    PLACE_COLUMNS,
    SPACE_COLUMNS,
    PlaceRecord,
    SpaceRecord,
    place_record,
    space_record,
)
from parking.places.rules import operated_organisations
from parking.storage.sql import Sql, database

Key: TypeAlias = tuple[Any, ...]

RADIUS_METRES_MAX = 100_000.0
"""Farther away nobody parks."""
TEXT_CHARACTERS_MAX = 100
PAGE_ROWS_MAX = 10_001
"""Rows of one page; one more than the largest page tells whether there is a next one."""


@dataclass(frozen=True, slots=True)
class Near:
    """Within `radius_metres` of a centre; nearest first."""

    centre: Position
    radius_metres: float


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """What places are asked for; None asks for nothing. `near` and `bbox` go together too.

    `text` is looked for in name and address, whatever its case (SQLite folds single signs other
    than a-z only when all of the text is in one case). `is_operated` asks for places that the
    viewer may change.
    """

    bbox: BoundingBox | None = None
    near: Near | None = None
    text: str | None = None
    kinds: Sequence[PlaceKind] | None = None
    states: Sequence[PlaceState] | None = None
    has_available: bool | None = None
    is_open: bool | None = None
    has_ev: bool | None = None
    has_accessible: bool | None = None
    organisation_id: int | None = None
    campus_id: int | None = None
    is_operated: bool = False


@dataclass(frozen=True, slots=True)
class SpaceFilter:
    """What spaces of a place are asked for. A subplace means all below it, too."""

    statuses: Sequence[str] | None = None
    subplace_id: int | None = None
    is_ev: bool | None = None
    is_accessible: bool | None = None


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place found, its key in the list, and how far it is when `near` was asked."""

    place: PlaceRecord
    key: Key
    distance_metres: float | None = None


NO_PLACE_FILTER = PlaceFilter()
NO_SPACE_FILTER = SpaceFilter()


async def find_places(
    viewer: Viewer, wanted: PlaceFilter = NO_PLACE_FILTER, *, limit: int, after: Key | None = None
) -> list[PlaceHit]:
    """At most `limit` places after the key: by name, or by distance when `near` is asked.

    Raises InvalidInput for a radius, text or key that is out of bounds.
    """
    sql = database()
    where = _place_conditions(sql, viewer, wanted)
    if wanted.near is not None:
        return await _nearest(viewer, where, wanted.near, limit, after)
    if after is not None:
        name, place_id = _checked_key(after, str, int)
        where.add(f"(p.name, p.id) > ({where.argument(name)}, {where.argument(place_id)})")
    rows = await sql.fetch(
        f"SELECT {PLACE_COLUMNS} FROM place p WHERE {where}"
        f" ORDER BY p.name, p.id LIMIT {where.argument(_bounded(limit))}",
        *where.arguments,
    )
    found = map(place_record, rows)
    return [PlaceHit(place, (place.name, place.id)) for place in found]


async def find_spaces(
    viewer: Viewer,
    place_id: int,
    wanted: SpaceFilter = NO_SPACE_FILTER,
    *,
    limit: int,
    after: Key | None = None,
) -> list[SpaceRecord]:
    """At most `limit` spaces of a place after the key `(number,)`, by number.

    Of a place that the viewer may not see there are none.
    """
    sql = database()
    where = _space_conditions(sql, viewer, place_id, wanted)
    if after is not None:
        (number,) = _checked_key(after, str)
        where.add(f"s.number > {where.argument(number)}")
    rows = await sql.fetch(
        f"SELECT {SPACE_COLUMNS} FROM space s JOIN place p ON p.id = s.place_id WHERE {where}"
        f" ORDER BY s.number LIMIT {where.argument(_bounded(limit))}",
        *where.arguments,
    )
    return [space_record(row) for row in rows]


def space_key(space: SpaceRecord) -> Key:
    """The key of a space in `find_spaces`."""
    return (space.number,)


async def _nearest(
    viewer: Viewer, where: Conditions, near: Near, limit: int, after: Key | None
) -> list[PlaceHit]:
    rows = await database().fetch(
        f"SELECT p.id, p.latitude, p.longitude FROM place p WHERE {where}", *where.arguments
    )
    found = (
        (distance_metres(near.centre, Position(row["latitude"], row["longitude"])), row["id"])
        for row in rows
    )
    beginning = _checked_key(after, float, int) if after is not None else (-1.0, 0)
    within = (key for key in found if key[0] <= near.radius_metres and key > beginning)
    keys = nsmallest(_bounded(limit), within)
    places = await places_by_id(viewer, [place_id for _, place_id in keys])
    return [
        PlaceHit(places[place_id], (metres, place_id), metres)
        for metres, place_id in keys
        if place_id in places
    ]


def _place_conditions(sql: Sql, viewer: Viewer, wanted: PlaceFilter) -> Conditions:
    where = Conditions(sql)
    where.visible(viewer)
    if wanted.bbox is not None:
        _within(where, wanted.bbox)
    if wanted.near is not None:
        _within(where, box_around(wanted.near.centre, _checked_radius(wanted.near)))
    if wanted.text is not None:
        _containing(where, sql, wanted.text)
    operated = operated_organisations(viewer) if wanted.is_operated else None
    if operated is not None:
        where.add(f"p.organisation_id {where.any_of(sorted(operated))}")
    _with_properties(where, wanted)
    return where


def _with_properties(where: Conditions, wanted: PlaceFilter) -> None:
    lists = {"kind": wanted.kinds, "state": wanted.states}
    values = {"organisation_id": wanted.organisation_id, "campus_id": wanted.campus_id}
    truths = {
        "p.is_open": wanted.is_open,
        "(p.available_count > 0)": wanted.has_available,
        _has_space("is_ev"): wanted.has_ev,
        _has_space("is_accessible"): wanted.has_accessible,
    }
    for column, listed in lists.items():
        if listed is not None:
            where.add(f"p.{column} {where.any_of(listed)}")
    for column, value in values.items():
        if value is not None:
            where.add(f"p.{column} = {where.argument(value)}")
    for condition, truth in truths.items():
        if truth is not None:
            where.add(condition if truth else f"NOT {condition}")


def _has_space(column: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM space s WHERE s.place_id = p.id"
        f" AND s.retired_at IS NULL AND s.{column})"
    )


def _within(where: Conditions, box: BoundingBox) -> None:
    """Inside a box, edges too; `west > east` crosses the antimeridian."""
    south, north = where.argument(box.south), where.argument(box.north)
    west, east = where.argument(box.west), where.argument(box.east)
    where.add(f"p.latitude >= {south} AND p.latitude <= {north}")
    joint = "OR" if box.crosses_antimeridian else "AND"
    where.add(f"p.longitude >= {west} {joint} p.longitude <= {east}")


def _containing(where: Conditions, sql: Sql, text: str) -> None:
    """Name or address contain the text; its signs mean themselves."""
    plain = " ".join(text.split())
    if len(plain) > TEXT_CHARACTERS_MAX:
        message = f"the text has {len(plain)} characters; at most {TEXT_CHARACTERS_MAX} are read"
        raise InvalidInput("text", message)
    if "\0" in plain:
        raise InvalidInput("text", "the text has a NUL character; remove it")
    like = "LIKE" if sql.dialect == "sqlite" else "ILIKE"
    escaped = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    forms = dict.fromkeys((escaped, escaped.lower(), escaped.upper(), escaped.title()))
    patterns = [where.argument(f"%{form}%") for form in forms]
    said = [
        f"p.{column} {like} {p} ESCAPE '\\'" for p in patterns for column in ("name", "address")
    ]
    where.add(" OR ".join(said))


def _space_conditions(sql: Sql, viewer: Viewer, place_id: int, wanted: SpaceFilter) -> Conditions:
    where = Conditions(sql)
    where.add(f"s.place_id = {where.argument(place_id)} AND s.retired_at IS NULL")
    where.visible(viewer)
    if wanted.statuses is not None:
        listed = where.any_of(wanted.statuses)
        where.add(
            f"EXISTS (SELECT 1 FROM space_state st WHERE st.space_id = s.id AND st.status {listed})"
        )
    if wanted.subplace_id is not None:
        top = where.argument(wanted.subplace_id)
        where.add(
            "s.subplace_id IN (WITH RECURSIVE below (id) AS (SELECT u.id FROM subplace u"
            f" WHERE u.id = {top} UNION SELECT u.id FROM subplace u JOIN below b"
            " ON u.parent_id = b.id) SELECT id FROM below)"
        )
    for column, value in (("is_ev", wanted.is_ev), ("is_accessible", wanted.is_accessible)):
        if value is not None:
            where.add(f"{'' if value else 'NOT '}s.{column}")
    return where


def _checked_radius(near: Near) -> float:
    if not 0 < near.radius_metres <= RADIUS_METRES_MAX:
        message = (
            f"the radius is {near.radius_metres:g} m; it must be above 0 and at most "
            f"{RADIUS_METRES_MAX:g}"
        )
        raise InvalidInput("near.radiusMetres", message)
    return near.radius_metres


def _checked_key(key: Key, *kinds: type) -> Key:
    """The key, if it has these kinds. Raises InvalidInput for the key of another list."""
    fits = len(key) == len(kinds) and all(
        isinstance(part, (int, float) if kind is float else kind)
        for part, kind in zip(key, kinds, strict=True)
    )
    if not fits:
        raise InvalidInput("after", "the cursor is of another list; begin without one")
    return key


def _bounded(limit: int) -> int:
    if not 1 <= limit <= PAGE_ROWS_MAX:
        raise InvalidInput("first", f"{limit} rows are asked for; 1 to {PAGE_ROWS_MAX} are given")
    return limit
