"""Which times a text says, and which of them is the begin, the end or the new one."""

import re
from dataclasses import dataclass

from parking.merchants.sms.clock_times import (
    Clock,
    dotted_times,
    loose_times,
)
from parking.merchants.sms.day_parts import DAY, HOUR, Part, PartSaid
from parking.merchants.sms.numbers import number
from parking.merchants.sms.scan import Scan, Spot

_GAP = r"[\s\0,]*"
_TO = re.compile(
    rf"(?:\bto\b|\binto\b|->|=>|改到|改成|改为|改至|换到|换成|推迟到|提前到|变更为|到|至){_GAP}(?:at\s*)?{_GAP}$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    rf"(?:\b(?:until|till|til|ending|ends?|end\s+at|leav(?:e|ing)(?:\s+at)?)\b|直到|结束于?){_GAP}(?:at\s*)?$",
    re.IGNORECASE,
)
_PUT_OFF = re.compile(
    rf"\b(?:postpon|delay|push)[a-z]*\b[^.]*\b(?:until|till|til){_GAP}(?:at\s*)?{_GAP}$",
    re.IGNORECASE,
)
_DASH = re.compile(rf"{_GAP}-{_GAP}")
_AND = re.compile(rf"{_GAP}and{_GAP}", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween[\s\0]*$", re.IGNORECASE)
_BARE_BEFORE = re.compile(r"(?<![A-Za-z0-9:/+#.,])([0-9]{1,2})(?=\s*(?:-|to|until|till|到|至)\s*$)")
_BARE_AFTER = re.compile(
    r"\s*(?:-|to\b|until\b|till\b|到|至)\s*([0-9]{1,2})(?![0-9A-Za-z:/]|[.-][0-9])"
    r"(?!\s*-?\s*(?:people|persons?|pax|ppl|guests?|covers?|adults?|kids?|seats?|[人位名个大小月日号/]))",
    re.IGNORECASE,
)
_BEFORE_CHARACTERS = 40
NIGHT_HOUR_MAX = 5


@dataclass(frozen=True, slots=True)
class TimesSaid:
    """Begins and ends, each as the minutes after midnight that it may mean (from 1440 on: of the
    next day); `impossible` are the words that are no time."""

    starts: tuple[tuple[int, ...], ...] = ()
    ends: tuple[tuple[int, ...], ...] = ()
    impossible: tuple[str, ...] = ()


def more_clocks(scan: Scan, strict: list[Spot[Clock]], *, has_date: bool) -> list[Spot[Clock]]:
    """The `strict` ones and those that only their neighbourhood makes times (`7.30`, `at 7`,
    the 7 of `7-9pm`), in their order."""
    found = strict + dotted_times(scan, only_sure=True) + loose_times(scan)
    if not found or has_date:
        found += dotted_times(scan, only_sure=False)
    for spot in list(found):
        found += _neighbours(scan, spot)
    return sorted(found, key=lambda spot: spot.start)


def is_target(scan: Scan, start: int) -> bool:
    """Whether what begins here is what something is moved `to`."""
    return bool(_TO.search(scan.rest[max(0, start - _BEFORE_CHARACTERS) : start]))


def _neighbours(scan: Scan, spot: Spot[Clock]) -> list[Spot[Clock]]:
    """The bare hour before or after a time to which a dash or `to` ties it."""
    found = []
    from_position = max(0, spot.start - _BEFORE_CHARACTERS)
    before = _BARE_BEFORE.search(scan.rest[from_position : spot.start])
    if before:
        start = from_position + before.start(1)
        found.append(Spot(start, start + len(before[1]), _bare(before[1])))
    after = _BARE_AFTER.match(scan.rest, spot.end)
    if after:
        found.append(Spot(after.start(1), after.end(1), _bare(after[1])))
    for each in found:
        scan.blank(each.start, each.end)
    return found


def _bare(digits: str) -> Clock:
    hour = number(digits) or 0
    return Clock(hour, is_whole=hour >= 13 or hour == 0)


def times_said(
    scan: Scan, clocks: list[Spot[Clock]], parts: list[Spot[PartSaid]], *, is_move: bool
) -> TimesSaid:
    """Sort the times by what they are for. Where something is moved `to` a time, only that counts;
    else `to` a time is until then."""
    possible = [spot for spot in clocks if spot.value.is_possible]
    roles = _roles(scan, possible, is_move=is_move)
    if "target" in roles:
        first = roles.index("target")
        possible, roles = possible[first:], roles[first:]
    wrong = [spot for spot in clocks if not spot.value.is_possible]
    starts, ends = [], []
    for spot, role in zip(possible, roles, strict=True):
        minutes = _minutes(scan, spot, parts, is_end=role == "end")
        if not minutes:
            wrong.append(spot)
        elif role == "end":
            ends.append(minutes)
        elif role == "target" or "target" not in roles:
            starts.append(minutes)
    impossible = tuple(scan.text[spot.start : spot.end] for spot in wrong)
    return TimesSaid(tuple(starts), tuple(ends), impossible)


def _roles(scan: Scan, clocks: list[Spot[Clock]], *, is_move: bool) -> list[str]:
    """`start`, `end` or `target` for each."""
    roles: list[str] = []
    for index, spot in enumerate(clocks):
        before = scan.rest[max(0, spot.start - _BEFORE_CHARACTERS) : spot.start]
        last = clocks[index - 1] if index else None
        gap = scan.rest[last.end : spot.start] if last else None
        is_between = bool(last and _BETWEEN.search(scan.rest[: last.start]))
        roles.append(_role(before, gap, roles[-1:], is_move=is_move, is_between=is_between))
    return roles


def _role(before: str, gap: str | None, last: list[str], *, is_move: bool, is_between: bool) -> str:
    """What one time is for, by what stands before it and between it and the `last` one."""
    if is_move and _PUT_OFF.search(before):
        return "target"
    if _UNTIL.search(before):
        return "end"
    if gap is not None and (_DASH.fullmatch(gap) or (is_between and _AND.fullmatch(gap))):
        return "end"
    if not _TO.search(before):
        return "start"
    if is_move and not (last == ["target"] and gap is not None and _TO.fullmatch(gap.strip(" \0"))):
        return "target"
    return "end" if last else "start"


def _minutes(
    scan: Scan, spot: Spot[Clock], parts: list[Spot[PartSaid]], *, is_end: bool
) -> tuple[int, ...]:
    """What a time may mean, in the light of the part of the day beside it or in the text."""
    clock = spot.value
    if clock.is_midnight:
        return (0, DAY)
    beside = [part for part in parts if _touch(scan, part, spot)]
    named = {part.value.part for part in beside or parts}
    if len(named) != 1:
        return _unmarked(clock, is_end=is_end)
    part = named.pop()
    hour = _in_part(clock, part)
    if hour is not None:
        return (hour * HOUR + clock.minute,)
    is_binding = not part.is_weak and not (is_end and not beside)
    return () if is_binding else _unmarked(clock, is_end=is_end)


def _in_part(clock: Clock, part: Part) -> int | None:
    if clock.is_firm or not 1 <= clock.hour <= 12:
        return part.on_whole(clock.hour)
    return part.on_half(clock.hour)


def _unmarked(clock: Clock, *, is_end: bool) -> tuple[int, ...]:
    """Both halves of the day, where the writing leaves it open; nobody is expected at 3 in the
    night who does not say so, but a stay may end then."""
    minutes = clock.hour * HOUR + clock.minute
    if clock.is_whole or clock.hour >= 12 or clock.hour == 0:
        return (minutes,)
    later = minutes + DAY // 2
    return (minutes, later) if is_end or clock.hour > NIGHT_HOUR_MAX else (later,)


def _touch(scan: Scan, part: Spot[PartSaid], time: Spot[Clock]) -> bool:
    """Whether nothing stands between a part of the day and a time."""
    start, end = (part.end, time.start) if part.end <= time.start else (time.end, part.start)
    return not scan.rest[start:end].strip(" \0") if start <= end else True
