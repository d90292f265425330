"""What goes with showing a position: the plan around the car, and the log of who looked at it."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from parking.access.linked import around
from parking.accounts.viewer import Viewer
from parking.locations.limits import LOOKS_LOGGED_EVERY
from parking.locations.links.log import log_look
from parking.locations.positions.queries import SeenPosition, seen_positions, version_seen
from parking.places.records import SPACE_COLUMNS, SpaceRecord, space_record
from parking.storage.sql import database

log = logging.getLogger(__name__)


async def bays_around(
    viewer: Viewer, version_ids: Sequence[int], now: datetime
) -> Mapping[int, Sequence[SpaceRecord]]:
    """The bays of the level to draw, for each of these versions whose bay is one of a plan and
    whose position the viewer may see; whether or not the place is public."""
    versions = (await version_seen(viewer, version_ids, now)).values()
    drawn = {
        space_id: await _drawn(space_id)
        for space_id in sorted({each.space_id for each in versions if each.space_id is not None})
    }
    return {each.id: drawn[each.space_id] for each in versions if each.space_id is not None}


async def _drawn(space_id: int) -> Sequence[SpaceRecord]:
    row = await database().fetch_one(
        f"SELECT {SPACE_COLUMNS} FROM space s WHERE s.id = $1", space_id
    )
    return [] if row is None else (await around(space_record(row)))[1]


async def looked_at(
    viewer: Viewer, position_ids: Sequence[int], now: datetime
) -> Mapping[int, bool]:
    """Note that a receiver looks at these, for their sharers (CLAIMS E17). Whether each may be
    seen; a log that cannot be written keeps nobody from seeing it."""
    seen = await seen_positions(viewer, position_ids, now)
    try:
        await _note([each for each in seen.values() if each.binding is not None], now)
    except Exception:
        log.exception("looks at positions %s were not logged", sorted(seen))
    return dict.fromkeys(seen, True)


async def _note(looks: Sequence[SeenPosition], now: datetime) -> None:
    sql = database()
    if not looks:
        return
    rows = await sql.fetch(
        "SELECT DISTINCT position_id, binding_id FROM position_access"
        f" WHERE position_id {sql.any_of('$1')} AND binding_id IS NOT NULL AND at > $2",
        [each.position.id for each in looks],
        now - LOOKS_LOGGED_EVERY,
    )
    noted = {(row["position_id"], row["binding_id"]) for row in rows}
    for position, binding in looks:
        if binding is not None and (position.id, binding.id) not in noted:
            await log_look(sql, position.id, binding.id, position.version, now)
