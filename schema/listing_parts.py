"""What an offer is made of: windows, exceptions, openings, cancellation terms."""

from datetime import date, datetime

import strawberry

from parking.listings.cancellation import Bound
from parking.listings.cancellation import CancellationTerms as DomainTerms
from parking.listings.content import LOCAL_TIME
from parking.listings.models import ExceptionKind
from parking.listings.records import ExceptionRecord, Weekday, WindowRecord, weekdays_of
from schema.scalars import MinorUnits


@strawberry.type(description="A weekly window, in the place's local time.")
class ListingWindow:
    """`parking.listings.records.WindowRecord`."""

    weekdays: list[Weekday] = strawberry.field(description="The days on which it begins.")
    minute_from: int = strawberry.field(description="Its begin, in minutes from midnight.")
    minute_until: int = strawberry.field(
        description="Its end, in minutes from the same midnight; above 1440 it ends later."
    )
    first_date: date | None = strawberry.field(description="It begins on no day before; or null.")
    last_date: date | None = strawberry.field(description="It begins on no day after; or null.")


@strawberry.type(
    description="Dates that differ from the weekly windows. Where OPEN and CLOSED overlap, it is"
    " closed."
)
class ListingException:
    """`parking.listings.records.ExceptionRecord`."""

    kind: ExceptionKind = strawberry.field(description="Open or closed then.")
    local_from: str = strawberry.field(
        description="Its begin as the place's clock shows it, such as `2026-12-24T18:00`."
    )
    local_until: str = strawberry.field(description="Its end as the place's clock shows it.")
    note: str | None = strawberry.field(
        description="Why; null unless the viewer belongs to the lessor or works at the place."
    )


@strawberry.type(description="A time in which the listing is open: `[startsAt, endsAt)`.")
class ListingOpening:
    """`parking.windows.Window`."""

    starts_at: datetime = strawberry.field(description="Its begin.")
    ends_at: datetime = strawberry.field(description="Its end.")


@strawberry.type(description="Cancelled in time, a share of the price is given back.")
class CancellationTier:
    """`parking.listings.cancellation.Tier`."""

    minutes_before: int = strawberry.field(description="So many minutes before the start.")
    bound: Bound = strawberry.field(description="Whether exactly then still counts.")
    percent: int = strawberry.field(description="How much of the price is given back.")


@strawberry.type(
    description="What the driver gets back; the first rule that fits decides: grace, reconsidering,"
    " the tiers in their order, after the start the unused part. Cancelled by anybody else,"
    " everything is given back."
)
class CancellationTerms:
    """`parking.listings.cancellation.CancellationTerms`."""

    grace_minutes: int = strawberry.field(description="Everything, so soon after booking.")
    grace_lead_minutes_max: int | None = strawberry.field(
        description="Grace is only for bookings made at most so long before the start; null: all."
    )
    reconsider_minutes: int = strawberry.field(
        description="Everything, so soon after booking, if enough time is left."
    )
    reconsider_lead_minutes: int = strawberry.field(
        description="The time that must be left for it: more than this before the start."
    )
    tiers: list[CancellationTier] = strawberry.field(description="Before the start.")
    unused_percent: int = strawberry.field(
        description="After the start: so much of the unused part of the price."
    )
    fee_minor: MinorUnits = strawberry.field(
        description="Kept from a refund by tier or unused part."
    )
    no_show_percent: int = strawberry.field(
        description="So much of the price is due when nobody comes."
    )
    no_show_fee_minor: MinorUnits = strawberry.field(description="And this fee besides.")


def window_of(window: WindowRecord) -> ListingWindow:
    """The domain's window as the schema's type."""
    return ListingWindow(
        weekdays=weekdays_of(window.weekdays),
        minute_from=window.minute_from,
        minute_until=window.minute_until,
        first_date=window.first_date,
        last_date=window.last_date,
    )


def exception_of(exception: ExceptionRecord, is_staff: bool) -> ListingException:
    """The domain's exception as the schema's type; its note is for staff."""
    return ListingException(
        kind=exception.kind,
        local_from=exception.local_from.strftime(LOCAL_TIME),
        local_until=exception.local_until.strftime(LOCAL_TIME),
        note=exception.note if is_staff else None,
    )


def terms_of(terms: DomainTerms) -> CancellationTerms:
    """The domain's terms as the schema's type."""
    return CancellationTerms(
        grace_minutes=terms.grace_minutes,
        grace_lead_minutes_max=terms.grace_lead_minutes_max,
        reconsider_minutes=terms.reconsider_minutes,
        reconsider_lead_minutes=terms.reconsider_lead_minutes,
        tiers=[
            CancellationTier(
                minutes_before=tier.minutes_before, bound=tier.bound, percent=tier.percent
            )
            for tier in terms.tiers
        ],
        unused_percent=terms.unused_percent,
        fee_minor=MinorUnits(terms.fee_minor),
        no_show_percent=terms.no_show_percent,
        no_show_fee_minor=MinorUnits(terms.no_show_fee_minor),
    )
