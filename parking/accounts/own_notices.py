"""What the viewer was told: their own list, and following it, or an organisation's dead letters.

A message of the bus says only that there is something new: the rows are read again, so what it
lost, repeated or reordered costs nothing.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from parking.accounts.dead_notices import list_dead_notices
from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted, Unauthenticated
from parking.events.bus import Bus
from parking.notices.dead import DeadNotice
from parking.notices.own import (
    OwnNotice,
    newest_version,
    own_notices_after,
    own_notices_by_id,
    own_notices_of,
)
from parking.notices.relay import dead_notices_topic, own_notices_topic
from parking.storage.sql import database

SNAPSHOT_MAX = 100
"""So many notices a snapshot tells, the newest; and so many are told after a gap."""


@dataclass(frozen=True, slots=True)
class NoticesUpdate:
    """Notices, the oldest first. A delta continues `previous_version` and leads to `version`; a
    snapshot, without one, has the newest."""

    notices: list[OwnNotice]
    version: int
    previous_version: int | None = None


@dataclass(frozen=True, slots=True)
class DeadNoticesUpdate:
    """Dead letters, the oldest first: a snapshot has the newest, a delta those given up since."""

    notices: list[DeadNotice]
    is_snapshot: bool


def reader_of(viewer: Viewer) -> int:
    """Whose own notices the viewer may read. Raises `NotFound` for everybody but a person who is
    signed in: what stands in for that, such as a booking's link, is for one thing only."""
    try:
        person_id = require_person(viewer)
    except (Unauthenticated, NotPermitted):
        person_id = None
    if person_id is None or viewer.is_stand_in:
        raise NotFound("only a signed-in person has notices of their own; sign in")
    return person_id


async def list_own_notices(
    viewer: Viewer, *, limit: int, before: int | None = None
) -> list[OwnNotice]:
    """The viewer's, the newest first; `before` is the version to go on behind. Raises NotFound."""
    return await own_notices_of(database(), reader_of(viewer), limit=limit, before=before)


async def own_notices(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, OwnNotice]:
    """Those of these that are the viewer's own."""
    try:
        person_id = reader_of(viewer)
    except NotFound:
        return {}
    return await own_notices_by_id(database(), person_id, ids)


async def follow_own_notices(
    viewer: Viewer, bus: Bus, after: int | None = None
) -> AsyncIterator[NoticesUpdate]:
    """A snapshot, or what is newer than `after` while that is kept; then each new one, none left
    out. Raises NotFound."""
    person_id = reader_of(viewer)
    async with bus.subscribe(own_notices_topic(person_id)) as messages:
        first = None if after is None else await _since(person_id, after)
        told = await _snapshot(person_id) if first is None else first
        yield told
        async for _ in messages:
            found = await _since(person_id, told.version)
            if found is None:
                told = await _snapshot(person_id)
                yield told
            elif found.notices:
                told = found
                yield told


async def _snapshot(person_id: int) -> NoticesUpdate:
    """The version first: what comes in between is told once more, never left out."""
    sql = database()
    version = await newest_version(sql, person_id)
    found = await own_notices_of(sql, person_id, limit=SNAPSHOT_MAX, before=version + 1)
    return NoticesUpdate(found[::-1], version)


async def _since(person_id: int, after: int) -> NoticesUpdate | None:
    """What came after a version; None where that is not to be had without a gap."""
    sql = database()
    version = await newest_version(sql, person_id)
    found = await own_notices_after(sql, person_id, after, limit=SNAPSHOT_MAX + 1)
    wanted = range(after + 1, after + 1 + len(found))
    if len(found) > SNAPSHOT_MAX or [each.version for each in found] != list(wanted):
        return None
    reached = after + len(found)
    is_whole = after <= version <= reached
    return NoticesUpdate(found, reached, after) if is_whole else None


async def follow_dead_notices(
    viewer: Viewer, organisation_id: int, bus: Bus
) -> AsyncIterator[DeadNoticesUpdate]:
    """The newest dead letters of an organisation, then each that is given up; after a gap of the
    bus the newest again. Raises NotFound and NotPermitted, whenever the viewer may not see them."""
    async with bus.subscribe(dead_notices_topic(organisation_id)) as messages:
        found = await list_dead_notices(viewer, organisation_id, limit=SNAPSHOT_MAX)
        yield DeadNoticesUpdate(found[::-1], is_snapshot=True)
        async for message in messages:
            found = await list_dead_notices(viewer, organisation_id, limit=SNAPSHOT_MAX)
            if message.body is None:
                yield DeadNoticesUpdate(found[::-1], is_snapshot=True)
                continue
            wanted = json.loads(message.body)["notice_id"]
            fresh = [each for each in found if each.id == wanted]
            if fresh:
                yield DeadNoticesUpdate(fresh, is_snapshot=False)
