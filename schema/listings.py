"""Listings: what lessors offer, when, to whom and on which terms."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.errors import InvalidInput
from parking.listings.calendar_writing import listing_calendar
from parking.listings.cancellation import parse_terms
from parking.listings.content import Schedule
from parking.listings.models import Audience, BookingMode, ListingState
from parking.listings.openings import openings
from parking.listings.queries import (
    ListingFilter,
    find_listings,
    lessor_names,
    own_plates,
    schedules_of_listings,
    spaces_of_visible_listings,
    visible_listings,
)
from parking.listings.records import ListingRecord
from parking.listings.rules import is_staff
from parking.windows import window_of as checked_window
from schema import accounts, places, rates, spaces
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id, key_of, wanted_key
from schema.listing_parts import (
    CancellationTerms,
    ListingException,
    ListingOpening,
    ListingWindow,
    exception_of,
    terms_of,
    window_of,
)
from schema.loaders import load
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
    after_id,
    connection,
    page,
)
from schema.scalars import Currency, TimeZone, Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.places import Place
    from schema.rates import RateTable
    from schema.spaces import Space

OPENINGS_DAYS_MAX = 366
OPENINGS_COST = 50
CALENDAR_COST = 20
PARTS_ASSUMED = 10


@strawberry.type(description="An offer of spaces of one place, by whoever has title to them.")
class Listing(Node):
    """`parking.listings.records.ListingRecord`."""

    name: str = strawberry.field(description="Its name.")
    state: ListingState = strawberry.field(description="Whether it can be found and booked.")
    mode: BookingMode = strawberry.field(description="Whether the lessor answers each request.")
    audience: Audience = strawberry.field(description="Who may book.")
    stay_minutes_min: int = strawberry.field(description="The shortest booking.")
    stay_minutes_max: int | None = strawberry.field(
        description="The longest booking; null: the platform's limit of 92 days."
    )
    lead_minutes: int = strawberry.field(description="Least time from booking to start.")
    horizon_days: int = strawberry.field(description="How far ahead a booking may begin.")
    turnover_minutes: int = strawberry.field(description="Kept free after each booking.")
    cancellation: CancellationTerms = strawberry.field(description="What is given back, when.")
    valid_from: datetime | None = strawberry.field(description="Open from then on; null: always.")
    valid_until: datetime | None = strawberry.field(description="Open until then; null: always.")
    version: Version = strawberry.field(description="Goes up with every edit of the terms.")
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it was last changed.")
    place_name: str = strawberry.field(description="The name of its place.")
    address: str = strawberry.field(description="Postal address of its place; may be empty.")
    position: Position | None = strawberry.field(description="Where its place is.")
    time_zone: TimeZone = strawberry.field(description="Where its clocks are.")
    currency: Currency = strawberry.field(description="What its prices are in.")
    record: strawberry.Private[ListingRecord]

    @resolved("Its place; null unless the viewer may see the place itself.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.record.place_id)

    @resolved("Who lets the spaces; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.record.organisation_id)

    @resolved("The name of who lets the spaces.")
    async def lessor_name(self, info: Info) -> str:
        return known(await load(info.context, lessor_names, self.record.organisation_id))

    @resolved("Whose members may book; null unless the viewer is one, or anybody may.")
    async def audience_organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.record.audience_organisation_id)

    @resolved("The plates that may book; null unless the viewer lets it or works at the place.")
    async def plates(self, info: Info) -> list[str] | None:
        return await load(info.context, own_plates, self.record.id)

    @resolved("What it costs.")
    async def rate_table(
        self, info: Info
    ) -> Annotated["RateTable", strawberry.lazy("schema.rates")]:
        return await rates.load_published_rate_table(info, self.record.rate_table_id)

    @resolved("How many spaces it offers.")
    async def space_count(self, info: Info) -> int:
        return len(await _space_keys(info, self.record.id))

    @resolved("Its spaces, those that the viewer may see; at most 1000 a page.")
    async def spaces(
        self, info: Info, first: FirstSpaces = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Space", strawberry.lazy("schema.spaces")]]:
        return await _space_page(info, self.record.id, page(first, after, SPACES_PAGE_SIZE_MAX))

    @resolved(
        "When it is open, every week; none: always.",
        metadata={COST: Cost(assumed_size=PARTS_ASSUMED)},
    )
    async def windows(self, info: Info) -> list[ListingWindow]:
        return [window_of(each) for each in (await _schedule(info, self.record.id)).windows]

    @resolved("Dates on which it is otherwise.", metadata={COST: Cost(assumed_size=PARTS_ASSUMED)})
    async def exceptions(self, info: Info) -> list[ListingException]:
        may = is_staff(viewer_of(info.context), self.record)
        schedule = await _schedule(info, self.record.id)
        return [exception_of(each, may) for each in schedule.exceptions]

    @resolved(
        "When it is open within a period of at most 366 days, worked out from windows, exceptions"
        " and validity; whatever its state, and whether or not it is booked.",
        metadata={COST: Cost(weight=OPENINGS_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def openings(
        self,
        info: Info,
        starts_at: Annotated[datetime, strawberry.argument(description="Begin of the period.")],
        ends_at: Annotated[datetime, strawberry.argument(description="End of the period.")],
    ) -> list[ListingOpening]:
        period = checked_window(starts_at, ends_at, "endsAt")
        if period.duration > timedelta(days=OPENINGS_DAYS_MAX):
            message = f"the period is longer than {OPENINGS_DAYS_MAX} days; ask for less"
            raise InvalidInput("endsAt", message)
        schedule, record = await _schedule(info, self.record.id), self.record
        validity = (record.valid_from, record.valid_until)
        found = openings(
            schedule.windows, schedule.exceptions, validity, record.zone,
            period.starts_at, period.ends_at,
        )  # fmt: skip
        return [ListingOpening(starts_at=w.starts_at, ends_at=w.ends_at) for w in found]

    @resolved(
        "Its windows and exceptions as an iCalendar file (RFC 5545); null unless the viewer"
        " belongs to the lessor or works at the place.",
        metadata={COST: Cost(weight=CALENDAR_COST)},
    )
    async def calendar(self, info: Info) -> str | None:
        if not is_staff(viewer_of(info.context), self.record):
            return None
        return listing_calendar(self.record, await _schedule(info, self.record.id))


def listing_of(record: ListingRecord) -> Listing:
    """The domain's listing as the schema's type."""
    return Listing(
        id=global_id("Listing", record.id),
        name=record.name,
        state=record.state,
        mode=record.mode,
        audience=record.audience,
        stay_minutes_min=record.stay_minutes_min,
        stay_minutes_max=record.stay_minutes_max,
        lead_minutes=record.lead_minutes,
        horizon_days=record.horizon_days,
        turnover_minutes=record.turnover_minutes,
        cancellation=terms_of(parse_terms(record.cancellation)),
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        version=Version(record.version),
        created_at=record.created_at,
        changed_at=record.changed_at,
        place_name=record.place_name,
        address=record.address,
        position=position_of(record.latitude, record.longitude),
        time_zone=TimeZone(record.time_zone),
        currency=Currency(record.currency),
        record=record,
    )


async def _schedule(info: Info, key: int) -> Schedule:
    return known(await load(info.context, schedules_of_listings, key))


async def _space_keys(info: Info, key: int) -> list[int]:
    return await load(info.context, spaces_of_visible_listings, key) or []


async def _space_page(info: Info, key: int, asked: Page) -> Connection["Space"]:
    after = after_id(asked)
    keys = [each for each in sorted(await _space_keys(info, key)) if each > after]
    loads = (spaces.load_space(info, each) for each in keys[: asked.limit])
    found = [space for space in await asyncio.gather(*loads) if space is not None]
    return connection(asked, found, lambda space: (space.key,), lambda space: space)


async def load_listing(info: Info, key: int | None) -> Listing | None:
    """The listing, if the viewer may see it."""
    record = await load(info.context, visible_listings, key)
    return None if record is None else listing_of(record)


async def load_known_listing(info: Info, key: int) -> Listing:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_listing(info, key))


@strawberry.input(description="Which listings; what is left out does not matter.")
class ListingFilterInput:
    """`parking.listings.queries.ListingFilter`."""

    organisation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Let by this organisation."
    )
    place_id: strawberry.ID | None = strawberry.field(default=None, description="In this place.")
    states: list[ListingState] | None = strawberry.field(
        default=None, description="In one of these states."
    )


def listing_filter(wanted: ListingFilterInput | None) -> ListingFilter:
    """The domain's filter; an id that is of another type matches nothing."""
    given = wanted or ListingFilterInput()
    organisation, place = given.organisation_id, given.place_id
    return ListingFilter(
        organisation_id=None if organisation is None else wanted_key(organisation, "Organisation"),
        place_id=None if place is None else wanted_key(place, "Place"),
        states=given.states,
    )


async def listing_page(info: Info, wanted: ListingFilter, asked: Page) -> Connection[Listing]:
    """One page of the listings that the viewer may see."""
    viewer = viewer_of(info.context)
    found = await find_listings(viewer, wanted, limit=asked.limit, after=after_id(asked))
    return connection(asked, found, lambda record: (record.id,), listing_of)


@strawberry.type
class ListingQueries:
    """Root fields about listings."""

    @resolved("A listing; null when there is none, or none that the viewer may see.")
    async def listing(self, info: Info, id: Id) -> Listing | None:
        return await load_listing(info, key_of(id, "Listing"))

    @resolved(
        "Listings that the viewer may see, oldest first: the ACTIVE ones that are meant for the"
        " viewer, those of places where the viewer works, and all of the viewer's own."
    )
    async def listings(
        self,
        info: Info,
        filter: Annotated[
            ListingFilterInput | None, strawberry.argument(description="Which ones; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Listing]:
        return await listing_page(info, listing_filter(filter), page(first, after))
