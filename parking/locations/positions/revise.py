"""What a sharer says later of their car: more, something else, or that they moved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import PositionState, VersionKind, VersionSource
from parking.locations.limits import TITLE_CHARACTERS_MAX, VERSIONS_MAX
from parking.locations.positions.facts import (
    NOTHING,
    Facts,
    Given,
    facts_of,
    is_empty,
    next_facts,
)
from parking.locations.positions.record import checked_by_hand
from parking.locations.positions.rows import bump, locked_position, newest_version, position_row
from parking.locations.positions.spaces import facts_of_space
from parking.locations.positions.telling import announce
from parking.locations.positions.versions import Said, add_version
from parking.locations.records import PositionRecord, PositionVersionRecord
from parking.locations.rules import is_sharer
from parking.places.rules import checked_text
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

REVISING = (VersionKind.REFINED, VersionKind.CORRECTED, VersionKind.MOVED)


@dataclass(frozen=True, slots=True)
class Revision:
    """`given` by the names of `Facts`. What is not in it is kept, except when the car was MOVED."""

    position_id: int
    kind: VersionKind
    given: Mapping[str, Any]


async def revise_position(viewer: Viewer, revision: Revision, *, clock: Clock, bus: Bus) -> int:
    """Add a version as the sharer; its number.

    Raises `NotFound`, `InvalidInput`, and `Conflict`: POSITION_ENDED, TOO_MANY_VERSIONS.
    """
    require_person(viewer)
    if revision.kind not in REVISING:
        raise InvalidInput("kind", "a later version is REFINED, CORRECTED or MOVED")
    if not revision.given:
        raise InvalidInput("input", "say at least one thing that is known of the car's position")
    given = await _checked(viewer, revision)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_position(sql, viewer, revision.position_id)
            require_active(position)
            await _require_photo(sql, position, given.get("photo_id"))
            facts = await revised(sql, position, revision.kind, given)
            said = Said(facts, revision.kind, VersionSource.SHARER, viewer.actor)
            return (await add_version(sql, held, position, said, clock.now())).version

    return await retried(write)


async def _checked(viewer: Viewer, revision: Revision) -> dict[str, Any]:
    """As `checked_by_hand`; a private place in which the car stands may be named by its sharer."""
    given = dict(revision.given)
    place_id = given.get("place_id")
    position = await position_row(database(), revision.position_id)
    is_here = position is not None and is_sharer(viewer, position)
    if position is not None and is_here and place_id is not None and place_id == position.place_id:
        return {**await checked_by_hand(viewer, _without(given, "place_id")), "place_id": place_id}
    return await checked_by_hand(viewer, given)


async def _require_photo(sql: Sql, position: PositionRecord, photo_id: int | None) -> None:
    """Raises `InvalidInput` for a photo that was not sent for this position."""
    if photo_id is None:
        return
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM position_photo WHERE id = $1 AND position_id = $2",
        photo_id,
        position.id,
    )
    if row is None:
        raise InvalidInput("photoId", "there is no such photo of this position; send it first")


def _without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in given.items() if each != name}


async def entitle_position(
    viewer: Viewer, position_id: int, title: str, *, clock: Clock, bus: Bus
) -> None:
    """Give the position another title. Raises `NotFound` and `InvalidInput`."""
    require_person(viewer)
    title = checked_text("title", title, TITLE_CHARACTERS_MAX, is_required=False)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_position(sql, viewer, position_id)
            await sql.execute(
                "UPDATE parking_position SET title = $2 WHERE id = $1", position_id, title
            )
            at: datetime = clock.now()
            await announce(sql, held, await bump(sql, position, at), at)

    await retried(write)


async def own_position(sql: Sql, viewer: Viewer, position_id: int) -> PositionRecord:
    """The viewer's own position, locked. Raises `NotFound`."""
    position = await locked_position(sql, position_id)
    if position is None or not is_sharer(viewer, position):
        raise NotFound("there is no such position")
    return position


def require_active(position: PositionRecord) -> None:
    """Raises `Conflict` with the code `POSITION_ENDED` when the car is not there any more."""
    if position.state is not PositionState.ACTIVE:
        raise Conflict("the car is gone; record a new position", code="POSITION_ENDED")


def require_room(position: PositionRecord) -> None:
    """Raises `Conflict` with the code `TOO_MANY_VERSIONS`."""
    if position.version >= VERSIONS_MAX:
        raise Conflict(
            f"the position has {VERSIONS_MAX} versions, and no more fit; end it and record another",
            code="TOO_MANY_VERSIONS",
        )


async def revised(sql: Sql, position: PositionRecord, kind: VersionKind, given: Given) -> Facts:
    """What the next version of a locked position says. Raises `InvalidInput`, and `Conflict` with
    the code `TOO_MANY_VERSIONS`."""
    require_room(position)
    before: PositionVersionRecord = await newest_version(sql, position)
    space_id = given.get("space_id")
    facts = next_facts(
        facts_of(before),
        kind,
        given,
        space=NOTHING if space_id is None else await facts_of_space(sql, space_id),
        former_space=await facts_of_space(sql, before.space_id),
    )
    if is_empty(facts):
        raise InvalidInput("input", "nothing would be known of the car's position any more")
    return facts
