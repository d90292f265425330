"""Quotes: binding prices."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.money import Money as DomainMoney
from parking.rates.lines import lines_from_json, total_minor
from parking.reservations.models import QuoteKind
from parking.reservations.queries import quotes_by_id
from parking.reservations.records import QuoteRecord
from schema import listings, spaces
from schema.context import Info
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, PricedLine, lines_of, money_of
from schema.refusals import known
from schema.relay import Node

if TYPE_CHECKING:
    from schema.listings import Listing
    from schema.spaces import Space

LINES_ASSUMED = 10


@strawberry.type(
    description="A price that binds until it expires, for its viewer; it holds no space. It makes"
    " one booking, or one extension."
)
class Quote(Node):
    """`parking.reservations.records.QuoteRecord`."""

    kind: QuoteKind = strawberry.field(description="What it is for.")
    starts_at: datetime = strawberry.field(
        description="Begin of what is priced; of an EXTENSION the present end."
    )
    ends_at: datetime = strawberry.field(description="End of what is priced.")
    price: Money = strawberry.field(
        description="What it costs; of an EXTENSION what it adds, which is below zero where a"
        " longer stay is cheaper."
    )
    total: Money = strawberry.field(description="What the whole stay costs: the sum of the lines.")
    plate: str = strawberry.field(description="The vehicle, normalised; may be empty.")
    listing_id: strawberry.ID = strawberry.field(description="The listing that it is by.")
    reservation_id: strawberry.ID | None = strawberry.field(
        description="What an EXTENSION is of, or what was booked with it."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="Until when it binds.")
    used_at: datetime | None = strawberry.field(description="When it was used.")
    domain: strawberry.Private[QuoteRecord]

    @resolved(
        "The priced lines of the whole stay.", metadata={COST: Cost(assumed_size=LINES_ASSUMED)}
    )
    def lines(self) -> list[PricedLine]:
        return lines_of(lines_from_json(self.domain.lines))

    @resolved("The listing as it is now; null once the viewer may not see it any more.")
    async def listing(
        self, info: Info
    ) -> Annotated["Listing", strawberry.lazy("schema.listings")] | None:
        return await listings.load_listing(info, self.domain.listing_id)

    @resolved("The space; null if it was retired.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)


def quote_of(quote: QuoteRecord) -> Quote:
    """The domain's quote as the schema's type."""
    booked, total = quote.reservation_id, total_minor(lines_from_json(quote.lines))
    return Quote(
        id=global_id("Quote", quote.id),
        kind=quote.kind,
        starts_at=quote.starts_at,
        ends_at=quote.ends_at,
        price=money_of(DomainMoney(quote.amount_minor, quote.currency)),
        total=money_of(DomainMoney(total, quote.currency)),
        plate=quote.plate,
        listing_id=global_id("Listing", quote.listing_id),
        reservation_id=None if booked is None else global_id("Reservation", booked),
        created_at=quote.created_at,
        expires_at=quote.expires_at,
        used_at=quote.used_at,
        domain=quote,
    )


async def load_quote(info: Info, key: int | None) -> Quote | None:
    """The quote, if it is the viewer's."""
    found = await load(info.context, quotes_by_id, key)
    return None if found is None else quote_of(found)


async def load_known_quote(info: Info, key: int) -> Quote:
    """One that a verb has just made; an error if it is gone since."""
    return known(await load_quote(info, key))
