"""Secure links and the access log, for sharers; and what whoever has a link is shown."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.locations.bindings.queries import bindings_of_position
from parking.locations.kinds import LinkOutcome, VersionSource
from parking.locations.limits import ACCESSES_SHOWN_MAX, LINKS_LIVE_MAX
from parking.locations.links.log import accesses_of_position
from parking.locations.links.queries import links_by_id, links_of_position
from parking.locations.links.rules import is_open
from parking.locations.links.snapshot import Snapshot
from parking.locations.photos.look import photo_address
from parking.locations.photos.tokens import Right
from parking.locations.records import AccessRecord, LinkRecord
from parking.merchants.finding import way_to_bay
from parking.places.records import PlaceRecord, SpaceRecord
from schema.booking_orders import POINTS_ASSUMED, BookingPoint, way_points
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id
from schema.loaders import load
from schema.locations_bindings import PositionBinding, binding_of, load_binding
from schema.locations_photos import PHOTO_PATH
from schema.refusals import known
from schema.relay import Node
from schema.scalars import TimeZone, Version
from schema.spaces import SpacePlan

if TYPE_CHECKING:
    from parking.locations.positions.queries import SeenPosition

BAYS_ASSUMED = 100
RECEIVERS_ASSUMED = 5
ACCESSES_ASSUMED = 20

LinkToken: TypeAlias = Annotated[
    str, strawberry.argument(description="What stands behind `/p/` in the link's address.")
]


@strawberry.type(
    description="A secure link: whoever has its address sees where the car is, once for each view."
    " For the sharer of the position only; the address is told when it is made."
)
class PositionLink(Node):
    """`parking.locations.records.LinkRecord`."""

    label: str = strawberry.field(description="For whom, in the sharer's words; may be empty.")
    has_passcode: bool = strawberry.field(description="Whether it asks for one.")
    wrong_tries: int = strawberry.field(description="Wrong passcodes so far.")
    views: int = strawberry.field(description="How often it was opened.")
    views_max: int | None = strawberry.field(description="How often it can be; null: at will.")
    shows_photo: bool = strawberry.field(description="Whether the photo is shown.")
    shows_note: bool = strawberry.field(description="Whether the note is shown.")
    is_open: bool = strawberry.field(
        description="Whether it works, or its views are used up: pages that have it open are good."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it works at most.")
    revoked_at: datetime | None = strawberry.field(description="When it was closed.")
    revoked_reason: str = strawberry.field(
        description="Why: REVOKED, TOO_MANY_TRIES, ENDED or STAY_OVER; empty: it was not closed."
    )
    version: Version = strawberry.field(description="Grows with every change.")


@strawberry.type(description="A look at a position, by a link or by a receiver.")
class PositionAccess:
    """`parking.locations.records.AccessRecord`."""

    at: datetime = strawberry.field(description="When; a receiver's is noted once an hour.")
    outcome: LinkOutcome = strawberry.field(description="What came of it.")
    version: Version | None = strawberry.field(description="Which version was shown.")
    device: str = strawberry.field(
        description="A coarse word of what it was opened with, `phone, Safari`; may be empty."
    )
    domain: strawberry.Private[AccessRecord]

    @resolved("The link that was opened; null: a receiver looked.")
    async def link(self, info: Info) -> PositionLink | None:
        return await load_link(info, self.domain.link_id)

    @resolved("The binding of the receiver who looked; null: a link was opened.")
    async def binding(self, info: Info) -> PositionBinding | None:
        return await load_binding(info, self.domain.binding_id)


@strawberry.type
class PositionSharing:
    """Fields of `ParkingPosition`."""

    domain: strawberry.Private["SeenPosition"]

    @resolved(
        "Its secure links, the newest first; at most"
        f" {LINKS_LIVE_MAX} that work. Null for all but the sharer.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=RECEIVERS_ASSUMED)},
    )
    async def links(self, info: Info) -> list[PositionLink] | None:
        now, key = services_of(info.context).clock.now(), self.domain.position.id
        found = await links_of_position(viewer_of(info.context), key)
        return None if found is None else [link_of(each, now) for each in found]

    @resolved(
        "By which bindings others see it now. Empty for all but the sharer.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=RECEIVERS_ASSUMED)},
    )
    async def receivers(self, info: Info) -> list[PositionBinding]:
        viewer, now = viewer_of(info.context), services_of(info.context).clock.now()
        found = await bindings_of_position(viewer, self.domain.position.id, now)
        return [binding_of(each, viewer, now) for each in found]

    @resolved(
        f"Who looked, the newest first, at most {ACCESSES_SHOWN_MAX}. Null for all but the sharer.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=ACCESSES_ASSUMED)},
    )
    async def accesses(self, info: Info) -> list[PositionAccess] | None:
        found = await accesses_of_position(viewer_of(info.context), self.domain.position.id)
        return None if found is None else [access_of(each) for each in found]


@strawberry.type(description="The place of a car, as who has a secure link has to know it.")
class LinkedPlace:
    """Of a `PlaceRecord`."""

    name: str = strawberry.field(description="Its name.")
    address: str = strawberry.field(description="Postal address; may be empty.")
    time_zone: TimeZone = strawberry.field(description="Where its clocks are.")
    position: Position | None = strawberry.field(description="Where to go.")


@strawberry.type(description="A bay on the floor plan around the car.")
class LinkedBay:
    """Of a `SpaceRecord`: nothing that changes, and nothing of who parks there."""

    number: str = strawberry.field(description="As painted on the ground.")
    is_the_car: bool = strawberry.field(description="Whether the car stands there.")
    plan: SpacePlan = strawberry.field(description="Where it lies on the plan.")


@strawberry.type(
    description="Where a car stood when a secure link was opened: a snapshot, without plate, phone"
    " or person. To see anything newer it is opened again."
)
class LinkedPosition:
    """`parking.locations.links.snapshot.Snapshot`."""

    version: Version = strawberry.field(description="Number of the version that is shown.")
    said_at: datetime = strawberry.field(description="When that was said.")
    source: VersionSource = strawberry.field(description="Who says so.")
    place: LinkedPlace | None = strawberry.field(description="The place; null: not known.")
    floor: str = strawberry.field(description="May be empty, as area and bay.")
    area: str = strawberry.field(description="A row or zone.")
    bay: str = strawberry.field(description="The number of the space.")
    coordinates: Position | None = strawberry.field(description="WGS 84; null: not known.")
    accuracy_metres: float | None = strawberry.field(
        description="How good the coordinates are; null: not known."
    )
    note: str = strawberry.field(description="The sharer's words; empty where they are not shown.")
    expires_at: datetime = strawberry.field(description="Until when the link works at most.")
    domain: strawberry.Private[Snapshot]

    @resolved(
        "The bays of its level, to draw; none where its bay is not one of the place's plan.",
        metadata={COST: Cost(assumed_size=BAYS_ASSUMED)},
    )
    def bays(self) -> list[LinkedBay]:
        own = self.domain.version.space_id
        return [bay_of(each, own) for each in self.domain.bays]

    @resolved(
        "The way on foot to its bay, from the door that is nearest to it; empty where the place has"
        " drawn none.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=POINTS_ASSUMED)},
    )
    async def walk(self) -> list[BookingPoint]:
        found = await way_to_bay(self.domain.version.space_id)
        return way_points(found, found.walk)

    @resolved(
        "Path on this API of the photo, good for some minutes and while the link works; null: none,"
        " or it is not shown.",
        metadata={VOLATILE: True},
    )
    def photo_url(self, info: Info) -> str | None:
        services, photo = services_of(info.context), self.domain.version.photo_id
        if photo is None:
            return None
        return PHOTO_PATH + photo_address(
            services.keys.photos[0], photo, Right.LINK, self.domain.link.id, services.clock.now()
        )


def bay_of(space: SpaceRecord, own: int | None) -> LinkedBay:
    """A bay to draw; `own` is the car's."""
    plan = SpacePlan(
        x_metres=space.x_metres,
        y_metres=space.y_metres,
        width_metres=space.width_metres,
        length_metres=space.length_metres,
        rotation_degrees=space.rotation_degrees,
    )
    return LinkedBay(number=space.number, is_the_car=space.id == own, plan=plan)


def link_of(link: LinkRecord, now: datetime) -> PositionLink:
    """The domain's link, for its maker, as the schema's type."""
    return PositionLink(
        id=global_id("PositionLink", link.id),
        label=link.label,
        has_passcode=link.has_passcode,
        wrong_tries=link.wrong_tries,
        views=link.views,
        views_max=link.views_max,
        shows_photo=link.shows_photo,
        shows_note=link.shows_note,
        is_open=is_open(link, now),
        created_at=link.created_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        revoked_reason=link.revoked_reason,
        version=Version(link.version),
    )


def access_of(access: AccessRecord) -> PositionAccess:
    """The domain's entry of the log as the schema's type."""
    number = access.version_number
    return PositionAccess(
        at=access.at,
        outcome=access.outcome,
        version=None if number is None else Version(number),
        device=access.device,
        domain=access,
    )


def linked_position_of(snapshot: Snapshot) -> LinkedPosition:
    """What was opened as the schema's type."""
    version = snapshot.version
    return LinkedPosition(
        version=Version(version.number),
        said_at=version.at,
        source=version.source,
        place=None if snapshot.place is None else _place(snapshot.place),
        floor=version.floor,
        area=version.area,
        bay=version.bay,
        coordinates=position_of(version.latitude, version.longitude),
        accuracy_metres=version.accuracy_metres,
        note=version.note,
        expires_at=snapshot.link.expires_at,
        domain=snapshot,
    )


def _place(place: PlaceRecord) -> LinkedPlace:
    return LinkedPlace(
        name=place.name,
        address=place.address,
        time_zone=TimeZone(place.time_zone),
        position=position_of(place.latitude, place.longitude),
    )


async def load_link(info: Info, key: int | None) -> PositionLink | None:
    """The link, if it is the viewer's."""
    found = await load(info.context, links_by_id, key)
    now = services_of(info.context).clock.now()
    return None if found is None else link_of(found, now)


async def load_known_link(info: Info, key: int) -> PositionLink:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_link(info, key))
