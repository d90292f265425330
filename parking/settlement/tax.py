"""How much tax is in what a stay costs, from its priced lines. Pure.

A stay is priced part by part (`parking.sessions.pricing`), and some of its lines only take off what
another part has charged already: the whole stay anew, less what was agreed before. Tax is what the
lines say that count in the end. A part of the price that is given back gives back its tax in
proportion; a flat fee for not coming is no supply, and bears none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from parking.rates.lines import LineKind, PricedLine, total_minor
from parking.sessions.models import SegmentKind
from parking.sessions.pricing import AGREED_BEFORE, EARLY_LEAVE

CANCELLED = "cancelled"
"""The line that takes off what is given back for a cancellation."""
NO_SHOW = "no-show"
"""The line that leads from the price to the share of it that is due from who did not come."""
NO_SHOW_FEE = "no-show-fee"
NOT_CHARGED = "not-charged"
"""The line that takes off what nobody is to pay: of a guest who was never asked."""

_LEADING = frozenset({AGREED_BEFORE, EARLY_LEAVE, CANCELLED, NO_SHOW, NOT_CHARGED})


@dataclass(frozen=True, slots=True)
class StayPart:
    """A part of what is charged, with all its lines."""

    kind: SegmentKind
    lines: tuple[PricedLine, ...]

    @property
    def plain(self) -> tuple[PricedLine, ...]:
        """Without the lines that lead from one amount to another."""
        return tuple(line for line in self.lines if not _leads(line))

    @property
    def is_anew(self) -> bool:
        """Whether it prices the whole stay anew, less what was agreed."""
        return any(_leads(line) and line.line_id == AGREED_BEFORE for line in self.lines)


@dataclass(frozen=True, slots=True)
class Counted:
    """A line that counts `times` over: 1, or -1 where it takes off what is counted elsewhere."""

    times: int
    line: PricedLine
    is_overstay: bool = False

    @property
    def amount_minor(self) -> int:
        """What it adds to the cost."""
        return self.times * self.line.amount_minor

    @property
    def tax_minor(self) -> int:
        """What it adds to the tax."""
        return self.times * self.line.tax_minor


def counted(parts: Sequence[StayPart]) -> tuple[Counted, ...]:
    """The lines that count in the end: those of the last price that was agreed, and what early
    coming and overstaying add to it."""
    agreed: tuple[PricedLine, ...] = ()
    for part in parts:
        if part.kind in (SegmentKind.BOOKED, SegmentKind.EXTENSION):
            agreed = part.plain
    found = [Counted(1, line) for line in agreed]
    for part in parts:
        if part.kind in (SegmentKind.EARLY, SegmentKind.OVERSTAY):
            found.extend(_besides(part, agreed))
    return tuple(found)


def tax_of(cost_minor: int, lines: Iterable[Counted]) -> int:
    """The tax in a cost of `cost_minor`: all of the lines' when the cost is what they come to, else
    in proportion, to the nearest minor unit, halves upwards.

    Never more than the cost: a price that is rounded down can be less than the tax that its lines
    had before.
    """
    held = tuple(lines)
    whole = sum(each.amount_minor for each in held)
    taxed = sum(each.tax_minor for each in held)
    if cost_minor == whole:
        found = taxed
    elif whole > 0:
        found = int(Fraction(taxed * cost_minor, whole) + Fraction(1, 2))
    else:
        found = 0
    return max(min(found, cost_minor), 0)


def cost_minor(parts: Sequence[StayPart]) -> int:
    """What the parts come to, everything taken off."""
    return sum(total_minor(part.lines) for part in parts)


def stay_tax(parts: Sequence[StayPart]) -> int:
    """The tax in what the parts come to."""
    lines = tuple(each for each in counted(parts) if not is_fee(each.line))
    return tax_of(cost_minor(parts) - _fees(parts), lines)


def is_fee(line: PricedLine) -> bool:
    """Whether it is the flat fee for not coming."""
    return line.collection_id is None and line.line_id == NO_SHOW_FEE


def _fees(parts: Sequence[StayPart]) -> int:
    return sum(line.amount_minor for part in parts for line in part.lines if is_fee(line))


def _besides(part: StayPart, agreed: tuple[PricedLine, ...]) -> Iterator[Counted]:
    is_overstay = part.kind is SegmentKind.OVERSTAY
    yield from (Counted(1, line, is_overstay) for line in part.plain)
    if part.is_anew:
        yield from (Counted(-1, line, is_overstay) for line in agreed)


def _leads(line: PricedLine) -> bool:
    is_ours = line.collection_id is None and line.kind is LineKind.SURCHARGE
    return is_ours and line.line_id in _LEADING
