"""Following stays. A message says only that something has changed: the rows are read again.

The steps of their bookings are listened to as well: those are announced again after a crash
(`parking.reservations.relay`), and a stay hardly changes without one.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.occupancy.state import UpdateKind
from parking.places.queries import place_by_id
from parking.reservations.record import person_topic, place_bookings_topic
from parking.sessions.models import SessionState
from parking.sessions.queries import SessionFilter, find_sessions, sessions_of_reservations
from parking.sessions.records import SessionRecord
from parking.sessions.topics import person_sessions_topic, place_sessions_topic

SNAPSHOT_MAX = 500
"""So many stays under way a snapshot tells, the latest first."""


@dataclass(frozen=True, slots=True)
class SessionsUpdate:
    """A SNAPSHOT has the stays under way; a DELTA those that changed, as they are now."""

    kind: UpdateKind
    sessions: list[SessionRecord]


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose stays are followed."""

    topics: tuple[str, ...]
    wanted: SessionFilter


async def followed(viewer: Viewer, place_id: int | None = None) -> Followed:
    """A place's stays for its OPERATORs and ATTENDANTs, without a place the viewer's own.

    Raises NotFound for everybody else.
    """
    if place_id is not None:
        place = await place_by_id(viewer, place_id)
        if not viewer.has_role(place.organisation_id, Role.OPERATOR, Role.ATTENDANT):
            raise NotFound("there is no such place")
        topics = (place_sessions_topic(place_id), place_bookings_topic(place_id))
        return Followed(topics, SessionFilter(place_id=place_id, state=SessionState.OPEN))
    person_id = viewer.person_id
    if person_id is None:
        raise NotFound("only a signed-in person has sessions; name a place")
    topics = (person_sessions_topic(person_id), person_topic(person_id))
    return Followed(topics, SessionFilter(person_id=person_id, state=SessionState.OPEN))


async def follow_sessions(
    viewer: Viewer, which: Followed, bus: Bus
) -> AsyncIterator[SessionsUpdate]:
    """Those under way first; then each that changes. After a gap of the bus all of them again."""
    async with bus.subscribe(*which.topics) as messages:
        versions: dict[int, int] = {}
        yield await _snapshot(viewer, which, versions)
        async for message in messages:
            if message.body is None:
                yield await _snapshot(viewer, which, versions)
                continue
            reservation_id = json.loads(message.body)["reservation_id"]
            changed = await _changed(viewer, reservation_id, versions)
            if changed:
                yield SessionsUpdate(UpdateKind.DELTA, changed)


async def _snapshot(viewer: Viewer, which: Followed, versions: dict[int, int]) -> SessionsUpdate:
    found = await find_sessions(viewer, which.wanted, limit=SNAPSHOT_MAX)
    versions.clear()
    versions.update((each.id, each.version) for each in found)
    return SessionsUpdate(UpdateKind.SNAPSHOT, found)


async def _changed(
    viewer: Viewer, reservation_id: int, versions: dict[int, int]
) -> list[SessionRecord]:
    found = (await sessions_of_reservations(viewer, [reservation_id]))[reservation_id]
    fresh = [each for each in found if versions.get(each.id, 0) < each.version]
    versions.update((each.id, each.version) for each in fresh)
    return fresh
