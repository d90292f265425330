"""Which collection prices which part of a stay: cutting a stay at the calendar's boundaries."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from parking.clock import as_utc
from parking.rates.effort import DAY_STEPS, Effort
from parking.rates.local import ONE_DAY, LocalCalendar
from parking.rates.tariff import Collection, Condition, Counting
from parking.windows import Window

ROLLING_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Stay:
    """What is priced, and what conditions ask about it. `window` is the whole stay; a collection's
    `after`, rolling days and the entry count from its start."""

    window: Window
    calendar: LocalCalendar
    booked_at: datetime | None = None
    options: frozenset[str] = frozenset()
    effort: Effort = field(default_factory=Effort, compare=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stay that one collection prices. Segments of one `count` count together."""

    window: Window
    collection: Collection
    count: object


def holds(condition: Condition | None, stay: Stay) -> bool:
    """Whether a condition holds of the stay."""
    if condition is None:
        return True
    window, calendar = stay.window, stay.calendar
    last = window.ends_at - timedelta(microseconds=1)
    return (
        (condition.option is None or condition.option in stay.options)
        and (condition.stay_min is None or condition.stay_min <= window.duration)
        and (condition.stay_max is None or window.duration <= condition.stay_max)
        and _is_ahead(condition.booked_ahead_min, stay)
        and calendar.is_within(condition.entry, window.starts_at, stay.effort)
        and calendar.is_within(condition.exit, last, stay.effort)
    )


def _is_ahead(least: timedelta | None, stay: Stay) -> bool:
    if least is None:
        return True
    return stay.booked_at is not None and stay.window.starts_at - stay.booked_at >= least


def segments(collections: Sequence[Collection], stay: Stay) -> list[Segment]:
    """The parts of the stay that some collection prices, in order; the rest costs nothing.

    Where several hold, the first one of the list does.
    """
    left, found = [stay.window], list[Segment]()
    for collection in collections:
        if not left or not holds(collection.condition, stay):
            continue
        for held in _held(collection, stay):
            stay.effort.take(DAY_STEPS)
            parts = _cut_out(left, held)
            found += (each for part in parts for each in _counted(collection, part, stay))
    return sorted(found, key=lambda segment: segment.window)


def own_segments(collection: Collection, stay: Stay) -> list[Segment]:
    """The parts of the stay in which a collection that adds holds."""
    return segments((collection,), stay)


def uncovered(stay: Stay, covered: Sequence[Segment]) -> list[Window]:
    """The parts of the stay that no segment covers."""
    left = [stay.window]
    stay.effort.take(len(covered))
    for segment in covered:
        _cut_out(left, segment.window)
    return left


def _held(collection: Collection, stay: Stay) -> list[Window]:
    whole = stay.window
    if collection.after is not None or collection.until is not None:
        start = whole.starts_at + (collection.after or timedelta())
        end = whole.ends_at
        if collection.until is not None:
            end = min(end, whole.starts_at + collection.until)
        if not start < end:
            return []
        whole = Window(start, end)
    if not collection.when:
        return [whole]
    held = stay.calendar.held(collection.when, whole, stay.effort)
    return [part for each in held for part in _common(each, [whole])]


def _counted(collection: Collection, part: Window, stay: Stay) -> Iterator[Segment]:
    """The part as segments that end where the count begins anew."""
    match collection.counts:
        case Counting.SEGMENT:
            yield Segment(part, collection, part.starts_at)
        case Counting.STAY:
            yield Segment(part, collection, None)
        case Counting.ROLLING_DAY:
            yield from _by_rolling_day(collection, part, stay)
        case Counting.CALENDAR_DAY:
            for day in days_of(part, stay.calendar):
                stay.effort.take(DAY_STEPS)
                yield from (
                    Segment(each, collection, day.starts_at) for each in _common(day, [part])
                )


def _by_rolling_day(collection: Collection, part: Window, stay: Stay) -> Iterator[Segment]:
    entry = stay.window.starts_at
    number = (part.starts_at - entry) // ROLLING_DAY
    start = part.starts_at
    while start < part.ends_at:
        number += 1
        stay.effort.take(DAY_STEPS)
        end = min(part.ends_at, entry + number * ROLLING_DAY)
        yield Segment(Window(start, end), collection, number)
        start = end


def days_of(part: Window, calendar: LocalCalendar) -> Iterator[Window]:
    """The local days that touch a part, whole: of 23 or 25 hours when the clocks change."""
    day = calendar.day(part.starts_at)
    start = as_utc(datetime.combine(day, time(), calendar.zone))
    while start < part.ends_at:
        day += ONE_DAY
        end = as_utc(datetime.combine(day, time(), calendar.zone))
        yield Window(start, end)
        start = end


def _common(one: Window, others: Sequence[Window]) -> list[Window]:
    found = []
    for other in others:
        start, end = max(one.starts_at, other.starts_at), min(one.ends_at, other.ends_at)
        if start < end:
            found.append(Window(start, end))
    return found


def _cut_out(left: list[Window], taken: Window) -> list[Window]:
    """Take a window out of what is left, which is in order and does not overlap; gives the parts
    that were there."""
    first = bisect_right(left, taken.starts_at, key=lambda each: each.ends_at)
    last = bisect_left(left, taken.ends_at, lo=first, key=lambda each: each.starts_at)
    touched = left[first:last]
    left[first:last] = [piece for part in touched for piece in _minus(part, taken)]
    return _common(taken, touched)


def _minus(part: Window, taken: Window) -> Iterator[Window]:
    if part.starts_at < taken.starts_at:
        yield Window(part.starts_at, taken.starts_at)
    if taken.ends_at < part.ends_at:
        yield Window(taken.ends_at, part.ends_at)
