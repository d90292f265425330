"""What a tariff comes to for stays of growing length: as a table, and as a curve. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from parking.errors import InvalidInput
from parking.rates.amounts import countable
from parking.rates.effort import PREVIEW_STEPS_MAX, Effort
from parking.rates.price import price
from parking.rates.tariff import Tariff
from parking.windows import Window

HOURS_MAX = 168
DAYS_MAX = 366
YEARS = range(2000, 2200)
"""Calendars of public holidays make sense in these."""
POINTS_MAX = 200
ROWS_MAX = 200
MINUTES_A_POINT_MIN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """Stays longer than the row before, up to and including so many minutes, cost so much."""

    up_to_minutes: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Point:
    """A stay of so many minutes costs so much."""

    minutes: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` say where the price changes, to the minute; `is_cut` that there are more of them than
    are shown. `points` are evenly spaced."""

    currency: str
    rows: list[Row]
    is_cut: bool
    points: list[Point]


def preview(tariff: Tariff, starts_at: datetime, hours: int, zone: ZoneInfo) -> Preview:
    """Prices of stays from `starts_at` on, of up to `hours` hours (1 to HOURS_MAX).

    Raises InvalidInput, StayTooComplex and PriceTooHigh. A price that falls and rises again within
    an hour may be missed.
    """
    if not 1 <= hours <= HOURS_MAX:
        raise InvalidInput("hours", f"{hours} hours are asked for; ask for 1 to {HOURS_MAX}")
    require_priceable(starts_at, starts_at)
    effort = Effort(PREVIEW_STEPS_MAX)

    @cache
    def amount(minutes: int) -> int:
        window = Window(starts_at, starts_at + timedelta(minutes=minutes))
        return countable(price(tariff, window, zone, effort=effort)).amount_minor

    every = max(MINUTES_A_POINT_MIN, -(-hours * 60 // POINTS_MAX))
    points = [Point(at, amount(at)) for at in range(every, hours * 60 + 1, every)]
    rows = list(_first(_rows(amount, hours * 60), ROWS_MAX + 1))
    return Preview(tariff.currency, rows[:ROWS_MAX], len(rows) > ROWS_MAX, points)


def require_priceable(starts_at: datetime, ends_at: datetime) -> None:
    """Raises InvalidInput for a stay of more than DAYS_MAX days, or in another age."""
    if starts_at.year not in YEARS:
        message = f"a stay in the year {starts_at.year} has no price; take one of our time"
        raise InvalidInput("startsAt", message)
    if ends_at - starts_at > timedelta(days=DAYS_MAX):
        raise InvalidInput("endsAt", f"the stay is too long; at most {DAYS_MAX} days are priced")


def _first(rows: Iterator[Row], count: int) -> Iterator[Row]:
    for _, row in zip(range(count), rows, strict=False):
        yield row


def _rows(amount: Callable[[int], int], minutes: int) -> Iterator[Row]:
    """A row for each length at which the next minute costs something else, and for the last."""
    for begin in range(1, minutes, 60):
        for last in _changes(amount, begin, min(begin + 60, minutes)):
            yield Row(last, amount(last))
    yield Row(minutes, amount(minutes))


def _changes(amount: Callable[[int], int], low: int, high: int) -> Iterator[int]:
    """The lengths in [low, high) after which the price changes, found by halving."""
    if amount(low) == amount(high):
        return
    if high - low == 1:
        yield low
        return
    middle = (low + high) // 2
    yield from _changes(amount, low, middle)
    yield from _changes(amount, middle, high)
