"""Places: lots, garages and private drives, their levels, and the estates they belong to."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.listings.queries import ListingFilter
from parking.occupancy.history import place_history
from parking.places.models import PlaceKind, PlaceState
from parking.places.queries import places_by_id
from parking.places.records import PlaceRecord
from parking.places.search import Near, PlaceFilter, find_places
from parking.reservations.queries import ReservationFilter
from parking.sessions.models import SessionState
from parking.sessions.queries import SessionFilter
from parking.settlement.queries import MoneyFilter
from schema import (
    accounts,
    campuses,
    credentials,
    devices,
    earnings,
    listings,
    reservations,
    sessions,
    settlements,
    spaces,
    subplaces,
)
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VERSIONED_BY, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import BoundingBoxInput, NearInput, Position, box_of, point_of, position_of
from schema.ids import global_id, key_of, wanted_key
from schema.loaders import load
from schema.locations_refinement import PlaceRefinements
from schema.occupancy import (
    BUCKET_MINUTES_DEFAULT,
    HISTORY_COST,
    HISTORY_DESCRIPTION,
    BucketMinutes,
    EndsAt,
    OccupancyHistory,
    SpaceCounts,
    StartsAt,
    counts_of_place,
    history_of,
)
from schema.pages import (
    ReservationPage,
    ReservationsAsked,
    SessionPage,
    SettlementPage,
    SettlementsAsked,
)
from schema.place_rights import PlaceRights
from schema.refusals import RefusalsAsErrors, known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    SPACES_PAGE_SIZE_MAX,
    After,
    Connection,
    First,
    FirstSpaces,
    Id,
    Node,
    Page,
    connection,
    page,
)
from schema.scalars import Currency, TimeZone, Version
from schema.versions import place_tags

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.campuses import Campus
    from schema.credentials import AccessEvent
    from schema.devices import Device, DeviceFilterInput
    from schema.earnings import DailyClose
    from schema.listings import Listing
    from schema.spaces import Space, SpaceFilterInput
    from schema.subplaces import Subplace

SUBPLACES_ASSUMED = 10


@strawberry.type(description="A lot, garage or private drive.")
class Place(Node, PlaceRights, PlaceRefinements):
    """`parking.places.records.PlaceRecord`."""

    name: str = strawberry.field(description="Its name.")
    kind: PlaceKind = strawberry.field(description="What sort of place it is.")
    time_zone: TimeZone = strawberry.field(description="Where its clocks are.")
    currency: Currency = strawberry.field(description="What its prices are in.")
    address: str = strawberry.field(description="Postal address, on one line; may be empty.")
    position: Position | None = strawberry.field(description="Where it is on the earth.")
    is_public: bool = strawberry.field(description="Whether anybody may read its live status.")
    is_open: bool = strawberry.field(description="Whether the operator holds it open.")
    external_id: str | None = strawberry.field(description="Its id in the inventory it came from.")
    version: Version = strawberry.field(description="Grows by one with every change in it.")
    state: PlaceState = strawberry.field(description="How full it is.")
    counts: SpaceCounts = strawberry.field(description="How many spaces have each status.")
    distance_metres: float | None = strawberry.field(
        description="From the centre of `places(near)`; null elsewhere."
    )
    key: strawberry.Private[int]
    organisation_key: strawberry.Private[int]
    campus_key: strawberry.Private[int | None]

    @resolved("The estate it belongs to.")
    async def campus(
        self, info: Info
    ) -> Annotated["Campus", strawberry.lazy("schema.campuses")] | None:
        return await campuses.load_campus(info, self.campus_key)

    @resolved("Who runs it; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.organisation_key)

    @resolved(
        "Its levels, rows and zones, in order.",
        metadata={COST: Cost(assumed_size=SUBPLACES_ASSUMED)},
    )
    async def subplaces(
        self, info: Info
    ) -> list[Annotated["Subplace", strawberry.lazy("schema.subplaces")]]:
        return await subplaces.load_subplaces(info, self.key)

    @resolved(
        "Its spaces in use, by number; at most 1000 a page.",
        extensions=[RefusalsAsErrors()],
    )
    async def spaces(
        self,
        info: Info,
        filter: Annotated[
            Annotated["SpaceFilterInput", strawberry.lazy("schema.spaces")] | None,
            strawberry.argument(description="Which ones; null: all."),
        ] = None,
        first: FirstSpaces = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["Space", strawberry.lazy("schema.spaces")]]:
        return await spaces.space_page(
            info, self.key, filter, page(first, after, SPACES_PAGE_SIZE_MAX)
        )

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
        buckets = await place_history(self.key, starts_at, until, bucket, now)
        return history_of(starts_at, until, bucket_minutes, buckets)

    @resolved("Its devices; null unless the viewer may see them.", metadata={VOLATILE: True})
    async def devices(
        self,
        info: Info,
        filter: Annotated[
            Annotated["DeviceFilterInput", strawberry.lazy("schema.devices")] | None,
            strawberry.argument(description="Which ones; null: all."),
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["Device", strawberry.lazy("schema.devices")]] | None:
        return await devices.device_page(info, self.key, filter, page(first, after))

    @resolved(
        "What came of credentials shown at its readers, the newest first; null unless the viewer"
        " works there.",
        metadata={VOLATILE: True},
    )
    async def access_events(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["AccessEvent", strawberry.lazy("schema.credentials")]] | None:
        return await credentials.access_event_page(info, self.key, page(first, after))

    @resolved(
        "Reservations of its spaces that the viewer may see, the latest start first.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def reservations(
        self,
        info: Info,
        filter: ReservationsAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> ReservationPage:
        whose = ReservationFilter(place_id=self.key)
        return await reservations.reservation_page(info, whose, filter, page(first, after))

    @resolved(
        "Sessions in its spaces that the viewer may see, the latest start first.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def sessions(
        self,
        info: Info,
        state: Annotated[
            SessionState | None, strawberry.argument(description="Only these; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> SessionPage:
        whose = SessionFilter(place_id=self.key, state=state)
        return await sessions.session_page(info, whose, page(first, after))

    @resolved(
        "Settlements of bookings of its spaces that the viewer may see, the newest first.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def settlements(
        self,
        info: Info,
        filter: SettlementsAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> SettlementPage:
        whose = MoneyFilter(place_id=self.key)
        return await settlements.settlement_page(info, whose, filter, page(first, after))

    @resolved(
        "What was settled in a local day, space by space; null unless the viewer is an OPERATOR of"
        " it.",
        metadata={VOLATILE: True, COST: Cost(weight=HISTORY_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def daily_close(
        self,
        info: Info,
        day: Annotated[date, strawberry.argument(description="As the place's clocks count it.")],
    ) -> Annotated["DailyClose", strawberry.lazy("schema.earnings")] | None:
        return await earnings.load_close(info, self.key, day)

    @resolved(
        "Listings of its spaces that the viewer may see, oldest first.", metadata={VOLATILE: True}
    )
    async def listings(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Listing", strawberry.lazy("schema.listings")]]:
        return await listings.listing_page(
            info, ListingFilter(place_id=self.key), page(first, after)
        )


def place_of(view: PlaceRecord, distance_metres: float | None = None) -> Place:
    """The domain's place as the schema's type."""
    return Place(
        id=global_id("Place", view.id),
        key=view.id,
        organisation_key=view.organisation_id,
        campus_key=view.campus_id,
        name=view.name,
        kind=view.kind,
        time_zone=TimeZone(view.time_zone),
        currency=Currency(view.currency),
        address=view.address,
        position=position_of(view.latitude, view.longitude),
        is_public=view.is_public,
        is_open=view.is_open,
        external_id=view.external_id,
        version=Version(view.version),
        state=view.state,
        counts=counts_of_place(view),
        distance_metres=distance_metres,
    )


async def load_place(info: Info, key: int | None) -> Place | None:
    """The place, if the viewer may see it."""
    view = await load(info.context, places_by_id, key)
    return None if view is None else place_of(view)


async def load_known_place(info: Info, key: int) -> Place:
    """The place of something that the viewer was found to see; an error if it is gone since."""
    return known(await load_place(info, key))


@strawberry.input(description="Which places; what is left out does not matter.")
class PlaceFilterInput:
    """The part of `parking.places.search.PlaceFilter` that is not about where."""

    kinds: list[PlaceKind] | None = strawberry.field(default=None, description="Of these kinds.")
    states: list[PlaceState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    has_available: bool | None = strawberry.field(
        default=None, description="With an available space, or without."
    )
    is_open: bool | None = strawberry.field(default=None, description="Held open, or not.")
    organisation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Run by this organisation."
    )
    campus_id: strawberry.ID | None = strawberry.field(default=None, description="On this campus.")
    has_ev: bool | None = strawberry.field(
        default=None, description="With a space where an electric vehicle can charge, or without."
    )
    has_accessible: bool | None = strawberry.field(
        default=None, description="With a space for disabled drivers, or without."
    )
    is_operated: bool = strawberry.field(
        default=False, description="Only places that the viewer may run."
    )


def place_filter(
    bbox: BoundingBoxInput | None,
    near: NearInput | None,
    text: str | None,
    wanted: PlaceFilterInput,
) -> PlaceFilter:
    """What the arguments of `places` ask for. Raises InvalidInput."""
    organisation, campus = wanted.organisation_id, wanted.campus_id
    centre = None if near is None else point_of(near.latitude, near.longitude, "near")
    return PlaceFilter(
        bbox=None if bbox is None else box_of(bbox),
        near=None if near is None or centre is None else Near(centre, near.radius_metres),
        text=text,
        kinds=wanted.kinds,
        states=wanted.states,
        has_available=wanted.has_available,
        is_open=wanted.is_open,
        organisation_id=None if organisation is None else wanted_key(organisation, "Organisation"),
        campus_id=None if campus is None else wanted_key(campus, "Campus"),
        has_ev=wanted.has_ev,
        has_accessible=wanted.has_accessible,
        is_operated=wanted.is_operated,
    )


async def place_page(info: Info, wanted: PlaceFilter, asked: Page) -> Connection[Place]:
    """One page of the places that the viewer may see."""
    viewer = viewer_of(info.context)
    hits = await find_places(viewer, wanted, limit=asked.limit, after=asked.after)
    return connection(
        asked, hits, lambda hit: hit.key, lambda hit: place_of(hit.place, hit.distance_metres)
    )


@strawberry.type
class PlaceQueries:
    """Root fields about places."""

    @resolved(
        "A place; null when there is none, or none that the viewer may see.",
        metadata={VERSIONED_BY: place_tags},
    )
    async def place(self, info: Info, id: Id) -> Place | None:
        return await load_place(info, key_of(id, "Place"))

    @resolved("An estate; null when there is none that the viewer may see.")
    async def campus(
        self, info: Info, id: Id
    ) -> Annotated["Campus", strawberry.lazy("schema.campuses")] | None:
        return await campuses.load_campus(info, key_of(id, "Campus"))

    @resolved(
        "Places that the viewer may see, by name; with `near`, the nearest first.",
        extensions=[RefusalsAsErrors()],
    )
    async def places(
        self,
        info: Info,
        bbox: Annotated[
            BoundingBoxInput | None, strawberry.argument(description="Inside this box.")
        ] = None,
        near: Annotated[
            NearInput | None, strawberry.argument(description="Inside this circle.")
        ] = None,
        text: Annotated[
            str | None,
            strawberry.argument(description="With this in its name or address; case is ignored."),
        ] = None,
        filter: Annotated[
            PlaceFilterInput | None, strawberry.argument(description="Which ones; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Place]:
        wanted = place_filter(bbox, near, text, filter or PlaceFilterInput())
        return await place_page(info, wanted, page(first, after))
