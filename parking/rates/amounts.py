"""That every client can count a price: amounts stay within what JSON readers keep exactly."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from parking.errors import Conflict
from parking.rates.durations import rough_length
from parking.rates.price import Priced
from parking.rates.tariff import Collection, LineType, RateLine, Tariff, Tax

COUNTED_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259 section 6)."""
SHORTEST_TURN = timedelta(minutes=10)
"""As `checks.CYCLE_MIN`: lines that come again do so no oftener."""


class PriceTooHigh(Conflict):
    """The price, or a line of it, is more than can be told exactly."""

    code = "PRICE_TOO_HIGH"

    def __init__(self) -> None:
        super().__init__(
            f"the price is above {COUNTED_MAX} minor units, which no client counts exactly;"
            " ask for a shorter stay, or correct the tariff"
        )


def countable(priced: Priced) -> Priced:
    """The price itself. Raises PriceTooHigh when it, or a line of it, cannot be told exactly."""
    amounts = [priced.amount_minor, *(line.amount_minor for line in priced.lines)]
    if max(map(abs, amounts)) > COUNTED_MAX:
        raise PriceTooHigh
    return priced


def most_minor(tariff: Tariff, stay: timedelta) -> int:
    """No stay of that length costs more by the tariff, its overstay included; far from exact."""
    own = tariff.overstay
    ordinary = _sum(tariff.collections, stay) + stay.days * max(
        (each.amount_minor for each in tariff.passes), default=0
    )
    late = 0 if own is None else _sum(own.collections or tariff.timed, stay)
    late_percent = Fraction(100) if own is None else Fraction(own.percent)
    return int((ordinary + late * late_percent / 100) * _with(tariff.tax))


def _sum(collections: Sequence[Collection], stay: timedelta) -> Fraction:
    return sum((_of_collection(each, stay) for each in collections), Fraction(0))


def _of_collection(collection: Collection, stay: timedelta) -> Fraction:
    turns = max(1, (stay.days + 1) * max(1, len(collection.when)))
    if len(collection.timed) > 1 or not collection.timed:
        turns = max(turns, stay // SHORTEST_TURN)
    lines = sum(_of_line(line, turns, stay) * _with(line.tax) for line in collection.lines)
    return (lines + turns * (collection.min_minor or 0)) * _with(collection.tax)


def _of_line(line: RateLine, turns: int, stay: timedelta) -> Fraction:
    amount = max(line.amount_minor, 0)
    if line.type is not LineType.INCREMENTING_RATE or line.increment is None:
        return Fraction(amount * turns)
    unit = line.per or rough_length(line.increment)
    return Fraction(amount) * (stay // unit + turns)


def _with(tax: Tax | None) -> Fraction:
    return Fraction(1) if tax is None or tax.included else 1 + Fraction(tax.percent) / 100
