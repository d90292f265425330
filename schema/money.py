"""Money and priced lines as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime

import strawberry

from parking.money import Money as DomainMoney
from parking.rates.lines import LineKind
from parking.rates.lines import PricedLine as DomainLine
from schema.scalars import Currency, MinorUnits


@strawberry.type(description="An amount of money; exact.")
class Money:
    """`parking.money.Money`."""

    amount_minor: MinorUnits = strawberry.field(
        description="In the currency's minor unit: 1250 is 12.50 EUR, or 1250 JPY."
    )
    currency: Currency = strawberry.field(description="What it is in.")


def money_of(amount: DomainMoney) -> Money:
    """The domain's amount as the schema's type."""
    return Money(amount_minor=MinorUnits(amount.amount_minor), currency=Currency(amount.currency))


def money_as(amount_minor: int, currency: str) -> Money:
    """So many minor units of a currency."""
    return money_of(DomainMoney(amount_minor, currency))


@strawberry.type(
    description="One amount of a price, with its reason. The price is the sum of its lines'"
    " `amountMinor`, and each line follows from what it says."
)
class PricedLine:
    """`parking.rates.lines.PricedLine`."""

    kind: LineKind = strawberry.field(description="Why it is there.")
    collection_id: str | None = strawberry.field(
        description="The collection of the rate table that it is from."
    )
    line_id: str = strawberry.field(description="The rate line, cap, pass … that it is from.")
    name: str = strawberry.field(description="For people; may be empty.")
    starts_at: datetime = strawberry.field(description="Begin of the time it is for.")
    ends_at: datetime = strawberry.field(description="End of the time it is for.")
    quantity: int = strawberry.field(description="How many units.")
    unit: str = strawberry.field(description="What is counted, such as an ISO 8601 duration.")
    unit_amount_minor: str = strawberry.field(
        description="Price of one unit in minor units: a whole number, or a fraction like 50/3."
    )
    basis_minor: MinorUnits | None = strawberry.field(
        description="Of caps, limits, tax and rounding: what they are applied to."
    )
    limit_minor: MinorUnits | None = strawberry.field(
        description="Of caps and limits: the limit; of rounding: the step."
    )
    percent: str | None = strawberry.field(description="Of tax: the rate in percent.")
    tax_minor: MinorUnits = strawberry.field(description="The tax in it.")
    amount_minor: MinorUnits = strawberry.field(description="What it adds to the price.")


def lines_of(lines: Iterable[DomainLine]) -> list[PricedLine]:
    """The domain's lines as the schema's type."""
    return [_line_of(line) for line in lines]


def _line_of(line: DomainLine) -> PricedLine:
    return PricedLine(
        kind=line.kind,
        collection_id=line.collection_id,
        line_id=line.line_id,
        name=line.name,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        quantity=line.quantity,
        unit=line.unit,
        unit_amount_minor=str(line.unit_amount_minor),
        basis_minor=_minor(line.basis_minor),
        limit_minor=_minor(line.limit_minor),
        percent=line.percent,
        tax_minor=MinorUnits(line.tax_minor),
        amount_minor=MinorUnits(line.amount_minor),
    )


def _minor(amount: int | None) -> MinorUnits | None:
    return None if amount is None else MinorUnits(amount)
