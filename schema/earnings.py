"""Figures over time: an organisation's earnings, a place's daily close, the platform's totals."""

from datetime import date, datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.settlement.figures.closing import UTC, Sums, daily_close, platform_totals
from parking.settlement.figures.closing import DailyClose as DomainClose
from parking.settlement.figures.closing import PlatformTotals as DomainTotals
from parking.settlement.figures.earnings import Earnings as DomainEarnings
from parking.settlement.figures.earnings import Figures
from parking.settlement.figures.periods import Every, Period
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.money import Money, money_as
from schema.refusals import RefusalsAsErrors
from schema.scalars import Currency, TimeZone

BUCKETS_COST = {COST: Cost(assumed_size=100)}
SPACES_COST = {COST: Cost(assumed_size=100)}
READING_COST = 20
"""Figures are summed from many rows for the few objects that are returned."""

ZONE_DEFAULT = TimeZone(UTC)

FirstDay: TypeAlias = Annotated[date, strawberry.argument(description="The first day.")]
UntilDay: TypeAlias = Annotated[
    date, strawberry.argument(description="The day after the last one.")
]


@strawberry.type(description="What an organisation earned in a time.")
class EarningsFigures:
    """`parking.settlement.figures.earnings.Figures`."""

    bookings: int = strawberry.field(description="Bookings of its spaces that were settled.")
    cost: Money = strawberry.field(description="What these cost.")
    property: Money = strawberry.field(description="What went to who runs the places.")
    platform: Money = strawberry.field(description="What went to the platform.")
    tax: Money = strawberry.field(description="What was tax.")
    owner_share: Money = strawberry.field(description="What the organisation got as lessor.")
    property_share: Money = strawberry.field(
        description="What the organisation got as who runs places."
    )
    changed: Money = strawberry.field(
        description="What disputes and credits have changed; mostly negative."
    )
    earned: Money = strawberry.field(description="Both shares and the changes together.")


@strawberry.type(description="One day, week or month, and what was earned in it.")
class EarningsBucket:
    """`parking.settlement.figures.earnings.Bucket`."""

    first_day: date = strawberry.field(description="Its first local day.")
    until_day: date = strawberry.field(description="The local day after its last one.")
    starts_at: datetime = strawberry.field(description="Its begin.")
    ends_at: datetime = strawberry.field(description="Its end; not part of it.")
    figures: EarningsFigures = strawberry.field(description="What was earned in it.")


@strawberry.type(description="What an organisation earned over time, in one currency.")
class Earnings:
    """`parking.settlement.figures.earnings.Earnings`."""

    currency: Currency = strawberry.field(description="What it is in.")
    time_zone: TimeZone = strawberry.field(description="In which days begin.")
    buckets: list[EarningsBucket] = strawberry.field(
        description="In order, without gaps.", metadata=BUCKETS_COST
    )
    total: EarningsFigures = strawberry.field(description="All buckets together.")


@strawberry.type(description="Sums over settlements, in one currency.")
class SettledSums:
    """`parking.settlement.figures.closing.Sums`."""

    bookings: int = strawberry.field(description="How many were settled.")
    no_shows: int = strawberry.field(description="Where nobody came.")
    cancelled: int = strawberry.field(description="That were cancelled.")
    gross: Money = strawberry.field(description="What all of them cost.")
    owner: Money = strawberry.field(description="What of it went to lessors.")
    property: Money = strawberry.field(description="What of it went to who runs the places.")
    platform: Money = strawberry.field(description="The commission.")
    tax: Money = strawberry.field(description="The tax.")
    refund: Money = strawberry.field(description="What went back to drivers.")
    validation: Money = strawberry.field(description="What merchants paid.")
    receivable: Money = strawberry.field(description="What drivers stayed owing.")


@strawberry.type(description="What one space brought in a day.")
class SpaceClose:
    """`parking.settlement.figures.closing.SpaceClose`."""

    space_id: strawberry.ID = strawberry.field(description="The space's id.")
    number: str = strawberry.field(description="The space's number.")
    sums: SettledSums = strawberry.field(description="What was settled of it.")


@strawberry.type(description="The close of a local day of a place.")
class DailyClose:
    """`parking.settlement.figures.closing.DailyClose`."""

    day: date = strawberry.field(description="The local day.")
    starts_at: datetime = strawberry.field(description="Its begin.")
    ends_at: datetime = strawberry.field(description="Its end; not part of it.")
    sums: SettledSums = strawberry.field(description="What was settled that day.")
    spaces: list[SpaceClose] = strawberry.field(
        description="The same by space, by number; those of which nothing was settled are not in"
        " it.",
        metadata=SPACES_COST,
    )
    credits: int = strawberry.field(description="How many credit records were issued that day.")
    credited: Money = strawberry.field(description="What they gave back of earlier bills.")


@strawberry.type(description="One day, week or month, and what was settled in it.")
class TotalsBucket:
    """`parking.settlement.figures.closing.TotalsBucket`."""

    first_day: date = strawberry.field(description="Its first day.")
    until_day: date = strawberry.field(description="The day after its last one.")
    starts_at: datetime = strawberry.field(description="Its begin.")
    ends_at: datetime = strawberry.field(description="Its end; not part of it.")
    sums: SettledSums = strawberry.field(description="What was settled in it.")


@strawberry.type(description="All that was settled in a time, in one currency.")
class PlatformTotals:
    """`parking.settlement.figures.closing.PlatformTotals`."""

    currency: Currency = strawberry.field(description="What it is in.")
    buckets: list[TotalsBucket] = strawberry.field(
        description="In order, without gaps.", metadata=BUCKETS_COST
    )
    total: SettledSums = strawberry.field(description="All buckets together.")


def earnings_of(earned: DomainEarnings) -> Earnings:
    """The domain's earnings as the schema's type."""
    return Earnings(
        currency=Currency(earned.currency),
        time_zone=TimeZone(earned.time_zone),
        buckets=[
            _bucket(bucket.period, bucket.figures, earned.currency) for bucket in earned.buckets
        ],
        total=_figures(earned.total, earned.currency),
    )


def _bucket(period: Period, figures: Figures, currency: str) -> EarningsBucket:
    return EarningsBucket(
        first_day=period.first,
        until_day=period.until,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        figures=_figures(figures, currency),
    )


def _figures(figures: Figures, currency: str) -> EarningsFigures:
    return EarningsFigures(
        bookings=figures.bookings,
        cost=money_as(figures.cost_minor, currency),
        property=money_as(figures.property_minor, currency),
        platform=money_as(figures.platform_minor, currency),
        tax=money_as(figures.tax_minor, currency),
        owner_share=money_as(figures.owner_share_minor, currency),
        property_share=money_as(figures.property_share_minor, currency),
        changed=money_as(figures.changed_minor, currency),
        earned=money_as(figures.earned_minor, currency),
    )


def _sums(sums: Sums, currency: str) -> SettledSums:
    return SettledSums(
        bookings=sums.bookings,
        no_shows=sums.no_shows,
        cancelled=sums.cancelled,
        gross=money_as(sums.gross_minor, currency),
        owner=money_as(sums.owner_minor, currency),
        property=money_as(sums.property_minor, currency),
        platform=money_as(sums.platform_minor, currency),
        tax=money_as(sums.tax_minor, currency),
        refund=money_as(sums.refund_minor, currency),
        validation=money_as(sums.validation_minor, currency),
        receivable=money_as(sums.receivable_minor, currency),
    )


def close_of(close: DomainClose) -> DailyClose:
    """The domain's close as the schema's type."""
    return DailyClose(
        day=close.period.first,
        starts_at=close.period.starts_at,
        ends_at=close.period.ends_at,
        sums=_sums(close.sums, close.currency),
        spaces=[
            SpaceClose(
                space_id=global_id("Space", each.space_id),
                number=each.number,
                sums=_sums(each.sums, close.currency),
            )
            for each in close.spaces
        ],
        credits=close.credits,
        credited=money_as(close.credited_minor, close.currency),
    )


async def load_close(info: Info, place_key: int, day: date) -> DailyClose | None:
    """A place's day, for who may see it. Raises InvalidInput."""
    found = await daily_close(viewer_of(info.context), place_key, day)
    return None if found is None else close_of(found)


@strawberry.type
class TotalsQueries:
    """Root fields about the platform's figures."""

    @resolved(
        "What was settled over time, one entry for each currency in which there was something; null"
        " unless the viewer has the role PLATFORM. At most 400 buckets.",
        metadata={COST: Cost(weight=READING_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def platform_totals(
        self,
        info: Info,
        first_day: FirstDay,
        until_day: UntilDay,
        by: Annotated[Every, strawberry.argument(description="How long a bucket is.")] = Every.DAY,
        time_zone: Annotated[
            TimeZone, strawberry.argument(description="In which days begin.")
        ] = ZONE_DEFAULT,
    ) -> list[PlatformTotals] | None:
        viewer = viewer_of(info.context)
        found = await platform_totals(viewer, first_day, until_day, by, time_zone)
        return None if found is None else [_totals_of(each) for each in found]


def _totals_of(totals: DomainTotals) -> PlatformTotals:
    return PlatformTotals(
        currency=Currency(totals.currency),
        buckets=[
            TotalsBucket(
                first_day=bucket.period.first,
                until_day=bucket.period.until,
                starts_at=bucket.period.starts_at,
                ends_at=bucket.period.ends_at,
                sums=_sums(bucket.sums, totals.currency),
            )
            for bucket in totals.buckets
        ],
        total=_sums(totals.total, totals.currency),
    )
