"""The door to `parking.occupancy` for the verbs of this noun.

Occupancy stands above places, for it keeps the states of their spaces; but a place's version and
events are one sequence, whatever changed. So every change of the estate goes through occupancy's
one machinery, and only this module of places looks upwards.
"""

from parking.occupancy.change import (
    PlaceChange,
    begin_change,
    changing_places,
    publish_updates,
)
from parking.occupancy.models import Service
from parking.storage.sql import Sql

__all__ = [
    "PlaceChange",
    "Service",
    "add_states",
    "begin_change",
    "changing_places",
    "publish_updates",
    "remove_states",
]


async def add_states(sql: Sql, place_id: int) -> None:
    """A state, unknown as yet, for each space in use of the place that has none."""
    await sql.execute(
        "INSERT INTO space_state (space_id, place_id) SELECT s.id, s.place_id FROM space s"
        " WHERE s.place_id = $1 AND s.retired_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM space_state st WHERE st.space_id = s.id)",
        place_id,
    )


async def remove_states(sql: Sql, space_ids: list[int]) -> None:
    """Retired spaces have no state, so that a late report finds nothing to change."""
    await sql.execute(f"DELETE FROM space_state WHERE space_id {sql.any_of('$1')}", space_ids)
