"""Spaces with their present state, as a viewer may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parking.accounts.viewer import Viewer
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.state import SpaceSnapshot
from parking.places.queries import spaces_by_id
from parking.places.records import SpaceRecord
from parking.places.search import NO_SPACE_FILTER, Key, SpaceFilter, find_spaces
from parking.storage.sql import as_time_or_none, database


@dataclass(frozen=True, slots=True)
class SpaceView:
    """A bay's fixed facts and its state."""

    space: SpaceRecord
    state: SpaceSnapshot


async def find_space_views(
    viewer: Viewer,
    place_id: int,
    wanted: SpaceFilter = NO_SPACE_FILTER,
    *,
    limit: int,
    after: Key | None = None,
) -> list[SpaceView]:
    """One page of a place's spaces by number, with their states; see `find_spaces`."""
    found = await find_spaces(viewer, place_id, wanted, limit=limit, after=after)
    return await _with_states(found)


async def space_views_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SpaceView]:
    """The spaces of these ids, of places that the viewer may see, with their states."""
    found = await spaces_by_id(viewer, ids)
    return {view.space.id: view for view in await _with_states(found.values())}


async def _with_states(spaces: Iterable[SpaceRecord]) -> list[SpaceView]:
    by_id = {space.id: space for space in spaces}
    sql = database()
    rows = await sql.fetch(
        "SELECT space_id, occupancy, occupancy_since, observed_at, source, service, claim, lock,"
        f" lock_since, status, version FROM space_state WHERE space_id {sql.any_of('$1')}",
        list(by_id),
    )
    states = {row["space_id"]: row for row in rows}
    return [
        SpaceView(space, _state(space, states[space.id]))
        for space in by_id.values()
        if space.id in states
    ]


def _state(space: SpaceRecord, row: Mapping[str, Any]) -> SpaceSnapshot:
    return SpaceSnapshot(
        space_id=space.id,
        number=space.number,
        occupancy=Occupancy(row["occupancy"]),
        since=as_time_or_none(row["occupancy_since"]),
        observed_at=as_time_or_none(row["observed_at"]),
        source=Source(row["source"]),
        service=Service(row["service"]),
        claim=Claim(row["claim"]),
        lock=LockState(row["lock"]),
        lock_since=as_time_or_none(row["lock_since"]),
        status=SpaceStatus(row["status"]),
        version=row["version"],
    )
