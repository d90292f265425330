"""Searching: which spaces are to be had, where, when, and for how much."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.money import Money as DomainMoney
from parking.places.search import Near
from parking.plates import normalised
from parking.reservations.availability import Available, find_available
from parking.reservations.clusters import GRID_CELLS, SINGLE_MAX, Cluster, map_available
from parking.reservations.wanted import Area, Sort, Wanted
from parking.windows import window_of
from schema import listings, places, spaces
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.geo import BoundingBoxInput, NearInput, Position, box_of, point_of
from schema.ids import global_id, wanted_key
from schema.money import Money, money_of
from schema.refusals import RefusalsAsErrors
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, connection, page
from schema.scalars import Currency, MinorUnits

if TYPE_CHECKING:
    from schema.listings import Listing
    from schema.places import Place
    from schema.spaces import Space

MAP_WEIGHT = 50
"""A map counts all that is idle in its box."""


@strawberry.type(description="A space that is to be had, by the listing that offers it.")
class AvailableSpace:
    """`parking.reservations.availability.Available`."""

    listing_id: strawberry.ID = strawberry.field(
        description="Give it to `reserveSpace` or `quoteSpace`, together with the space's id."
    )
    price: Money = strawberry.field(
        description="What the whole window costs there now; a quote binds it."
    )
    distance_metres: float | None = strawberry.field(
        description="As the crow flies, from the centre of the area to the place; null when one"
        " place was asked for."
    )
    walk_minutes: int | None = strawberry.field(
        description="An estimate: 80 metres a minute, and a way 1.3 times as long."
    )
    domain: strawberry.Private[Available]

    @resolved("The listing that offers it.")
    async def listing(
        self, info: Info
    ) -> Annotated["Listing", strawberry.lazy("schema.listings")] | None:
        return await listings.load_listing(info, self.domain.listing_id)

    @resolved("The space.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved("The place that it is in.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)


@strawberry.type(description="A box on the earth; west > east crosses the antimeridian.")
class BoundingBox:
    """`parking.geo.BoundingBox`."""

    south: float = strawberry.field(description="Southern edge, degrees north.")
    west: float = strawberry.field(description="Western edge, degrees east.")
    north: float = strawberry.field(description="Northern edge, degrees north.")
    east: float = strawberry.field(description="Eastern edge, degrees east.")


@strawberry.type(description="What is to be had in one cell of a map's grid.")
class AvailabilityCluster:
    """`parking.reservations.clusters.Cluster`."""

    bbox: BoundingBox = strawberry.field(description="Holds just the places of the cluster.")
    position: Position = strawberry.field(description="Their middle, weighted by spaces.")
    space_count: int = strawberry.field(description="How many spaces; in each listing anew.")
    place_count: int = strawberry.field(description="At how many spots.")
    cheapest: Money = strawberry.field(description="What the window costs at least.")


@strawberry.type(
    description=f"What to draw: single spaces up to {SINGLE_MAX}, clusters when there are more."
)
class AvailabilityMap:
    """`parking.reservations.clusters.Map`."""

    total_count: int = strawberry.field(
        description="How many spaces; where there are clusters, in each listing anew."
    )
    spaces: list[AvailableSpace] = strawberry.field(
        description="All of them; empty when there are clusters.",
        metadata={COST: Cost(assumed_size=SINGLE_MAX)},
    )
    clusters: list[AvailabilityCluster] = strawberry.field(
        description="From north-west to south-east; empty when there are single spaces.",
        metadata={COST: Cost(assumed_size=GRID_CELLS**2)},
    )


@strawberry.input(one_of=True, description="Where to look: exactly one of these.")
class AvailabilityArea:
    """`parking.reservations.wanted.Area`."""

    bbox: BoundingBoxInput | None = strawberry.field(
        default=strawberry.UNSET, description="In this box; distances are from its middle."
    )
    near: NearInput | None = strawberry.field(
        default=strawberry.UNSET, description="In this circle."
    )
    place_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="In this place."
    )


@strawberry.input(description="A window, `[startsAt, endsAt)`.")
class WindowInput:
    """`parking.windows.Window`."""

    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends; not part of it.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """`parking.money.Money`, from a client."""

    amount_minor: MinorUnits = strawberry.field(description="In the currency's minor unit.")
    currency: Currency = strawberry.field(description="What it is in.")


@strawberry.input(description="What the space has to have; what is left out does not matter.")
class AvailabilityFilter:
    """The part of `parking.reservations.wanted.Wanted` that is about the space and the offer."""

    is_ev: bool | None = strawberry.field(default=None, description="With a charger, or without.")
    is_accessible: bool | None = strawberry.field(
        default=None, description="For disabled drivers, or not."
    )
    height_metres: float | None = strawberry.field(
        default=None, description="High enough for a vehicle of this height."
    )
    price_max: MoneyInput | None = strawberry.field(
        default=None,
        description="The whole window costs at most this; offers in another currency are left out.",
    )
    instant_only: bool = strawberry.field(
        default=False, description="Only offers whose lessor need not be asked."
    )
    plate: str = strawberry.field(
        default="", description="The vehicle, for offers that are for certain plates."
    )


def wanted_of(
    area: Area, window: WindowInput, given: AvailabilityFilter | None, sort: Sort
) -> Wanted:
    """The domain's search. Raises InvalidInput."""
    asked, most = given or AvailabilityFilter(), given and given.price_max
    return Wanted(
        area=area,
        window=window_of(window.starts_at, window.ends_at),
        plate=normalised(asked.plate, "filter.plate"),
        is_ev=asked.is_ev,
        is_accessible=asked.is_accessible,
        height_metres=asked.height_metres,
        price_max=DomainMoney(most.amount_minor, most.currency) if most else None,
        is_instant=asked.instant_only,
        sort=sort,
    )


def area_of(given: AvailabilityArea) -> Area:
    """The domain's area. Raises InvalidInput."""
    if given.bbox:
        return box_of(given.bbox)
    if given.near:
        centre = point_of(given.near.latitude, given.near.longitude, "near")
        return Near(centre, given.near.radius_metres)
    return wanted_key(given.place_id or "", "Place")


def available_space_of(found: Available) -> AvailableSpace:
    """The domain's result as the schema's type."""
    return AvailableSpace(
        listing_id=global_id("Listing", found.listing_id),
        price=money_of(found.price),
        distance_metres=found.distance_metres,
        walk_minutes=found.walk_minutes,
        domain=found,
    )


def _cluster_of(found: Cluster) -> AvailabilityCluster:
    box, at = found.bbox, found.position
    return AvailabilityCluster(
        bbox=BoundingBox(south=box.south, west=box.west, north=box.north, east=box.east),
        position=Position(latitude=at.latitude, longitude=at.longitude),
        space_count=found.space_count,
        place_count=found.place_count,
        cheapest=money_of(found.cheapest),
    )


WindowArgument = Annotated[WindowInput, strawberry.argument(description="From when to when.")]
FilterArgument = Annotated[
    AvailabilityFilter | None, strawberry.argument(description="Which ones; null: all.")
]


@strawberry.type
class AvailabilityQueries:
    """Root fields about what is to be had."""

    @resolved(
        "Spaces that the viewer can book for all of the window, nearest or cheapest first: in an"
        " opening of an active listing, in service, without a live reservation, and free now if the"
        " window begins now. A space that several listings offer is there once, by the cheapest of"
        " them, of equals the oldest.",
        extensions=[RefusalsAsErrors()],
    )
    async def available_spaces(
        self,
        info: Info,
        area: Annotated[AvailabilityArea, strawberry.argument(description="Where to look.")],
        window: WindowArgument,
        filter: FilterArgument = None,
        sort: Annotated[Sort, strawberry.argument(description="What comes first.")] = Sort.DISTANCE,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[AvailableSpace]:
        wanted, asked = wanted_of(area_of(area), window, filter, sort), page(first, after)
        viewer, clock = viewer_of(info.context), services_of(info.context).clock
        found = await find_available(
            viewer, wanted, clock=clock, limit=asked.limit, after=asked.after
        )
        return connection(asked, found, lambda hit: hit.key, available_space_of)

    @resolved(
        "What a map of the box shows for the window; as `availableSpaces` has it.",
        metadata={COST: Cost(weight=MAP_WEIGHT)},
        extensions=[RefusalsAsErrors()],
    )
    async def availability_map(
        self,
        info: Info,
        bbox: Annotated[BoundingBoxInput, strawberry.argument(description="What the map shows.")],
        window: WindowArgument,
        filter: FilterArgument = None,
    ) -> AvailabilityMap:
        wanted = wanted_of(box_of(bbox), window, filter, Sort.DISTANCE)
        clock = services_of(info.context).clock
        found = await map_available(viewer_of(info.context), wanted, clock=clock)
        return AvailabilityMap(
            total_count=found.total_count,
            spaces=[available_space_of(each) for each in found.spaces],
            clusters=[_cluster_of(each) for each in found.clusters],
        )
