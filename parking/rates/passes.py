"""Passes: a price for consecutive days, taken when it is cheaper or when it is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.rates.charges import Charge, Piece
from parking.rates.durations import Increment
from parking.rates.effort import DAY_STEPS
from parking.rates.lines import LineKind
from parking.rates.local import ONE_DAY
from parking.rates.segments import Stay, holds
from parking.rates.tariff import LineType, Pass, PassOver, RateLine, Tariff


@dataclass(frozen=True, slots=True)
class Plan:
    """Passes one after the other from the stay's start; `until` is how far they reach."""

    passes: tuple[Pass, ...]
    until: datetime

    @property
    def amount_minor(self) -> int:
        return sum(each.amount_minor for each in self.passes)


def usable_passes(tariff: Tariff, stay: Stay) -> tuple[list[Pass], bool]:
    """The passes that may be taken, and whether they must cover the whole stay.

    They must when one was asked for by its option, which then takes the others' place, and when
    the tariff prices time by nothing else.
    """
    found = [each for each in tariff.passes if holds(each.condition, stay)]
    asked = [each for each in found if each.condition and each.condition.option]
    return (asked, True) if asked else (found, bool(found) and not tariff.timed)


def covering_plans(passes: Sequence[Pass], stay: Stay) -> Iterator[Plan]:
    """For each way of counting days, the cheapest passes that cover the whole stay."""
    for over in PassOver:
        mine = [each for each in passes if each.over is over]
        if mine:
            days = _days_needed(over, stay)
            stay.effort.take(days * (DAY_STEPS + len(mine)))
            yield _plan(_cheapest(mine, days, exactly=False)[days], over, stay)


def beginning_plans(passes: Sequence[Pass], stay: Stay) -> Iterator[Plan]:
    """The cheapest passes for each number of whole days that ends before the stay does."""
    for over in PassOver:
        mine = [each for each in passes if each.over is over]
        if mine:
            days = _days_needed(over, stay) - 1
            stay.effort.take(days * (days + DAY_STEPS + len(mine)))
            best = _cheapest(mine, days, exactly=True)
            yield from (_plan(found, over, stay) for found in best[1:] if found is not None)


def pass_charges(plan: Plan, stay: Stay) -> list[Charge]:
    """The plan's passes as charges, each for its days."""
    charges, start, days = [], stay.window.starts_at, 0
    for each in plan.passes:
        days += each.days
        end = min(_end(each.over, days, stay), stay.window.ends_at)
        line = RateLine(each.id, LineType.FLAT_RATE, each.amount_minor, name=each.name)
        pieces = [Piece(start, each.amount_minor)]
        charge = Charge(
            None, line, None, start, end, 1, f"P{each.days}D", each.amount_minor, pieces,
            LineKind.PASS,
        )  # fmt: skip
        charges.append(charge)
        start = end
    return charges


def _plan(passes: tuple[Pass, ...] | None, over: PassOver, stay: Stay) -> Plan:
    assert passes is not None
    days = sum(each.days for each in passes)
    return Plan(passes, min(_end(over, days, stay), stay.window.ends_at))


def _cheapest(passes: Sequence[Pass], days: int, *, exactly: bool) -> list[tuple[Pass, ...] | None]:
    """For each number of days up to `days`, the cheapest passes that last so long: exactly, or at
    least; the longer ones first. None where no passes add up to it."""
    best: list[tuple[int, Pass, int] | None] = [None]
    for day in range(1, days + 1):
        options = []
        for each in passes:
            rest = day - each.days if exactly else max(day - each.days, 0)
            before = best[rest] if rest > 0 else None
            if rest == 0 or before is not None:
                cost = each.amount_minor + (before[0] if before else 0)
                options.append((cost, -each.days, each.id, each, rest))
        if options:
            cost, _, _, chosen, rest = min(options, key=lambda option: option[:3])
            best.append((cost, chosen, rest))
        else:
            best.append(None)
    return [_chain(best, day) for day in range(days + 1)]


def _chain(best: Sequence[tuple[int, Pass, int] | None], day: int) -> tuple[Pass, ...] | None:
    found: list[Pass] = []
    while day > 0:
        step = best[day]
        if step is None:
            return None
        found.append(step[1])
        day = step[2]
    return tuple(sorted(found, key=lambda each: (-each.days, each.id)))


def _days_needed(over: PassOver, stay: Stay) -> int:
    start, end, calendar = stay.window.starts_at, stay.window.ends_at, stay.calendar
    days = max((calendar.day(end) - calendar.day(start)).days, 1)
    while _end(over, days, stay) < end:
        days += 1
    return days


def _end(over: PassOver, days: int, stay: Stay) -> datetime:
    """When so many days from the stay's start are over."""
    calendar, start = stay.calendar, stay.window.starts_at
    if over is PassOver.ROLLING:
        return Increment(days=days).end(start, 1, calendar.zone)
    return calendar.at(calendar.day(start) + days * ONE_DAY, 0)
