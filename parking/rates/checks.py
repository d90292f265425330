"""What a tariff must be beyond its form: lines that fit together, names that exist."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from parking.rates.codec import fault
from parking.rates.durations import rough_length
from parking.rates.local import public_holidays
from parking.rates.tariff import (
    Band,
    Cap,
    CapOver,
    Collection,
    Condition,
    Day,
    LineType,
    RateLine,
    Steps,
    Tariff,
    UsedUp,
)

CYCLE_MIN = timedelta(minutes=10)
"""Lines that come again and again last at least so long, or a long stay has no end of lines."""

STAY_RECKONED = timedelta(days=92)
"""The stay by which it is judged how much work a tariff makes: as long as any may be booked."""
WORK_MAX = 100_000
"""Charges that such a stay may have, times the caps that look at each. A garage with bands, three
caps and half-hour increments makes some thousands. It is a coarse sieve, for stays that are over
and have to be priced whatever it takes: some seconds, in a thread. What is asked for beforehand is
counted step by step (`parking.rates.effort`)."""


def check(tariff: Tariff) -> None:
    """Raises InvalidInput naming the path of the first thing that does not fit."""
    if not tariff.collections and not tariff.passes:
        raise fault("document.collections", "nothing costs anything; give a collection or a pass")
    _check_holidays(tariff)
    _check_ids("document.collections", tariff.collections)
    _check_ids("document.caps", tariff.caps)
    _check_ids("document.passes", tariff.passes)
    _check_range("document", tariff.min_minor, tariff.max_minor)
    own = tariff.overstay.collections if tariff.overstay else ()
    _check_ids("document.overstay.collections", own)
    for prefix, collections in (("document", tariff.collections), ("document.overstay", own)):
        for place, collection in enumerate(collections):
            _check_collection(f"{prefix}.collections.{place}", collection, tariff)
    known = {collection.id for collection in tariff.collections}
    for place, cap in enumerate(tariff.caps):
        _check_cap(f"document.caps.{place}", cap, known, tariff)
    for place, each in enumerate(tariff.passes):
        _check_condition(f"document.passes.{place}.if", each.condition, tariff)
    _check_work((*tariff.collections, *own), len(tariff.caps))


def _check_holidays(tariff: Tariff) -> None:
    region = tariff.holidays
    if region is None:
        return
    try:
        public_holidays(region.country, region.subdivision, 2026)
    except NotImplementedError as error:
        where = f"{region.country} {region.subdivision or ''}".strip()
        message = f"no public holidays are known for {where}; use ISO 3166 codes such as DE and BW"
        raise fault("document.holidays", message) from error


def _check_ids(path: str, things: Sequence[Any]) -> None:
    seen: set[str] = set()
    for place, thing in enumerate(things):
        if thing.id in seen:
            raise fault(f"{path}.{place}.id", f"{thing.id!r} is used before; ids differ")
        seen.add(thing.id)


def _check_range(path: str, low: int | None, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        raise fault(f"{path}.minMinor", f"{low} is above maxMinor, which is {high}")


def _check_part(path: str, after: timedelta | None, until: timedelta | None) -> None:
    if until is not None and until <= (after or timedelta()):
        raise fault(f"{path}.until", "it is not later than after; give a longer duration")


def _check_collection(path: str, collection: Collection, tariff: Tariff) -> None:
    _check_ids(f"{path}.lines", collection.lines)
    _check_range(path, collection.min_minor, collection.max_minor)
    _check_bands(f"{path}.when", collection.when, tariff)
    _check_condition(f"{path}.if", collection.condition, tariff)
    _check_part(path, collection.after, collection.until)
    for place, line in enumerate(collection.lines):
        _check_line(f"{path}.lines.{place}", line, collection, tariff.steps)
    _check_order(path, collection)


def _check_line(path: str, line: RateLine, collection: Collection, steps: Steps) -> None:
    if line.amount_minor < 0 and not (collection.adds and line.type is LineType.FLAT_RATE):
        message = "only a FLAT_RATE line of a collection that adds may take off; give 0 or more"
        raise fault(f"{path}.amountMinor", message)
    if line.type is LineType.INCREMENTING_RATE:
        _check_increment(path, line)
    for key, is_given in _misplaced(line):
        if is_given:
            raise fault(f"{path}.{key}", f"it does not belong to a {line.type} line; remove it")
    if line.up_to is not None and not line.up_to:
        raise fault(f"{path}.upTo", "the tier has no length; give more than PT0S")
    if steps is Steps.ONCE and not _may_run_on(line):
        message = "with steps ONCE lines are FLAT_RATE, or exact increments without times"
        raise fault(path, f"{message}; use the collections' after and until instead")


def _misplaced(line: RateLine) -> Iterator[tuple[str, bool]]:
    if line.type is not LineType.INCREMENTING_RATE:
        yield "increment", line.increment is not None
        yield "per", line.per is not None
        yield "times", line.times is not None
        yield "calendar", line.calendar
        yield "tolerance", bool(line.tolerance)
    if line.type is not LineType.FLAT_RATE_TIER:
        yield "upTo", line.up_to is not None


def _may_run_on(line: RateLine) -> bool:
    if line.type is LineType.FLAT_RATE:
        return True
    increment = line.increment
    is_exact = increment is not None and increment.exact is not None
    return is_exact and line.times is None and not line.tolerance


def _check_increment(path: str, line: RateLine) -> None:
    increment = line.increment
    if increment is None:
        raise fault(f"{path}.increment", "it is missing; give a duration such as PT30M")
    if line.per is not None and (increment.exact is None or not line.per):
        raise fault(f"{path}.per", "it goes with an increment of hours, minutes and seconds only")
    if line.calendar and (increment.exact, increment.days or 1, increment.months or 1) not in {
        (None, 1, 1),
        (None, 7, 1),
    }:
        raise fault(f"{path}.calendar", "it goes with the increments P1D, P1W and P1M only")
    if increment.exact is not None and line.tolerance >= increment.exact:
        raise fault(f"{path}.tolerance", "it must be shorter than the increment")


def _check_order(path: str, collection: Collection) -> None:
    """Tiers ascend, and nothing follows a line that never ends."""
    before: RateLine | None = None
    cycle = timedelta()
    for line in collection.timed:
        where = f"{path}.lines.{collection.lines.index(line)}"
        if before is not None and _is_endless(before):
            raise fault(where, f"it is never reached: {before.id!r} before it has no end")
        if line.type is LineType.FLAT_RATE_TIER:
            low = before.up_to if before and before.type is line.type else None
            if low is not None and line.up_to is not None and line.up_to <= low:
                raise fault(f"{where}.upTo", "tiers ascend; give more than the tier before")
        cycle += _length(line)
        before = line
    if before is None or _is_endless(before) or collection.when_used_up is UsedUp.FREE:
        return
    if cycle < CYCLE_MIN:
        message = "the lines are used up in under ten minutes; let the last one go on without times"
        raise fault(f"{path}.lines", message)


def _check_work(collections: Sequence[Collection], caps: int) -> None:
    """Pricing must end soon, whatever somebody writes."""
    work = sum(map(_charges, collections)) * (1 + caps)
    if work > WORK_MAX:
        raise fault(
            "document",
            f"a stay of {STAY_RECKONED.days} days would take {work} steps to price, at most "
            f"{WORK_MAX} are allowed; use longer increments, fewer lines, bands or caps",
        )


def _charges(collection: Collection) -> int:
    """At most so many, roughly, in the longest stay."""
    lines = collection.timed
    turns = STAY_RECKONED.days * len(collection.when)
    if lines and not _is_endless(lines[-1]) and collection.when_used_up is UsedUp.REPEAT:
        cycle = max(sum(map(_length, lines), timedelta()), CYCLE_MIN)
        turns += STAY_RECKONED // cycle
    return max(1, turns) * len(collection.lines)


def _is_endless(line: RateLine) -> bool:
    if line.type is LineType.FLAT_RATE_TIER:
        return line.up_to is None
    return line.times is None


def _length(line: RateLine) -> timedelta:
    """About how long the line lasts."""
    if line.type is LineType.FLAT_RATE_TIER or line.increment is None:
        return line.up_to or timedelta()
    return rough_length(line.increment) * (line.times or 1)


def _check_cap(path: str, cap: Cap, known: set[str], tariff: Tariff) -> None:
    if (cap.over is CapOver.BAND) != bool(cap.when):
        raise fault(f"{path}.when", "a cap over BAND needs it, the others do not take it")
    if cap.every is not None:
        if cap.over not in {CapOver.ROLLING, CapOver.CALENDAR}:
            raise fault(f"{path}.every", "only caps over ROLLING and CALENDAR take it")
        if cap.over is CapOver.CALENDAR and cap.every.text not in {"P1D", "P7D", "P1M"}:
            raise fault(f"{path}.every", "a cap over CALENDAR takes P1D, P1W or P1M")
    _check_part(path, cap.after, cap.until)
    for name in sorted((cap.collections or frozenset()) - known):
        raise fault(f"{path}.collections", f"there is no collection {name!r}")
    _check_bands(f"{path}.when", cap.when, tariff)
    _check_condition(f"{path}.if", cap.condition, tariff)


def _check_condition(path: str, condition: Condition | None, tariff: Tariff) -> None:
    if condition is None:
        return
    _check_bands(f"{path}.entry", condition.entry, tariff)
    _check_bands(f"{path}.exit", condition.exit, tariff)


def _check_bands(path: str, bands: Sequence[Band], tariff: Tariff) -> None:
    for place, band in enumerate(bands):
        where = f"{path}.{place}"
        if (band.starts is None) != (band.ends is None):
            raise fault(where, "it has one of from and to; give both or neither")
        if band.nights is not None and band.starts is None:
            raise fault(f"{where}.nights", "it goes with from and to")
        if band.starts == 24 * 60:
            raise fault(f"{where}.from", "a day begins at 00:00; 24:00 is where it ends")
        if tariff.holidays is None and band.days is not None and Day.HOLIDAY in band.days:
            raise fault(f"{where}.days", "HOLIDAY needs the document's holidays, such as DE")
