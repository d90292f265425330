"""What subscribers get: the state of places and spaces, as snapshots and deltas."""

from datetime import datetime

import strawberry

from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.state import PlaceUpdate, SpaceSnapshot, UpdateKind
from parking.places.models import PlaceState
from parking.places.records import PlaceRecord
from schema.context import Info
from schema.devices import DeviceHealth
from schema.fields import resolved
from schema.ids import global_id
from schema.occupancy import SpaceCounts, counts_of, counts_of_place
from schema.places import Place, load_place
from schema.scalars import Version
from schema.spaces import Space, load_space


@strawberry.type(description="The state of one space at its last change.")
class SpaceChange:
    """`parking.occupancy.state.SpaceSnapshot`."""

    space_id: strawberry.ID = strawberry.field(description="The space's id.")
    number: str = strawberry.field(description="The number painted on it.")
    status: SpaceStatus = strawberry.field(description="The one word for display.")
    occupancy: Occupancy = strawberry.field(description="Whether a vehicle stands in it.")
    since: datetime | None = strawberry.field(description="When the present occupancy began.")
    observed_at: datetime | None = strawberry.field(
        description="When a device or person last said so; not told again while nothing changes."
    )
    source: Source = strawberry.field(description="Who says so.")
    service: Service = strawberry.field(description="Whether the operator offers it.")
    claim: Claim = strawberry.field(description="Whether somebody has a right to it now.")
    lock: LockState = strawberry.field(description="What its lock arm says.")
    version: Version = strawberry.field(description="The place's version at its last change.")
    key: strawberry.Private[int]

    @resolved("The space itself; null when it is not in use any more.")
    async def space(self, info: Info) -> Space | None:
        return await load_space(info, self.key)


def change_of(space: SpaceSnapshot) -> SpaceChange:
    """The domain's state of a space as the schema's type."""
    return SpaceChange(
        space_id=global_id("Space", space.space_id),
        number=space.number,
        status=space.status,
        occupancy=space.occupancy,
        since=space.since,
        observed_at=space.observed_at,
        source=space.source,
        service=space.service,
        claim=space.claim,
        lock=space.lock,
        version=Version(space.version),
        key=space.space_id,
    )


@strawberry.type(
    description="A place at `version`. A DELTA takes a consumer that stands exactly at"
    " `previousVersion` there; whoever stands elsewhere has missed something."
)
class PlaceOccupancyUpdate:
    """`parking.occupancy.state.PlaceUpdate`."""

    kind: UpdateKind = strawberry.field(description="How to apply it.")
    place_id: strawberry.ID = strawberry.field(description="The place's id.")
    version: Version = strawberry.field(description="The place's version after this update.")
    previous_version: Version | None = strawberry.field(
        description="The version that a DELTA continues from; null in a SNAPSHOT."
    )
    at: datetime = strawberry.field(description="When it was committed; of a SNAPSHOT, read.")
    state: PlaceState = strawberry.field(description="How full the place is now.")
    counts: SpaceCounts = strawberry.field(description="Its counts now.")
    spaces: list[SpaceChange] = strawberry.field(
        description="All spaces in use in a SNAPSHOT, the changed ones in a DELTA."
    )
    domain: strawberry.Private[PlaceUpdate]

    @resolved("The place itself.")
    async def place(self, info: Info) -> Place | None:
        return await load_place(info, self.domain.place_id)


def update_of(update: PlaceUpdate) -> PlaceOccupancyUpdate:
    """The domain's update as the schema's type."""
    previous = update.previous_version
    return PlaceOccupancyUpdate(
        kind=update.kind,
        place_id=global_id("Place", update.place_id),
        version=Version(update.version),
        previous_version=None if previous is None else Version(previous),
        at=update.at,
        state=update.state,
        counts=counts_of(update.counts),
        spaces=[change_of(space) for space in update.spaces],
        domain=update,
    )


@strawberry.type(description="The summary of one place at `version`.")
class PlaceChange:
    """A place in `areaOccupancy`."""

    place_id: strawberry.ID = strawberry.field(description="The place's id.")
    version: Version = strawberry.field(description="The place's version.")
    at: datetime = strawberry.field(description="When it was committed; of a SNAPSHOT, read.")
    state: PlaceState = strawberry.field(description="How full the place is now.")
    counts: SpaceCounts = strawberry.field(description="Its counts now.")
    key: strawberry.Private[int]

    @resolved("The place itself.")
    async def place(self, info: Info) -> Place | None:
        return await load_place(info, self.key)


def place_change_of(place: PlaceRecord, at: datetime) -> PlaceChange:
    """A place as it was read at `at`."""
    return PlaceChange(
        place_id=global_id("Place", place.id),
        version=Version(place.version),
        at=at,
        state=place.state,
        counts=counts_of_place(place),
        key=place.id,
    )


def place_change_of_update(update: PlaceUpdate) -> PlaceChange:
    """A place as an update left it."""
    return PlaceChange(
        place_id=global_id("Place", update.place_id),
        version=Version(update.version),
        at=update.at,
        state=update.state,
        counts=counts_of(update.counts),
        key=update.place_id,
    )


@strawberry.type(
    description="Places in an area. A DELTA may come twice: apply each place's newest version."
)
class AreaOccupancyUpdate:
    """What `areaOccupancy` gives."""

    kind: UpdateKind = strawberry.field(description="How to apply it.")
    places: list[PlaceChange] = strawberry.field(
        description="All visible places of the area in a SNAPSHOT, the changed ones in a DELTA."
    )

    def items(self) -> list[PlaceChange]:
        """What `schema.streams` merges."""
        return self.places


@strawberry.type(
    description="Single spaces. A DELTA may come twice: apply each space's newest version."
)
class SpaceStatusUpdate:
    """What `spaceStatus` gives."""

    kind: UpdateKind = strawberry.field(description="How to apply it.")
    spaces: list[SpaceChange] = strawberry.field(
        description="All spaces asked for in a SNAPSHOT, the changed ones in a DELTA."
    )

    def items(self) -> list[SpaceChange]:
        """What `schema.streams` merges."""
        return self.spaces


@strawberry.type(
    description="Devices of a place. A DELTA may come twice: apply each device's newest values."
)
class DeviceHealthUpdate:
    """What `deviceHealth` gives."""

    kind: UpdateKind = strawberry.field(description="How to apply it.")
    place_id: strawberry.ID = strawberry.field(description="The place's id.")
    devices: list[DeviceHealth] = strawberry.field(
        description="All devices in use in a SNAPSHOT, the changed ones in a DELTA."
    )

    def items(self) -> list[DeviceHealth]:
        """What `schema.streams` merges."""
        return self.devices
