"""Following bookings. A message says only that there is a new version: the row is read again, so
what the bus lost, repeated or reordered costs nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.events.bus import Bus, Message
from parking.occupancy.state import UpdateKind
from parking.places.queries import place_by_id
from parking.reservations.queries import (
    ReservationFilter,
    find_reservations,
    reservations_by_id,
)
from parking.reservations.record import (
    organisation_topic,
    person_topic,
    place_bookings_topic,
    reservation_topic,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import LIVE

SNAPSHOT_MAX = 500
"""So many live bookings a snapshot tells, those that begin last first."""


@dataclass(frozen=True, slots=True)
class BookingsUpdate:
    """A SNAPSHOT has the live bookings; a DELTA those that changed, as they are now."""

    kind: UpdateKind
    bookings: list[ReservationRecord]


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose bookings are followed."""

    topic: str
    wanted: ReservationFilter


async def follow_reservation(
    viewer: Viewer, reservation_id: int, bus: Bus
) -> AsyncIterator[ReservationRecord]:
    """The booking now, then after each step; ends when the viewer may see it no more.

    Raises NotFound.
    """
    async with bus.subscribe(reservation_topic(reservation_id)) as messages:
        told = await _read(viewer, reservation_id)
        if told is None:
            raise NotFound("there is no such reservation")
        yield told
        async for _ in messages:
            found = await _read(viewer, reservation_id)
            if found is None:
                return
            if found.version > told.version:
                told = found
                yield told


async def _read(viewer: Viewer, reservation_id: int) -> ReservationRecord | None:
    return (await reservations_by_id(viewer, [reservation_id])).get(reservation_id)


async def followed(
    viewer: Viewer, place_id: int | None = None, organisation_id: int | None = None
) -> Followed:
    """A place's bookings for its OPERATORs and ATTENDANTs, a lessor's for its OWNERs and OPERATORs,
    else the viewer's own.

    Raises NotFound for everybody else, and InvalidInput for both at once.
    """
    if place_id is not None and organisation_id is not None:
        raise InvalidInput("organisationId", "name a place, or an organisation, or neither")
    if place_id is not None:
        await _require_staff(viewer, place_id)
        wanted = ReservationFilter(place_id=place_id, states=sorted(LIVE))
        return Followed(place_bookings_topic(place_id), wanted)
    if organisation_id is not None:
        if not viewer.has_role(organisation_id, Role.OWNER, Role.OPERATOR):
            raise NotFound("there is no such organisation")
        wanted = ReservationFilter(organisation_id=organisation_id, states=sorted(LIVE))
        return Followed(organisation_topic(organisation_id), wanted)
    if viewer.person_id is None:
        raise NotFound("only a signed-in person has reservations; name a place or organisation")
    own = ReservationFilter(person_id=viewer.person_id, states=sorted(LIVE))
    return Followed(person_topic(viewer.person_id), own)


async def _require_staff(viewer: Viewer, place_id: int) -> None:
    place = await place_by_id(viewer, place_id)
    if not viewer.has_role(place.organisation_id, Role.OPERATOR, Role.ATTENDANT):
        raise NotFound("there is no such place")


async def follow_reservations(
    viewer: Viewer, which: Followed, bus: Bus
) -> AsyncIterator[BookingsUpdate]:
    """All live ones first; then each that changes. After a gap of the bus all of them again."""
    async with bus.subscribe(which.topic) as messages:
        versions: dict[int, int] = {}
        yield await _snapshot(viewer, which, versions)
        async for message in messages:
            if message.body is None:
                yield await _snapshot(viewer, which, versions)
                continue
            changed = await _changed(viewer, message, versions)
            if changed is not None:
                yield BookingsUpdate(UpdateKind.DELTA, [changed])


async def _snapshot(viewer: Viewer, which: Followed, versions: dict[int, int]) -> BookingsUpdate:
    found = await find_reservations(viewer, which.wanted, limit=SNAPSHOT_MAX)
    versions.clear()
    versions.update((each.id, each.version) for each in found)
    return BookingsUpdate(UpdateKind.SNAPSHOT, found)


async def _changed(
    viewer: Viewer, message: Message, versions: dict[int, int]
) -> ReservationRecord | None:
    told = json.loads(message.body or b"{}")
    reservation_id, version = told["reservation_id"], told["version"]
    if versions.get(reservation_id, 0) >= version:
        return None
    found = await _read(viewer, reservation_id)
    if found is not None:
        versions[reservation_id] = found.version
    return found
