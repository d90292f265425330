"""Reading offers and titles: what bookings ask of the database, and what a viewer may see.

Batch readers take many ids and answer with a mapping, in one statement; lists go on after an id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parking.accounts.viewer import Viewer
from parking.listings.content import Schedule, plates_of_listings, schedules, spaces_of_listings
from parking.listings.models import Audience, ListingState, TitleState
from parking.listings.records import (
    SELECT_LISTINGS,
    SELECT_TITLES,
    ListingRecord,
    TitleRecord,
    listing_record,
    listings_by_id,
    title_record,
)
from parking.listings.rules import is_staff, may_see_listing, may_see_title
from parking.places.conditions import Conditions
from parking.places.rules import visible_organisations
from parking.storage.sql import Sql, database
from parking.windows import Window


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """Which offers; None: it does not matter."""

    organisation_id: int | None = None
    place_id: int | None = None
    states: Sequence[ListingState] | None = None


@dataclass(frozen=True, slots=True)
class TitleFilter:
    """Which titles; None: it does not matter."""

    organisation_id: int | None = None
    place_id: int | None = None
    states: Sequence[TitleState] | None = None


NO_LISTING_FILTER = ListingFilter()
NO_TITLE_FILTER = TitleFilter()


async def is_open_for(sql: Sql, listing_id: int, window: Window) -> bool:
    """Whether one opening of the listing covers the window."""
    row = await sql.fetch_one(
        "SELECT 1 AS covers FROM listing_opening"
        " WHERE listing_id = $1 AND starts_at <= $2 AND ends_at >= $3 LIMIT 1",
        listing_id,
        window.starts_at,
        window.ends_at,
    )
    return row is not None


async def plates_of(sql: Sql, listing: ListingRecord) -> frozenset[str]:
    """The plates that may book; read only where the audience is PLATES."""
    if listing.audience is not Audience.PLATES:
        return frozenset()
    return frozenset((await plates_of_listings([listing.id], sql))[listing.id])


async def has_space(sql: Sql, listing_id: int, space_id: int) -> bool:
    """Whether the space, in use, is one of the listing's."""
    row = await sql.fetch_one(
        "SELECT 1 AS has FROM listing_space ls JOIN space s ON s.id = ls.space_id"
        " WHERE ls.listing_id = $1 AND ls.space_id = $2 AND s.retired_at IS NULL",
        listing_id,
        space_id,
    )
    return row is not None


async def visible_listings(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ListingRecord]:
    """Those of the listings that the viewer may see."""
    found = await listings_by_id(ids)
    return {key: each for key, each in found.items() if may_see_listing(viewer, each)}


async def schedules_of_listings(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Schedule]:
    """Windows and exceptions, for listings that the viewer was found to see."""
    del viewer
    return await schedules(ids)


async def spaces_of_visible_listings(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, list[int]]:
    """Ids of the spaces in use, for listings that the viewer was found to see."""
    del viewer
    return await spaces_of_listings(ids)


async def own_plates(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, list[str]]:
    """The plates of those listings that the viewer lets or whose place the viewer works at."""
    found = await listings_by_id(ids)
    own = [key for key, each in found.items() if is_staff(viewer, each)]
    return await plates_of_listings(own) if own else {}


async def find_listings(
    viewer: Viewer, wanted: ListingFilter = NO_LISTING_FILTER, *, limit: int, after: int = 0
) -> list[ListingRecord]:
    """At most `limit` listings with an id above `after` that the viewer may see, oldest first."""
    sql = database()
    where = Conditions(sql)
    where.add(f"l.id > {where.argument(after)}")
    if wanted.organisation_id is not None:
        where.add(f"l.organisation_id = {where.argument(wanted.organisation_id)}")
    if wanted.place_id is not None:
        where.add(f"l.place_id = {where.argument(wanted.place_id)}")
    if wanted.states is not None:
        where.add(f"l.state {where.any_of([state.value for state in wanted.states])}")
    _visible(where, viewer)
    rows = await sql.fetch(
        f"{SELECT_LISTINGS} WHERE {where} ORDER BY l.id LIMIT {where.argument(limit)}",
        *where.arguments,
    )
    return [listing_record(row) for row in rows]


def _visible(where: Conditions, viewer: Viewer) -> None:
    """The same as `rules.may_see_listing` says of one."""
    organisations = visible_organisations(viewer)
    if organisations is None:
        return
    mine, member = where.any_of(sorted(organisations)), where.any_of(sorted(viewer.roles))
    where.add(
        f"l.organisation_id {mine} OR (p.organisation_id {mine} AND l.state <> 'DRAFT')"
        " OR (l.state = 'ACTIVE' AND p.retired_at IS NULL AND"
        f" (l.audience <> 'ORGANISATION' OR l.audience_organisation_id {member}))"
    )


async def visible_titles(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, TitleRecord]:
    """Those of the titles that the viewer may see."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_TITLES} WHERE t.id {sql.any_of('$1')}", list(ids))
    found = {row["id"]: title_record(row) for row in rows}
    return {key: each for key, each in found.items() if may_see_title(viewer, each)}


async def titles_of_spaces(
    viewer: Viewer, space_ids: Sequence[int]
) -> Mapping[int, list[TitleRecord]]:
    """All titles to each of these spaces that the viewer may see, newest first."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_TITLES} WHERE t.space_id {sql.any_of('$1')} ORDER BY t.id DESC", list(space_ids)
    )
    found: dict[int, list[TitleRecord]] = {}
    for title in map(title_record, rows):
        if may_see_title(viewer, title):
            found.setdefault(title.space_id, []).append(title)
    return found


async def find_titles(
    viewer: Viewer, wanted: TitleFilter = NO_TITLE_FILTER, *, limit: int, after: int = 0
) -> list[TitleRecord]:
    """At most `limit` titles with an id above `after` that the viewer may see, oldest first."""
    sql = database()
    where = Conditions(sql)
    where.add(f"t.id > {where.argument(after)}")
    if wanted.organisation_id is not None:
        where.add(f"t.organisation_id = {where.argument(wanted.organisation_id)}")
    if wanted.place_id is not None:
        where.add(f"p.id = {where.argument(wanted.place_id)}")
    if wanted.states is not None:
        where.add(f"t.state {where.any_of([state.value for state in wanted.states])}")
    organisations = visible_organisations(viewer)
    if organisations is not None:
        mine = where.any_of(sorted(organisations))
        where.add(f"t.organisation_id {mine} OR p.organisation_id {mine}")
    rows = await sql.fetch(
        f"{SELECT_TITLES} WHERE {where} ORDER BY t.id LIMIT {where.argument(limit)}",
        *where.arguments,
    )
    return [title_record(row) for row in rows]


async def lessor_names(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, str]:
    """The names of organisations that let spaces: said to whoever sees what they offer."""
    del viewer
    sql = database()
    rows = await sql.fetch(
        f"SELECT o.id, o.name FROM organisation o WHERE o.id {sql.any_of('$1')}"
        " AND EXISTS (SELECT 1 FROM listing l WHERE l.organisation_id = o.id)",
        list(ids),
    )
    return {row["id"]: row["name"] for row in rows}
