"""Reading a place live: snapshots, what happened since a version, following without a gap."""

from collections.abc import AsyncIterator, Sequence

from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Message, Subscription
from parking.occupancy import rows
from parking.occupancy.state import PlaceUpdate, UpdateKind, decode_update, merge
from parking.storage.sql import database

DELTAS_MAX = 5_000
"""A consumer further behind than this gets a snapshot: it is smaller than the deltas."""


async def place_snapshot(place_id: int, clock: Clock) -> PlaceUpdate:
    """The whole place at one version. Raises NotFound."""
    whole = await rows.read_whole_place(database(), place_id)
    if whole is None:
        raise NotFound(f"There is no place {place_id}.")
    place, states = whole
    return PlaceUpdate(
        place_id=place_id,
        version=place.version,
        at=clock.now(),
        state=place.state,
        counts=place.counts,
        spaces=tuple(state.snapshot() for state in states),
        kind=UpdateKind.SNAPSHOT,
    )


async def place_deltas(place_id: int, after: int) -> PlaceUpdate | None:
    """What happened after version `after`, as one merged delta.

    None when nothing did, or when it cannot be told as a delta (not retained any more, too much,
    spaces were edited, or `after` is not a version of this place): a snapshot tells it.
    """
    found = await database().fetch(
        "SELECT payload FROM place_event WHERE place_id = $1 AND version > $2"
        " ORDER BY version LIMIT $3",
        place_id,
        after,
        DELTAS_MAX + 1,
    )
    updates = [decode_update(row["payload"]) for row in found]
    if not updates or len(updates) > DELTAS_MAX or updates[0].previous_version != after:
        return None
    merged = merge(updates)
    return None if merged.is_inventory else merged


async def place_versions(place_ids: Sequence[int]) -> dict[int, int]:
    """The newest committed version of each of these places that exists."""
    sql = database()
    found = await sql.fetch(
        f"SELECT id, version FROM place WHERE id {sql.any_of('$1')}", list(place_ids)
    )
    return {row["id"]: row["version"] for row in found}


async def catch_up(place_id: int, version: int, clock: Clock) -> PlaceUpdate | None:
    """What continues from `version`: a delta, or a snapshot if that cannot be told, or None."""
    if (await place_versions([place_id])).get(place_id) == version:
        return None
    return await place_deltas(place_id, version) or await place_snapshot(place_id, clock)


async def follow_place(
    place_id: int, version: int, messages: Subscription, clock: Clock
) -> AsyncIterator[PlaceUpdate]:
    """Everything that happens to the place after `version`, in order, each change once.

    Subscribe to the place's topic before reading the state at `version`. What the bus loses is
    read from the database; each update continues from the one before or is a snapshot.
    """
    async for message in messages:
        update = await _next(place_id, version, message, clock)
        if update is not None and update.version > version:
            version = update.version
            yield update


async def _next(place_id: int, version: int, message: Message, clock: Clock) -> PlaceUpdate | None:
    body = message.body
    if body is None:
        return await catch_up(place_id, version, clock)
    if body.isdigit():  # the relay's announcement of a version
        return await catch_up(place_id, version, clock) if int(body) > version else None
    update = decode_update(body)
    if update.version <= version:
        return None
    if update.previous_version == version and not update.is_inventory:
        return update
    return await catch_up(place_id, version, clock)
