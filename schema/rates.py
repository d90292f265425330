"""Rate tables: what parking costs, as data, as a table, as a curve, and for a given stay."""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias
from zoneinfo import ZoneInfo

import strawberry

from parking.places.rules import checked_time_zone
from parking.rates.amounts import countable
from parking.rates.preview import HOURS_MAX, preview, require_priceable
from parking.rates.price import price
from parking.rates.queries import (
    find_rate_tables,
    published_rate_tables,
    rate_table_key,
    rate_tables_by_id,
)
from parking.rates.records import RateTableRecord
from parking.windows import window_of
from schema import accounts
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id, key_of, wanted_key
from schema.loaders import load
from schema.money import Money, PricedLine, lines_of, money_as
from schema.refusals import RefusalsAsErrors, known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Id, Node, Page, connection
from schema.relay import page as page_of
from schema.scalars import Currency, TimeZone, Version

if TYPE_CHECKING:
    from schema.accounts import Organisation

PREVIEW_COST = 500
PRICE_COST = 20
LINES_ASSUMED = 10
HOURS_DEFAULT = 24
OPTIONS_MAX = 20

Zone: TypeAlias = Annotated[
    TimeZone, strawberry.argument(description="Where it is parked: the rules are in local time.")
]
From: TypeAlias = Annotated[datetime, strawberry.argument(description="When the stay begins.")]


@strawberry.type(description="A row of a price list.")
class RatePreviewRow:
    """`parking.rates.preview.Row`."""

    up_to_minutes: int = strawberry.field(
        description="Stays longer than in the row before, up to and including so many minutes …"
    )
    amount: Money = strawberry.field(description="… cost so much.")


@strawberry.type(description="A point of the curve of prices over time.")
class RatePreviewPoint:
    """`parking.rates.preview.Point`."""

    minutes: int = strawberry.field(description="Length of the stay.")
    amount: Money = strawberry.field(description="What it costs.")


@strawberry.type(description="What a rate table comes to for stays of growing length.")
class RatePreview:
    """`parking.rates.preview.Preview`."""

    rows: list[RatePreviewRow] = strawberry.field(
        description="Where the price changes, to the minute; the last row is the longest stay."
    )
    is_cut: bool = strawberry.field(description="Whether there are more rows than are shown.")
    points: list[RatePreviewPoint] = strawberry.field(
        description="The price at evenly spaced lengths: the curve."
    )


@strawberry.type(description="What a stay costs by a rate table, with every reason.")
class RatedStay:
    """`parking.rates.price.Priced`."""

    amount: Money = strawberry.field(description="The sum of the lines.")
    tax: Money = strawberry.field(description="How much of it is tax.")
    lines: list[PricedLine] = strawberry.field(
        description="All that it is made of.", metadata={COST: Cost(assumed_size=LINES_ASSUMED)}
    )


@strawberry.type(
    description="A tariff in the structure of APDS: collections of rate lines, caps, passes."
)
class RateTable(Node):
    """`parking.rates.records.RateTableRecord`."""

    name: str = strawberry.field(description="Its name.")
    currency: Currency = strawberry.field(description="What its amounts are in.")
    document: str = strawberry.field(
        description="The whole tariff as JSON (docs/rates.md); amounts are in minor units."
    )
    version: Version = strawberry.field(description="Goes up with every change.")
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it was last changed.")
    retired_at: datetime | None = strawberry.field(
        description="Since when no listing can choose it any more."
    )
    record: strawberry.Private[RateTableRecord]

    @resolved("Whose it is; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.record.organisation_id)

    @resolved(
        "Its prices for stays of growing length, as a table and as a curve.",
        metadata={COST: Cost(weight=PREVIEW_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def preview(
        self,
        starts_at: From,
        time_zone: Zone,
        hours: Annotated[
            int, strawberry.argument(description=f"Length of the longest stay, 1 to {HOURS_MAX}.")
        ] = HOURS_DEFAULT,
    ) -> RatePreview:
        zone = _zone(time_zone)
        # Hundreds of prices: in a thread, so that nobody else waits for them.
        found = await to_thread(preview, self.record.tariff, starts_at, hours, zone)
        return RatePreview(
            rows=[
                RatePreviewRow(
                    up_to_minutes=row.up_to_minutes,
                    amount=money_as(row.amount_minor, found.currency),
                )
                for row in found.rows
            ],
            is_cut=found.is_cut,
            points=[
                RatePreviewPoint(
                    minutes=point.minutes, amount=money_as(point.amount_minor, found.currency)
                )
                for point in found.points
            ],
        )

    @resolved(
        "What a stay costs by it, with every reason.",
        metadata={COST: Cost(weight=PRICE_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def price(
        self,
        starts_at: From,
        ends_at: Annotated[datetime, strawberry.argument(description="When it ends.")],
        time_zone: Zone,
        options: Annotated[
            list[str] | None,
            strawberry.argument(description="Chosen products and discounts of the table."),
        ] = None,
    ) -> RatedStay:
        window, zone = window_of(starts_at, ends_at, "endsAt"), _zone(time_zone)
        require_priceable(starts_at, ends_at)
        chosen = (options or [])[:OPTIONS_MAX]
        found = countable(price(self.record.tariff, window, zone, options=chosen))
        return RatedStay(
            amount=money_as(found.amount_minor, found.currency),
            tax=money_as(found.tax_minor, found.currency),
            lines=lines_of(found.lines),
        )


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(checked_time_zone("timeZone", name))


def rate_table_of(found: RateTableRecord) -> RateTable:
    """The domain's rate table as the schema's type."""
    return RateTable(
        id=global_id("RateTable", found.id),
        name=found.name,
        currency=Currency(found.currency),
        document=found.document,
        version=Version(found.version),
        created_at=found.created_at,
        changed_at=found.changed_at,
        retired_at=found.retired_at,
        record=found,
    )


async def load_rate_table(info: Info, key: int | None) -> RateTable | None:
    """The rate table, if the viewer may see it."""
    found = await load(info.context, rate_tables_by_id, key)
    return None if found is None else rate_table_of(found)


async def load_published_rate_table(info: Info, key: int) -> RateTable:
    """The rate table of a listing that the viewer may see."""
    return rate_table_of(known(await load(info.context, published_rate_tables, key)))


async def load_known_rate_table(info: Info, key: int) -> RateTable:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_rate_table(info, key))


async def rate_table_page(info: Info, organisation_key: int, asked: Page) -> Connection[RateTable]:
    """One page of an organisation's rate tables, for who may see them."""
    viewer = viewer_of(info.context)
    found: Sequence[RateTableRecord] = await find_rate_tables(
        viewer, organisation_key, limit=asked.limit, after=asked.after
    )
    return connection(asked, found, rate_table_key, rate_table_of)


@strawberry.type
class RateQueries:
    """Root fields about rates."""

    @resolved("A rate table; null when there is none, or none that the viewer may see.")
    async def rate_table(self, info: Info, id: Id) -> RateTable | None:
        return await load_rate_table(info, key_of(id, "RateTable"))

    @resolved("Rate tables of an organisation in use, by name; empty unless it is the viewer's.")
    async def rate_tables(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The organisation's id.")
        ],
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[RateTable]:
        key = wanted_key(organisation_id, "Organisation")
        return await rate_table_page(info, key, page_of(first, after))
