"""What clients give to make or change a listing."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import strawberry

from parking.errors import InvalidInput
from parking.listings.cancellation import Bound, CancellationTerms, Tier
from parking.listings.models import Audience, BookingMode, ExceptionKind
from parking.listings.new import ListingEdit, NewListing
from parking.listings.records import ExceptionRecord, Weekday, WindowRecord, weekday_bits
from schema.ids import wanted_key
from schema.mutations.once import changes, keyed
from schema.scalars import MinorUnits


@strawberry.input(description="A weekly window, in the place's local time.")
class ListingWindowInput:
    """`parking.listings.records.WindowRecord`."""

    weekdays: list[Weekday] = strawberry.field(description="The days on which it begins.")
    minute_from: int = strawberry.field(description="Its begin from midnight, 0 to 1439.")
    minute_until: int = strawberry.field(
        description="Its end from the same midnight, after its begin, at most 7 days later:"
        " 1320 until 1800 is 22:00 until 06:00 of the next day."
    )
    first_date: date | None = strawberry.field(
        default=None, description="It begins on no day before."
    )
    last_date: date | None = strawberry.field(
        default=None, description="It begins on no day after."
    )


@strawberry.input(description="Dates that differ from the weekly windows.")
class ListingExceptionInput:
    """`parking.listings.records.ExceptionRecord`."""

    kind: ExceptionKind = strawberry.field(description="Open or closed then.")
    local_from: str = strawberry.field(
        description="Its begin as the place's clock shows it: `2026-12-24T18:00`."
    )
    local_until: str = strawberry.field(description="Its end as the place's clock shows it.")
    note: str = strawberry.field(default="", description="Why; the public does not see it.")


@strawberry.input(description="Cancelled in time, a share of the price is given back.")
class CancellationTierInput:
    """`parking.listings.cancellation.Tier`."""

    minutes_before: int = strawberry.field(description="So many minutes before the start.")
    percent: int = strawberry.field(description="So much of the price, 0 to 100.")
    bound: Bound = strawberry.field(
        default=Bound.AT_LEAST, description="Whether exactly then still counts."
    )


@strawberry.input(
    description="What the driver gets back, as in `CancellationTerms`; what is left out is 0, but"
    " for 10 minutes of grace and the whole price when nobody comes."
)
class CancellationTermsInput:
    """`parking.listings.cancellation.CancellationTerms`."""

    grace_minutes: int = strawberry.field(
        default=10, description="Everything, so soon after booking."
    )
    grace_lead_minutes_max: int | None = strawberry.field(
        default=None,
        description="Grace is only for bookings made at most so long before the start; null: all.",
    )
    reconsider_minutes: int = strawberry.field(
        default=0, description="Everything, so soon after booking, if enough time is left."
    )
    reconsider_lead_minutes: int = strawberry.field(
        default=0, description="The time that must be left for it: more than this."
    )
    tiers: list[CancellationTierInput] = strawberry.field(
        default_factory=list, description="Before the start, the longest time first."
    )
    unused_percent: int = strawberry.field(
        default=0, description="After the start: so much of the unused part, 0 to 100."
    )
    fee_minor: MinorUnits = strawberry.field(
        default=MinorUnits(0), description="Kept from a refund by tier or unused part."
    )
    no_show_percent: int = strawberry.field(
        default=100, description="So much of the price is due when nobody comes, 0 to 200."
    )
    no_show_fee_minor: MinorUnits = strawberry.field(
        default=MinorUnits(0), description="And this fee besides."
    )


@strawberry.input(description="A new listing; it begins as a draft.")
class CreateListingInput:
    """`parking.listings.new.NewListing`."""

    organisation_id: strawberry.ID = strawberry.field(description="Who lets the spaces.")
    place_id: strawberry.ID = strawberry.field(description="Where they are.")
    space_ids: list[strawberry.ID] = strawberry.field(description="The spaces, 1 to 1000.")
    rate_table_id: strawberry.ID = strawberry.field(description="One of the lessor's rate tables.")
    name: str = strawberry.field(description="Its name.")
    mode: BookingMode = strawberry.field(
        default=BookingMode.INSTANT, description="Whether the lessor answers each request."
    )
    audience: Audience = strawberry.field(default=Audience.PUBLIC, description="Who may book.")
    audience_organisation_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose members may book, with the audience ORGANISATION: the lessor, or one"
        " that you belong to.",
    )
    plates: list[str] = strawberry.field(
        default_factory=list, description="The plates that may book, with the audience PLATES."
    )
    stay_minutes_min: int = strawberry.field(default=15, description="The shortest booking.")
    stay_minutes_max: int | None = strawberry.field(
        default=None, description="The longest booking; null: 92 days."
    )
    lead_minutes: int = strawberry.field(default=0, description="Least time from booking to start.")
    horizon_days: int = strawberry.field(
        default=90, description="How far ahead a booking may begin, 1 to 366."
    )
    turnover_minutes: int = strawberry.field(
        default=0, description="Kept free after each booking, 0 to 1440."
    )
    cancellation: CancellationTermsInput | None = strawberry.field(
        default=None, description="What is given back; null: everything before the start."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="Open from then on; null: always."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="Open until then; null: always."
    )
    windows: list[ListingWindowInput] = strawberry.field(
        default_factory=list, description="When it is open, every week; none: always. At most 50."
    )
    exceptions: list[ListingExceptionInput] = strawberry.field(
        default_factory=list, description="Dates on which it is otherwise; at most 400."
    )


@strawberry.input(description="Changes of a listing; what is left out stays.")
class UpdateListingInput:
    """`parking.listings.new.ListingEdit`."""

    listing_id: strawberry.ID = strawberry.field(description="The listing's id.")
    space_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        default=None, description="The spaces instead of the present ones, 1 to 1000."
    )
    rate_table_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        default=None, description="One of the lessor's rate tables."
    )
    name: strawberry.Maybe[str] = strawberry.field(default=None, description="Its name.")
    mode: strawberry.Maybe[BookingMode] = strawberry.field(
        default=None, description="Whether the lessor answers each request."
    )
    audience: strawberry.Maybe[Audience] = strawberry.field(
        default=None, description="Who may book."
    )
    audience_organisation_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="Whose members may book; null: nobody's in particular."
    )
    plates: strawberry.Maybe[list[str]] = strawberry.field(
        default=None, description="The plates that may book, instead of the present ones."
    )
    stay_minutes_min: strawberry.Maybe[int] = strawberry.field(
        default=None, description="The shortest booking."
    )
    stay_minutes_max: strawberry.Maybe[int | None] = strawberry.field(
        default=None, description="The longest booking; null: 92 days."
    )
    lead_minutes: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Least time from booking to start."
    )
    horizon_days: strawberry.Maybe[int] = strawberry.field(
        default=None, description="How far ahead a booking may begin, 1 to 366."
    )
    turnover_minutes: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Kept free after each booking, 0 to 1440."
    )
    cancellation: strawberry.Maybe[CancellationTermsInput] = strawberry.field(
        default=None, description="What is given back from now on."
    )
    valid_from: strawberry.Maybe[datetime | None] = strawberry.field(
        default=None, description="Open from then on; null: always."
    )
    valid_until: strawberry.Maybe[datetime | None] = strawberry.field(
        default=None, description="Open until then; null: always."
    )
    windows: strawberry.Maybe[list[ListingWindowInput]] = strawberry.field(
        default=None, description="The windows instead of the present ones; at most 50."
    )
    exceptions: strawberry.Maybe[list[ListingExceptionInput]] = strawberry.field(
        default=None, description="The exceptions instead of the present ones; at most 400."
    )


def new_listing_of(given: CreateListingInput) -> NewListing:
    """The domain's new listing. Raises InvalidInput for a local time that is none."""
    values = _converted(dict(vars(given)))
    if given.cancellation is None:
        del values["cancellation"]
    ids = keyed(
        values, organisation_id="Organisation", place_id="Place", rate_table_id="RateTable",
        audience_organisation_id="Organisation",
    )  # fmt: skip
    return NewListing(**ids)


def listing_edit_of(given: UpdateListingInput) -> ListingEdit:
    """The domain's edit. Raises InvalidInput for a local time that is none."""
    wanted = keyed(
        _converted(changes(given)),
        rate_table_id="RateTable", audience_organisation_id="Organisation",
    )  # fmt: skip
    return ListingEdit(id=wanted_key(given.listing_id, "Listing"), **wanted)


def _converted(values: dict[str, Any]) -> dict[str, Any]:
    """Inputs within the input, as the domain's values."""
    convert: dict[str, Callable[[Any], Any]] = {
        "space_ids": lambda ids: [wanted_key(each, "Space") for each in ids],
        "windows": lambda windows: [_window(each) for each in windows],
        "exceptions": _exceptions,
        "cancellation": _terms,
    }
    present = {name: values[name] for name in convert if values.get(name) is not None}
    return values | {name: convert[name](value) for name, value in present.items()}


def _window(given: ListingWindowInput) -> WindowRecord:
    return WindowRecord(
        weekday_bits(given.weekdays),
        given.minute_from,
        given.minute_until,
        given.first_date,
        given.last_date,
    )


def _exceptions(given: Sequence[ListingExceptionInput]) -> list[ExceptionRecord]:
    return [
        ExceptionRecord(
            each.kind,
            _local(each.local_from, f"exceptions.{index}.local_from"),
            _local(each.local_until, f"exceptions.{index}.local_until"),
            each.note,
        )
        for index, each in enumerate(given)
    ]


def _local(text: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        message = "give what the place's clock shows, to the minute: 2026-12-24T18:00"
        raise InvalidInput(field, message) from None


def _terms(given: CancellationTermsInput) -> CancellationTerms:
    tiers = tuple(Tier(each.minutes_before, each.percent, each.bound) for each in given.tiers)
    return CancellationTerms(**{**vars(given), "tiers": tiers})
