"""What a booking costs in the end, by how it ended. Pure.

| outcome | cost |
|---|---|
| COMPLETED | the stay as it was priced when the car left |
| CANCELLED | the price, less what the terms give back |
| NO_SHOW | the terms' percent of the price, and their fee |
"""

from dataclasses import dataclass, replace
from datetime import datetime

from parking.listings.cancellation import CancellationTerms, no_show_due
from parking.rates.lines import LineKind, PricedLine
from parking.sessions.models import SegmentKind
from parking.settlement.kinds import Outcome
from parking.settlement.tax import (
    CANCELLED,
    NO_SHOW,
    NO_SHOW_FEE,
    NOT_CHARGED,
    Counted,
    StayPart,
    cost_minor,
    counted,
    stay_tax,
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What is due, and the lines that come to it."""

    outcome: Outcome
    parts: tuple[StayPart, ...]

    @property
    def amount_minor(self) -> int:
        """What is due, tax included."""
        return cost_minor(self.parts)

    @property
    def tax_minor(self) -> int:
        """The tax in it."""
        return stay_tax(self.parts)

    @property
    def lines(self) -> tuple[PricedLine, ...]:
        """All lines; they come to `amount_minor`."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def counted(self) -> tuple[Counted, ...]:
        """The lines by which it is divided."""
        return counted(self.parts)


@dataclass(frozen=True, slots=True)
class Price:
    """What was agreed for `[starts_at, ends_at)`."""

    amount_minor: int
    lines: tuple[PricedLine, ...]
    starts_at: datetime
    ends_at: datetime

    def part(self, *further: PricedLine) -> tuple[StayPart, ...]:
        """The one part that the price is, with further lines."""
        return (StayPart(SegmentKind.BOOKED, (*self.lines, *further)),)

    def line(self, line_id: str, amount_minor: int, name: str) -> PricedLine:
        """An amount for the whole time that stands for itself."""
        return PricedLine(
            LineKind.SURCHARGE, None, line_id, self.starts_at, self.ends_at, amount_minor,
            unit_amount_minor=amount_minor, name=name,
        )  # fmt: skip


def completed(parts: tuple[StayPart, ...]) -> Cost:
    """The stay, as it was priced."""
    return Cost(Outcome.COMPLETED, parts)


def cancelled(price: Price, refund_minor: int) -> Cost:
    """The price, less `refund_minor`."""
    if not refund_minor:
        return Cost(Outcome.CANCELLED, price.part())
    back = price.line(CANCELLED, -refund_minor, "given back for the cancellation")
    return Cost(Outcome.CANCELLED, price.part(back))


def missed(price: Price, terms: CancellationTerms) -> Cost:
    """The percent of the price that is due from who did not come, and the fee."""
    further = []
    due = no_show_due(terms, price.amount_minor)
    if due != price.amount_minor:
        name = f"not used: {terms.no_show_percent} % are due"
        further.append(price.line(NO_SHOW, due - price.amount_minor, name))
    if terms.no_show_fee_minor:
        further.append(price.line(NO_SHOW_FEE, terms.no_show_fee_minor, "fee for not coming"))
    return Cost(Outcome.NO_SHOW, price.part(*further))


def waived(cost: Cost, amount_minor: int) -> Cost:
    """The cost, less what of it is not charged to anybody."""
    if not amount_minor:
        return cost
    *before, last = cost.parts
    lines = cost.lines
    less = PricedLine(
        LineKind.SURCHARGE, None, NOT_CHARGED, min(each.starts_at for each in lines),
        max(each.ends_at for each in lines), -amount_minor, unit_amount_minor=-amount_minor,
        name="not charged: the guest was not asked",
    )  # fmt: skip
    return replace(cost, parts=(*before, replace(last, lines=(*last.lines, less))))
