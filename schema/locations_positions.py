"""Positions of cars and their versions, for sharers and receivers."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.locations.kinds import PositionState, VersionKind, VersionSource
from parking.locations.limits import POSITIONS_ACTIVE_MAX, VERSIONS_MAX
from parking.locations.positions.looks import bays_around, looked_at
from parking.locations.positions.queries import (
    SeenPosition,
    newest_versions,
    own_positions,
    places_of,
    seen_positions,
    shown_positions,
    version_seen,
    versions_of,
)
from parking.locations.records import PositionVersionRecord
from schema import locations_refinement, places, reservations, spaces
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id
from schema.locations_links import BAYS_ASSUMED, LinkedBay, PositionSharing, bay_of
from schema.locations_now import load_now
from schema.locations_photos import PhotoUpload, VersionPhoto
from schema.refusals import known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    after_id,
    connection,
    page,
)
from schema.scalars import TimeZone, Version

if TYPE_CHECKING:
    from schema.locations_refinement import RefinementRequest
    from schema.places import Place
    from schema.reservations import Reservation
    from schema.spaces import Space

VERSIONS_ASSUMED = 10
PLAN_COST = 5
QUESTIONS_ASSUMED = 3

MaybePlace: TypeAlias = Annotated["Place", strawberry.lazy("schema.places")] | None
MaybeReservation: TypeAlias = (
    Annotated["Reservation", strawberry.lazy("schema.reservations")] | None
)
Questions: TypeAlias = list[
    Annotated["RefinementRequest", strawberry.lazy("schema.locations_refinement")]
]


@strawberry.type(
    description="What is known of where a car stands, by whom, since when. It never changes: what"
    " is known later is another version. For whom the position is shown to."
)
class PositionVersion(VersionPhoto, Node):
    """`parking.locations.records.PositionVersionRecord`."""

    number: Version = strawberry.field(description="1, 2, 3 … within the position.")
    kind: VersionKind = strawberry.field(description="Why there is this version.")
    source: VersionSource = strawberry.field(description="Who says so.")
    at: datetime = strawberry.field(description="When it was said.")
    floor: str = strawberry.field(description="May be empty, as area and bay.")
    area: str = strawberry.field(description="A row or zone.")
    bay: str = strawberry.field(description="The number of the space, or what somebody typed.")
    coordinates: Position | None = strawberry.field(description="WGS 84; null: not known.")
    accuracy_metres: float | None = strawberry.field(
        description="How good the coordinates are; null: not known."
    )
    note: str = strawberry.field(description="The sharer's own words; may be empty.")
    domain: strawberry.Private[PositionVersionRecord]

    @resolved("The space; null: not known, or the place is private to others.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved(
        "The bays of its level, to draw; none where its bay is not one of the place's plan.",
        metadata={VOLATILE: True, COST: Cost(weight=PLAN_COST, assumed_size=BAYS_ASSUMED)},
    )
    async def bays(self, info: Info) -> list[LinkedBay]:
        found = await load_now(info.context, bays_around, self.domain.id)
        return [bay_of(each, self.domain.space_id) for each in found or ()]


@strawberry.type(
    description="Where a car stands, for its sharer, and while it is shown to them for receivers."
    " Neither plate nor phone, nor anything else of the sharer's, is told to receivers."
)
class ParkingPosition(PhotoUpload, PositionSharing, Node):
    """`parking.locations.positions.queries.SeenPosition`."""

    is_own: bool = strawberry.field(description="Whether the viewer is its sharer.")
    sharer_name: str = strawberry.field(
        description="What the viewer calls its sharer; empty for their own."
    )
    shown_until: datetime | None = strawberry.field(
        description="It is shown to the viewer until then, and no longer than the car is there;"
        " null: as long as that."
    )
    title: str = strawberry.field(description="The sharer's own words; may be empty.")
    state: PositionState = strawberry.field(description="Whether the car is there.")
    version: Version = strawberry.field(description="Number of the newest version.")
    change: Version = strawberry.field(description="Grows with everything that changes.")
    created_at: datetime = strawberry.field(description="When it was recorded.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    ended_at: datetime | None = strawberry.field(
        description="When it ended; null: it has not, or that is about to be written down."
    )
    domain: strawberry.Private[SeenPosition]

    @property
    def key(self) -> int:
        """Its database key."""
        return self.domain.position.id

    @resolved(
        "What is known now. A receiver who asks is in the sharer's log of looks.",
        metadata={VOLATILE: True},
    )
    async def newest(self, info: Info) -> PositionVersion:
        await load_now(info.context, looked_at, self.key)
        return version_of(known(await load_now(info.context, newest_versions, self.key)))

    @resolved(
        f"All that was ever known of it, the oldest first; at most {VERSIONS_MAX}.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=VERSIONS_ASSUMED)},
    )
    async def versions(self, info: Info) -> list[PositionVersion]:
        await load_now(info.context, looked_at, self.key)
        found = await load_now(info.context, versions_of, self.key)
        return [version_of(each) for each in found or ()]

    @resolved("Name of the place; empty: it is not known.", metadata={VOLATILE: True})
    async def place_name(self, info: Info) -> str:
        found = await load_now(info.context, places_of, self.key)
        return "" if found is None else found.name

    @resolved("Where its clocks are; null: it is not known.", metadata={VOLATILE: True})
    async def time_zone(self, info: Info) -> TimeZone | None:
        found = await load_now(info.context, places_of, self.key)
        return None if found is None else TimeZone(found.time_zone)

    @resolved("The place; null: it is not known, or it is private to others.")
    async def place(self, info: Info) -> MaybePlace:
        return await places.load_place(info, self.domain.position.place_id)

    @resolved("Its booking; null: it has none, or the viewer is not its sharer.")
    async def reservation(self, info: Info) -> MaybeReservation:
        key = self.domain.position.reservation_id if self.is_own else None
        return await reservations.load_reservation(info, key)

    @resolved(
        "What terminals were asked about it, the oldest first; to its sharer only, else empty.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=QUESTIONS_ASSUMED)},
    )
    async def refinements(self, info: Info) -> Questions:
        return await locations_refinement.load_questions_of(info, self.key)


def version_of(version: PositionVersionRecord) -> PositionVersion:
    """The domain's version as the schema's type."""
    return PositionVersion(
        id=global_id("PositionVersion", version.id),
        number=Version(version.number),
        kind=version.kind,
        source=version.source,
        at=version.at,
        floor=version.floor,
        area=version.area,
        bay=version.bay,
        coordinates=position_of(version.latitude, version.longitude),
        accuracy_metres=version.accuracy_metres,
        note=version.note,
        domain=version,
    )


def parking_position_of(seen: SeenPosition) -> ParkingPosition:
    """The domain's position, as its viewer sees it, as the schema's type."""
    position, binding = seen
    return ParkingPosition(
        id=global_id("ParkingPosition", position.id),
        is_own=binding is None,
        sharer_name="" if binding is None else binding.sharer_name,
        shown_until=None if binding is None else binding.until,
        title=position.title,
        state=position.state,
        version=Version(position.version),
        change=Version(position.change),
        created_at=position.created_at,
        changed_at=position.changed_at,
        ended_at=position.ended_at,
        domain=seen,
    )


async def load_position(info: Info, key: int | None) -> ParkingPosition | None:
    """The position, if the viewer may see it now."""
    found = await load_now(info.context, seen_positions, key)
    return None if found is None else parking_position_of(found)


async def load_known_position(info: Info, key: int) -> ParkingPosition:
    """One that a verb has just recorded or changed; an error if it is gone since."""
    return known(await load_position(info, key))


async def load_version(info: Info, key: int | None) -> PositionVersion | None:
    """The version, if the viewer may see its position now; a look, also where asked for by id."""
    found = await load_now(info.context, version_seen, key)
    if found is None:
        return None
    await load_now(info.context, looked_at, found.position_id)
    return version_of(found)


def positions_of(seen: Sequence[SeenPosition]) -> list[ParkingPosition]:
    """Several."""
    return [parking_position_of(each) for each in seen]


@strawberry.type
class ViewerPositions:
    """Fields of `Viewer`."""

    @resolved(
        "Positions of the viewer's own cars, the newest first; none for an API key.",
        metadata={VOLATILE: True},
    )
    async def positions(
        self,
        info: Info,
        is_active: Annotated[
            bool | None,
            strawberry.argument(
                description="Only those whose car is there, at most"
                f" {POSITIONS_ACTIVE_MAX}, or only the others; null: all."
            ),
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[ParkingPosition]:
        viewer, asked = viewer_of(info.context), page(first, after)
        found = await own_positions(
            viewer, is_active=is_active, limit=asked.limit, before_id=after_id(asked)
        )
        return connection(asked, found, lambda seen: (seen.position.id,), parking_position_of)

    @resolved(
        "Positions that others show to the viewer now, the newest first; none for an API key.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=VERSIONS_ASSUMED)},
    )
    async def shown_positions(self, info: Info) -> list[ParkingPosition]:
        now = services_of(info.context).clock.now()
        return positions_of(await shown_positions(viewer_of(info.context), now))
