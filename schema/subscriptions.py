"""Subscriptions: live occupancy and device health.

The transports serve these fields from their `Source`, one execution an event for all who share
it. Run by themselves (tests, tools), the resolvers below read the same sources one by one.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, TypeAlias

import strawberry

from schema.alarms import AlarmSubscriptions
from schema.booking_sources import BookingLinkSubscriptions
from schema.booking_streams import ReservationSubscriptions
from schema.commands import CommandSubscriptions
from schema.context import Info
from schema.execution import COST, SHARED, Cost
from schema.fields import subscribed
from schema.geo import BoundingBoxInput
from schema.locations_fetching_streams import FetchingSubscriptions
from schema.locations_link_streams import PositionLinkSubscriptions
from schema.locations_streams import PositionSubscriptions
from schema.merchant_streams import MerchantSubscriptions
from schema.notice_streams import NoticeSubscriptions
from schema.refusals import InvalidInput, NotFound
from schema.rights_streams import RightsSubscriptions
from schema.scalars import Version
from schema.session_streams import SessionSubscriptions
from schema.settlement_streams import SettlementSubscriptions
from schema.sources import (
    AREA_PLACES_MAX,
    STATUS_SPACES_MAX,
    area_source,
    health_source,
    place_source,
    spaces_source,
)
from schema.streams import read_source
from schema.updates import (
    AreaOccupancyUpdate,
    DeviceHealthUpdate,
    PlaceOccupancyUpdate,
    SpaceStatusUpdate,
)

PlaceOccupancyEvent: TypeAlias = Annotated[
    PlaceOccupancyUpdate | NotFound,
    strawberry.union("PlaceOccupancyEvent", description="What `placeOccupancy` gives."),
]
AreaOccupancyEvent: TypeAlias = Annotated[
    AreaOccupancyUpdate | InvalidInput,
    strawberry.union("AreaOccupancyEvent", description="What `areaOccupancy` gives."),
]
SpaceStatusEvent: TypeAlias = Annotated[
    SpaceStatusUpdate | InvalidInput | NotFound,
    strawberry.union("SpaceStatusEvent", description="What `spaceStatus` gives."),
]
DeviceHealthEvent: TypeAlias = Annotated[
    DeviceHealthUpdate | NotFound,
    strawberry.union("DeviceHealthEvent", description="What `deviceHealth` gives."),
]


PlaceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The place's id.")]


@strawberry.type(description="Live. A state comes first, then what changes.")
class Subscription(
    ReservationSubscriptions,
    BookingLinkSubscriptions,
    SessionSubscriptions,
    SettlementSubscriptions,
    RightsSubscriptions,
    MerchantSubscriptions,
    PositionSubscriptions,
    FetchingSubscriptions,
    PositionLinkSubscriptions,
    NoticeSubscriptions,
    CommandSubscriptions,
    AlarmSubscriptions,
):
    """All subscription fields."""

    @subscribed(
        "A place live: a SNAPSHOT, or the DELTA since version `after` while that is retained; then"
        " DELTAs, each continuing the one before. After a loss, or when spaces were added, edited"
        " or retired, a SNAPSHOT comes again.",
        metadata={SHARED: place_source, COST: Cost(assumed_size=200)},
    )
    async def place_occupancy(
        self,
        info: Info,
        place_id: PlaceId,
        after: Annotated[
            Version | None,
            strawberry.argument(description="The version that the consumer stands at."),
        ] = None,
    ) -> AsyncIterator[PlaceOccupancyEvent]:
        async for value in read_source(place_source, {"placeId": place_id}, info.context, after):
            yield value

    @subscribed(
        f"The places of an area live, as many as {AREA_PLACES_MAX}: summaries of all that lie in it"
        " when the subscription begins, then of those that change.",
        metadata={SHARED: area_source, COST: Cost(assumed_size=50)},
    )
    async def area_occupancy(
        self,
        info: Info,
        bbox: Annotated[BoundingBoxInput, strawberry.argument(description="The area.")],
    ) -> AsyncIterator[AreaOccupancyEvent]:
        async for value in read_source(area_source, {"bbox": asdict(bbox)}, info.context):
            yield value

    @subscribed(
        "Single spaces live: their state, then what changes.",
        metadata={SHARED: spaces_source, COST: Cost(assumed_size=STATUS_SPACES_MAX)},
    )
    async def space_status(
        self,
        info: Info,
        space_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description=f"The spaces' ids, at most {STATUS_SPACES_MAX}."),
        ],
    ) -> AsyncIterator[SpaceStatusEvent]:
        async for value in read_source(spaces_source, {"spaceIds": space_ids}, info.context):
            yield value

    @subscribed(
        "The health of a place's devices live, for those who may see them: all, then what changes.",
        metadata={SHARED: health_source, COST: Cost(assumed_size=200)},
    )
    async def device_health(
        self, info: Info, place_id: PlaceId
    ) -> AsyncIterator[DeviceHealthEvent]:
        async for value in read_source(health_source, {"placeId": place_id}, info.context):
            yield value
