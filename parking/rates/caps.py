"""Caps: what begins within a period costs at most so much.

A cap lets the earliest increments stand and takes off from the one at which the limit is reached;
so a longer stay never changes what was charged before. Where several caps meet, those of shorter
periods come first, and every one of them holds in the end.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from parking.rates.charges import Amount, Charge, Piece
from parking.rates.durations import Increment, rough_length
from parking.rates.effort import DAY_STEPS, LINE_STEPS, Effort
from parking.rates.segments import Stay, holds
from parking.rates.tariff import Cap, CapOver
from parking.windows import Window

ZERO = timedelta()
ONE_DAY = Increment(days=1)
DAY_OF_24_HOURS = Increment(exact=timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Owned:
    """A piece and the charge it belongs to; `piece.each` is what is left of it."""

    piece: Piece
    charge: Charge


@dataclass(frozen=True, slots=True)
class Held:
    """What one line's charges came to before a limit, and after it."""

    charge: Charge
    before: Amount
    after: Amount


class Account:
    """The pieces of all charges in order of time, as the limits reached so far have left them."""

    def __init__(self, charges: Iterable[Charge], effort: Effort) -> None:
        self._effort = effort
        pieces = [Owned(piece, charge) for charge in charges for piece in charge.pieces]
        self._pieces = sorted(pieces, key=lambda owned: owned.piece.starts_at)

    def total(self, wanted: Callable[[Charge], bool]) -> Amount:
        """What the pieces of these charges come to."""
        self._effort.take(len(self._pieces))
        return sum(owned.piece.amount for owned in self._pieces if wanted(owned.charge))

    def add(self, charge: Charge) -> None:
        """Take a further charge in."""
        self._effort.take(len(self._pieces))
        owned = [Owned(piece, charge) for piece in charge.pieces]
        self._pieces = sorted([*self._pieces, *owned], key=lambda each: each.piece.starts_at)

    def limit(
        self, most: int, wanted: Callable[[Charge], bool], windows: Sequence[Window]
    ) -> list[list[Held]]:
        """Hold the pieces of these charges that begin in each of the windows to `most`. The
        windows are in order and do not overlap. For each of them what became of the charges, by
        line; an empty list where nothing was taken off."""
        room: list[Amount] = [most] * len(windows)
        kept: list[Owned] = []
        held: list[dict[int, Held]] = [{} for _ in windows]
        self._effort.take(len(windows) + len(self._pieces))
        for owned in self._pieces:
            if not wanted(owned.charge):
                kept.append(owned)
                continue
            for piece, place in _divided(owned.piece, windows):
                self._effort.take(LINE_STEPS)
                if place is None:
                    kept.append(Owned(piece, owned.charge))
                    continue
                left = list(_held(piece, room[place]))
                kept += (Owned(each, owned.charge) for each in left)
                after = sum(each.amount for each in left)
                room[place] -= after
                _note(held[place], owned.charge, piece.amount, after)
        self._pieces = kept
        return [_if_changed(list(each.values())) for each in held]


def _note(held: dict[int, Held], charge: Charge, before: Amount, after: Amount) -> None:
    line = id(charge.line)
    so_far = held.get(line, Held(charge, 0, 0))
    held[line] = Held(so_far.charge, so_far.before + before, so_far.after + after)


def _if_changed(held: list[Held]) -> list[Held]:
    return held if any(each.before != each.after for each in held) else []


def cap_windows(cap: Cap, stay: Stay) -> list[Window]:
    """The periods of a cap that touch the stay; none when its condition does not hold."""
    if not holds(cap.condition, stay):
        return []
    low, high = cap.after or timedelta(), cap.until or timedelta.max
    entry = stay.window.starts_at
    windows = _periods(cap, stay)
    stay.effort.take(DAY_STEPS * len(windows))
    return [each for each in windows if low <= max(each.starts_at - entry, ZERO) < high]


def _periods(cap: Cap, stay: Stay) -> list[Window]:
    match cap.over:
        case CapOver.STAY:
            return [stay.window]
        case CapOver.BAND:
            return stay.calendar.occurrences(cap.when, stay.window, stay.effort)
        case CapOver.ROLLING:
            return list(_rolling(cap.every or DAY_OF_24_HOURS, stay))
        case CapOver.CALENDAR:
            return list(_by_calendar(cap.every or ONE_DAY, stay))


def shortest_first(caps: Sequence[Cap], stay: Stay) -> list[tuple[Cap, list[Window]]]:
    """The caps with their periods, shorter periods first, then in the document's order. Periods of
    one cap that overlap are taken one after the other."""
    found = [(cap, cap_windows(cap, stay)) for cap in caps]
    ranked = sorted((each for each in found if each[1]), key=lambda each: _length(*each))
    return [(cap, layer) for cap, windows in ranked for layer in _layers(windows, stay.effort)]


def _length(cap: Cap, windows: Sequence[Window]) -> timedelta:
    match cap.over:
        case CapOver.STAY:  # after all others, however short the stay is
            return timedelta.max
        case CapOver.BAND:
            return max(window.duration for window in windows)
        case CapOver.ROLLING:
            return rough_length(cap.every or DAY_OF_24_HOURS)
        case CapOver.CALENDAR:
            return rough_length(cap.every or ONE_DAY)


def _layers(windows: Sequence[Window], effort: Effort) -> list[list[Window]]:
    """The windows as few lists in each of which none overlaps another."""
    layers: list[list[Window]] = []
    for window in windows:
        effort.take(1 + len(layers))
        for layer in layers:
            if layer[-1].ends_at <= window.starts_at:
                layer.append(window)
                break
        else:
            layers.append([window])
    return layers


def _rolling(every: Increment, stay: Stay) -> Iterator[Window]:
    entry, start, number = stay.window.starts_at, stay.window.starts_at, 0
    while start < stay.window.ends_at:
        number += 1
        end = every.end(entry, number, stay.calendar.zone)
        yield Window(start, end)
        start = end


def _by_calendar(every: Increment, stay: Stay) -> Iterator[Window]:
    start, zone = stay.window.starts_at, stay.calendar.zone
    while start < stay.window.ends_at:
        end = every.calendar_end(start, zone)
        yield Window(start, end)
        start = end


def _divided(piece: Piece, windows: Sequence[Window]) -> Iterator[tuple[Piece, int | None]]:
    """The piece's parts in each window (its place) and outside (None), by when increments begin."""
    done = 0
    place = bisect_right(windows, piece.starts_at, key=lambda window: window.ends_at)
    while done < piece.count and place < len(windows):
        window = windows[place]
        first = max(done, _beginning_before(piece, window.starts_at))
        last = _beginning_before(piece, window.ends_at)
        if done < first:
            yield _part(piece, done, first), None
        if first < last:
            yield _part(piece, first, last), place
        done, place = max(first, last), place + 1
    if done < piece.count:
        yield _part(piece, done, piece.count), None


def _part(piece: Piece, low: int, high: int) -> Piece:
    if high - low == piece.count:
        return piece
    return replace(piece, starts_at=piece.starts_at + low * piece.every, count=high - low)


def _beginning_before(piece: Piece, instant: datetime) -> int:
    """How many of the piece's increments begin before the instant."""
    if instant <= piece.starts_at:
        return 0
    if not piece.every:
        return piece.count
    return min(piece.count, -((piece.starts_at - instant) // piece.every))


def _held(piece: Piece, room: Amount) -> Iterator[Piece]:
    """The piece as the room allows: whole increments, a part of one, then nothing."""
    if piece.amount <= room or piece.each <= 0:
        yield piece
        return
    room = max(room, 0)
    whole = int(Fraction(room) // piece.each)
    if whole:
        yield replace(piece, count=whole)
    start = piece.starts_at + whole * piece.every
    yield replace(piece, starts_at=start, count=1, each=room - whole * piece.each)
    if whole + 1 < piece.count:
        rest = piece.count - whole - 1
        yield replace(piece, starts_at=start + piece.every, count=rest, each=0)
