"""Spaces: the bays of a place, where they are and what state they are in."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.occupancy.history import space_history
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.space_views import SpaceView, find_space_views, space_views_by_id
from parking.places.search import SpaceFilter, space_key
from schema import devices, places, subplaces, titles
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VERSIONED_BY, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id, key_of, wanted_key
from schema.loaders import load
from schema.occupancy import (
    BUCKET_MINUTES_DEFAULT,
    HISTORY_COST,
    HISTORY_DESCRIPTION,
    BucketMinutes,
    EndsAt,
    OccupancyHistory,
    StartsAt,
    history_of,
)
from schema.refusals import RefusalsAsErrors
from schema.relay import Connection, Id, Node, Page, connection
from schema.scalars import Version
from schema.versions import space_tags

if TYPE_CHECKING:
    from schema.devices import Device
    from schema.places import Place
    from schema.subplaces import Subplace
    from schema.titles import Title


@strawberry.type(description="What a space is good for.")
class SpaceAttributes:
    """Fixed properties of a bay."""

    is_ev: bool = strawberry.field(description="Whether an electric vehicle can charge there.")
    is_accessible: bool = strawberry.field(description="Whether it is for disabled drivers.")
    height_max_metres: float | None = strawberry.field(
        description="The highest vehicle that fits, in metres; null when not limited or known."
    )


@strawberry.type(description="The rectangle of a space on the plan of its level.")
class SpacePlan:
    """Metres, x to the right and y downwards."""

    x_metres: float = strawberry.field(description="Centre, to the right of the plan's origin.")
    y_metres: float = strawberry.field(description="Centre, below the plan's origin.")
    width_metres: float = strawberry.field(description="Width of the bay.")
    length_metres: float = strawberry.field(description="Length of the bay.")
    rotation_degrees: float = strawberry.field(
        description="Clockwise; at 0 the length lies along y."
    )


@strawberry.type(description="Whether a vehicle stands in the space, and how that is known.")
class SpaceOccupancy:
    """The occupancy axis."""

    value: Occupancy = strawberry.field(description="Whether a vehicle stands in it.")
    since: datetime | None = strawberry.field(description="When the present occupancy began.")
    observed_at: datetime | None = strawberry.field(
        description="When a device or person last said so. Moves without a new `version`.",
        metadata={VOLATILE: True},
    )
    source: Source = strawberry.field(description="Who says so.")


@strawberry.type(description="What the lock arm of the space says.")
class SpaceLock:
    """The lock axis."""

    state: LockState = strawberry.field(description="The arm's state; UNKNOWN without a lock.")
    since: datetime | None = strawberry.field(description="When that state began.")


@strawberry.type(description="A bay: where one vehicle stands.")
class Space(Node):
    """`parking.occupancy.space_views.SpaceView`."""

    number: str = strawberry.field(description="The number painted on it, unique in its place.")
    external_id: str | None = strawberry.field(description="Its id in the inventory it came from.")
    subplace_id: strawberry.ID | None = strawberry.field(description="The id of its subplace.")
    attributes: SpaceAttributes = strawberry.field(description="What it is good for.")
    plan: SpacePlan = strawberry.field(description="Where it lies on the plan of its level.")
    position: Position | None = strawberry.field(description="Where it is on the earth.")
    status: SpaceStatus = strawberry.field(description="The one word for display.")
    occupancy: SpaceOccupancy = strawberry.field(description="Whether a vehicle stands in it.")
    service: Service = strawberry.field(description="Whether the operator offers it.")
    claim: Claim = strawberry.field(description="Whether somebody has a right to it now.")
    lock: SpaceLock = strawberry.field(description="What its lock arm says.")
    version: Version = strawberry.field(description="The place's version at its last change.")
    key: strawberry.Private[int]
    place_key: strawberry.Private[int]
    subplace_key: strawberry.Private[int | None]

    @resolved("The place it belongs to.")
    async def place(self, info: Info) -> Annotated["Place", strawberry.lazy("schema.places")]:
        return await places.load_known_place(info, self.place_key)

    @resolved("The level, row or zone it lies in.")
    async def subplace(
        self, info: Info
    ) -> Annotated["Subplace", strawberry.lazy("schema.subplaces")] | None:
        return await subplaces.load_subplace(info, self.subplace_key)

    @resolved(
        HISTORY_DESCRIPTION,
        metadata={VOLATILE: True, COST: Cost(weight=HISTORY_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def occupancy_history(
        self,
        info: Info,
        starts_at: StartsAt,
        ends_at: EndsAt = None,
        bucket_minutes: BucketMinutes = BUCKET_MINUTES_DEFAULT,
    ) -> OccupancyHistory:
        now = services_of(info.context).clock.now()
        until, bucket = ends_at or now, timedelta(minutes=bucket_minutes)
        buckets = await space_history(self.key, starts_at, until, bucket, now)
        return history_of(starts_at, until, bucket_minutes, buckets)

    @resolved(
        "The devices in it; null unless the viewer may see them.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=3)},
    )
    async def devices(
        self, info: Info
    ) -> list[Annotated["Device", strawberry.lazy("schema.devices")]] | None:
        return await devices.load_devices_of_space(info, self.key)

    @resolved(
        "Titles to it that the viewer may see, newest first: the lessor's own, and all to who"
        " works at the place.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=3)},
    )
    async def titles(
        self, info: Info
    ) -> list[Annotated["Title", strawberry.lazy("schema.titles")]]:
        return await titles.load_titles_of_space(info, self.key)


def space_of(view: SpaceView) -> Space:
    """The domain's space as the schema's type."""
    space, state = view.space, view.state
    subplace = space.subplace_id
    return Space(
        id=global_id("Space", space.id),
        key=space.id,
        place_key=space.place_id,
        subplace_key=subplace,
        number=space.number,
        external_id=space.external_id,
        subplace_id=None if subplace is None else global_id("Subplace", subplace),
        attributes=SpaceAttributes(
            is_ev=space.is_ev,
            is_accessible=space.is_accessible,
            height_max_metres=space.height_max_metres,
        ),
        plan=SpacePlan(
            x_metres=space.x_metres,
            y_metres=space.y_metres,
            width_metres=space.width_metres,
            length_metres=space.length_metres,
            rotation_degrees=space.rotation_degrees,
        ),
        position=position_of(space.latitude, space.longitude),
        status=state.status,
        occupancy=SpaceOccupancy(
            value=state.occupancy,
            since=state.since,
            observed_at=state.observed_at,
            source=state.source,
        ),
        service=state.service,
        claim=state.claim,
        lock=SpaceLock(state=state.lock, since=state.lock_since),
        version=Version(state.version),
    )


async def load_space(info: Info, key: int | None) -> Space | None:
    """The space, if the viewer may see it."""
    view = await load(info.context, space_views_by_id, key)
    return None if view is None else space_of(view)


@strawberry.input(description="Which spaces of a place; what is left out does not matter.")
class SpaceFilterInput:
    """`parking.places.search.SpaceFilter`."""

    statuses: list[SpaceStatus] | None = strawberry.field(
        default=None, description="With one of these statuses."
    )
    subplace_id: strawberry.ID | None = strawberry.field(
        default=None, description="In this subplace, or below it."
    )
    is_ev: bool | None = strawberry.field(default=None, description="With a charger, or without.")
    is_accessible: bool | None = strawberry.field(
        default=None, description="For disabled drivers, or not."
    )


async def space_page(
    info: Info, place_key: int, wanted: SpaceFilterInput | None, asked: Page
) -> Connection[Space]:
    """One page of the spaces of a place that the viewer may see."""
    viewer, found = viewer_of(info.context), _filter(wanted or SpaceFilterInput())
    views = await find_space_views(viewer, place_key, found, limit=asked.limit, after=asked.after)
    return connection(asked, views, lambda view: space_key(view.space), space_of)


def _filter(wanted: SpaceFilterInput) -> SpaceFilter:
    subplace = wanted.subplace_id
    return SpaceFilter(
        statuses=wanted.statuses,
        # An id that is no subplace's matches nothing, like one of another place.
        subplace_id=None if subplace is None else wanted_key(subplace, "Subplace"),
        is_ev=wanted.is_ev,
        is_accessible=wanted.is_accessible,
    )


@strawberry.type
class SpaceQueries:
    """Root fields about spaces."""

    @resolved(
        "A space; null when there is none, or none that the viewer may see.",
        metadata={VERSIONED_BY: space_tags},
    )
    async def space(self, info: Info, id: Id) -> Space | None:
        return await load_space(info, key_of(id, "Space"))
