"""Laying lines along segments: what is charged for which time, before caps and taxes.

A charge is made of pieces, so that a cap can tell which part of it begins in its period: equal
increments are one piece with a count, a tier table is a piece for each step that it rises.
Amounts are exact: whole, or fractions of a minor unit where a rate is per hour and counted in
minutes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import takewhile
from typing import TypeAlias

from parking.rates.durations import Increment, duration_text
from parking.rates.effort import LINE_STEPS
from parking.rates.lines import LineKind
from parking.rates.segments import Segment, Stay
from parking.rates.tariff import Boundary, Collection, LineType, RateLine, UsedUp

Amount: TypeAlias = int | Fraction

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """`count` equal amounts, the first due at `starts_at`, the next ones `every` later each."""

    starts_at: datetime
    each: Amount
    count: int = 1
    every: timedelta = timedelta()

    @property
    def amount(self) -> Amount:
        return self.each * self.count


@dataclass(slots=True)
class Charge:
    """One line's charge in one segment; becomes a priced line. A pass has no collection."""

    collection: Collection | None
    line: RateLine
    count: object
    starts_at: datetime
    ends_at: datetime
    quantity: int
    unit: str
    unit_amount: Amount
    pieces: list[Piece]
    kind: LineKind = LineKind.RATE
    limit: int | None = None

    @property
    def amount(self) -> Amount:
        return self.quantity * self.unit_amount

    @property
    def is_timed(self) -> bool:
        """Whether it is for the time itself, and not charged besides."""
        return self.collection is not None and not self.collection.adds


@dataclass(slots=True)
class Counter:
    """How far the lines of a collection are used up, over what it counts."""

    is_begun: bool = False
    index: int = 0
    used: int = 0
    tier_time: timedelta = timedelta()
    tier_paid: int = 0

    def line(self, collection: Collection) -> RateLine | None:
        """The line that is next; None when all are used up for good."""
        if self.index < len(collection.timed):
            return collection.timed[self.index]
        if collection.when_used_up is UsedUp.FREE or not collection.timed:
            return None
        self.begin(0)
        return collection.timed[0]

    def begin(self, index: int) -> None:
        """Turn to another line."""
        self.index, self.used, self.tier_time, self.tier_paid = index, 0, timedelta(), 0


@dataclass(slots=True)
class Laying:
    """Charges so far, and the instant up to which time is paid for."""

    stay: Stay
    paid_until: datetime
    charges: list[Charge] = field(default_factory=list)
    counters: dict[tuple[str, object], Counter] = field(default_factory=dict)

    def lay(self, segment: Segment) -> None:
        """Charge what of the segment is not paid for yet."""
        collection, end = segment.collection, segment.window.ends_at
        at = max(self.paid_until, segment.window.starts_at)
        if at >= end:
            return
        self.stay.effort.take(LINE_STEPS)
        counter = self.counters.setdefault((collection.id, segment.count), Counter())
        if not counter.is_begun:
            counter.is_begun = True
            self.stay.effort.take(LINE_STEPS * len(collection.flats))
            self.charges += (_flat(segment, line, at) for line in collection.flats)
        while at < end and (line := counter.line(collection)) is not None:
            self.stay.effort.take(LINE_STEPS)
            if line.type is LineType.FLAT_RATE_TIER:
                at = self._tiers(segment, counter, at)
            else:
                at = self._increments(segment, counter, line, at)
        runs_on = collection.at_boundary is Boundary.COMPLETE
        self.paid_until = max(at, end) if runs_on else end

    def _tiers(self, segment: Segment, counter: Counter, at: datetime) -> datetime:
        tiers = _tiers_from(segment.collection.timed, counter.index)
        self.stay.effort.take(LINE_STEPS * len(tiers))
        before, last = counter.tier_time, tiers[-1].up_to
        taken = segment.window.ends_at - at
        if last is not None:
            taken = min(taken, last - before)
        pieces, low = list[Piece](), timedelta()
        reached, paid = tiers[0], counter.tier_paid
        for tier in tiers:
            if tier.up_to is None or before < tier.up_to:
                start = at + max(low - before, timedelta())
                pieces.append(Piece(start, tier.amount_minor - paid))
                reached, paid = tier, tier.amount_minor
            if tier.up_to is None or before + taken <= tier.up_to:
                break
            low = tier.up_to
        amount = paid - counter.tier_paid
        unit = "TIER" if reached.up_to is None else duration_text(reached.up_to)
        self._add(segment, reached, (at, at + taken), (1, unit, amount), pieces)
        counter.tier_time, counter.tier_paid = before + taken, paid
        if counter.tier_time == last:
            counter.begin(counter.index + len(tiers))
        return at + taken

    def _increments(
        self, segment: Segment, counter: Counter, line: RateLine, at: datetime
    ) -> datetime:
        end, left = (
            segment.window.ends_at,
            None if line.times is None else line.times - counter.used,
        )
        pieces, last, stop = self._started(line, at, end, left)
        number = sum(piece.count for piece in pieces)
        runs_on = segment.collection.at_boundary is Boundary.COMPLETE
        horizon = self.stay.window.ends_at if runs_on else end
        if horizon - last < line.tolerance:
            # The last increment's time is so short that it is none.
            pieces[-1:] = [] if pieces[-1].count == 1 else [replace(pieces[-1], count=number - 1)]
            number, stop = number - 1, horizon
        counter.used += number
        if number:
            shown, unit_amount = line.increment, pieces[0].each
            assert shown is not None
            self._add(segment, line, (at, stop), (number, shown.text, unit_amount), pieces)
        if number == left:
            counter.begin(counter.index + 1)
        return stop

    def _started(
        self, line: RateLine, at: datetime, end: datetime, left: int | None
    ) -> tuple[list[Piece], datetime, datetime]:
        """The increments that begin before `end`, when the last begins, and when it is over."""
        increment = line.increment
        assert increment is not None  # the document's checks have seen to it
        if increment.exact is None:
            starts = list(self._starts(increment, line.calendar, at, end, left))
            pieces = [Piece(start, line.amount_minor) for start in starts[:-1]]
            return pieces, starts[-2], starts[-1]
        number = -((at - end) // increment.exact)
        number = number if left is None else min(number, left)
        piece = Piece(at, unit_price(line), number, increment.exact)
        stop = at + number * increment.exact
        return [piece], stop - increment.exact, stop

    def _starts(
        self, increment: Increment, by_calendar: bool, at: datetime, end: datetime, left: int | None
    ) -> Iterator[datetime]:
        """When increments of days or months begin, and at last when the last one is over."""
        zone, start, number = self.stay.calendar.zone, at, 0
        yield start
        while start < end and (left is None or number < left):
            number += 1
            self.stay.effort.take(LINE_STEPS)
            if by_calendar:
                start = increment.calendar_end(start, zone)
            else:
                start = increment.end(at, number, zone)
            yield start

    def _add(
        self,
        segment: Segment,
        line: RateLine,
        time: tuple[datetime, datetime],
        charged: tuple[int, str, Amount],
        pieces: list[Piece],
    ) -> None:
        start, stop = time
        end = self.stay.window.ends_at
        if segment.collection.at_boundary is Boundary.CUT:
            end = segment.window.ends_at
        charge = Charge(
            segment.collection, line, segment.count, start, min(stop, end), *charged, pieces
        )
        self.charges.append(charge)


def unit_price(line: RateLine) -> Amount:
    """What one increment costs: `amount_minor`, or its share when that is `per` a longer time."""
    increment = line.increment
    if line.per is None or increment is None or increment.exact is None:
        return line.amount_minor
    share = Fraction(line.amount_minor * (increment.exact // ONE_SECOND), line.per // ONE_SECOND)
    return share.numerator if share.denominator == 1 else share


def lay_each(segments: Iterable[Segment], stay: Stay, start: datetime) -> list[Charge]:
    """Charges of segments that follow each other, from `start` on: increments are rounded up in
    each of them."""
    laying = Laying(stay, start)
    for segment in segments:
        laying.lay(segment)
    return laying.charges


def lay_once(segments: Sequence[Segment], stay: Stay, start: datetime) -> list[Charge]:
    """Charges by the second, of which the total alone is rounded up to the increment that is
    charged last (OCPI 2.2.1 mod_cdrs, step_size)."""
    charges: list[Charge] = []
    timed: list[Charge] = []
    begun: set[tuple[str, object]] = set()
    for segment in segments:
        at = max(start, segment.window.starts_at)
        if at >= segment.window.ends_at:
            continue
        stay.effort.take(LINE_STEPS * (1 + len(segment.collection.flats)))
        collection, key = segment.collection, (segment.collection.id, segment.count)
        if key not in begun:
            begun.add(key)
            charges += (_flat(segment, line, at) for line in collection.flats)
        if collection.timed:
            timed.append(_by_second(segment, collection.timed[0], at))
            charges.append(timed[-1])
    if timed:
        _round_up(timed)
    return charges


def _by_second(segment: Segment, line: RateLine, at: datetime) -> Charge:
    end = segment.window.ends_at
    increment = line.increment
    assert increment is not None
    assert increment.exact is not None
    seconds = -((at - end) // ONE_SECOND)
    each = Fraction(line.amount_minor, (line.per or increment.exact) // ONE_SECOND)
    pieces = [Piece(at, each, seconds, ONE_SECOND)]
    return Charge(segment.collection, line, segment.count, at, end, seconds, "PT1S", each, pieces)


def _round_up(timed: Sequence[Charge]) -> None:
    last = timed[-1]
    increment = last.line.increment
    assert increment is not None
    assert increment.exact is not None
    step, total = increment.exact // ONE_SECOND, sum(charge.quantity for charge in timed)
    last.quantity += -total % step
    last.pieces = [replace(last.pieces[0], count=last.quantity)]


def _flat(segment: Segment, line: RateLine, at: datetime) -> Charge:
    amount, end = line.amount_minor, segment.window.ends_at
    return Charge(
        segment.collection, line, segment.count, at, end, 1, "ONCE", amount, [Piece(at, amount)]
    )


def _tiers_from(lines: Sequence[RateLine], index: int) -> list[RateLine]:
    """The tiers that follow each other from this one on."""
    return list(takewhile(lambda line: line.type is LineType.FLAT_RATE_TIER, lines[index:]))
