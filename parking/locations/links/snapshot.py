"""What a secure link shows: one version of where the car stands, and nothing of whose it is.

No plate, phone, person, booking, other version, or title, which is the sharer's own words; note and
photo as the link's maker lets (CLAIMS E14).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from parking.access.linked import around
from parking.clock import Clock
from parking.locations.links.open import missing
from parking.locations.links.rows import link_row
from parking.locations.links.rules import is_open
from parking.locations.records import (
    SELECT_VERSIONS,
    LinkRecord,
    PositionVersionRecord,
    version_record,
)
from parking.places.records import (
    PLACE_COLUMNS,
    SPACE_COLUMNS,
    PlaceRecord,
    SpaceRecord,
    place_record,
    space_record,
)
from parking.storage.sql import Sql, database


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version as the link shows it; `bays` are those of its level, to draw: none where its bay is
    not one of the place's plan. `version.note` and `.photo_id` are what may be shown."""

    link: LinkRecord
    version: PositionVersionRecord
    place: PlaceRecord | None
    space: SpaceRecord | None
    bays: Sequence[SpaceRecord]


async def snapshot_of(link_id: int, number: int, *, clock: Clock) -> Snapshot:
    """What was opened by `count_view`; it may be asked for again, such as for a repeated request,
    while the link works. Raises `NotFound`."""
    sql = database()
    link = await link_row(sql, link_id)
    if link is None or not is_open(link, clock.now()):
        raise missing()
    row = await sql.fetch_one(
        f"{SELECT_VERSIONS} WHERE v.position_id = $1 AND v.number = $2", link.position_id, number
    )
    if row is None:
        raise missing()
    version = _let(link, version_record(row))
    space = await _space(sql, version)
    return Snapshot(
        link=link,
        version=version,
        place=await _place(sql, version),
        space=space,
        bays=[] if space is None else (await around(space))[1],
    )


def _let(link: LinkRecord, version: PositionVersionRecord) -> PositionVersionRecord:
    return version._replace(
        note=version.note if link.shows_note else "",
        photo_id=version.photo_id if link.shows_photo else None,
    )


async def _place(sql: Sql, version: PositionVersionRecord) -> PlaceRecord | None:
    row = await sql.fetch_one(
        f"SELECT {PLACE_COLUMNS} FROM place p WHERE p.id = $1", version.place_id
    )
    return None if row is None else place_record(row)


async def _space(sql: Sql, version: PositionVersionRecord) -> SpaceRecord | None:
    row = await sql.fetch_one(
        f"SELECT {SPACE_COLUMNS} FROM space s WHERE s.id = $1", version.space_id
    )
    return None if row is None else space_record(row)
