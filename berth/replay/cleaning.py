"""From stays as recorded to stays that can be true: one vehicle in a space at a time. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from berth.replay.trace import Stay

ZERO_LENGTH = "stays of zero seconds"
OVERLAPPING = "stays that overlap another of the same space, made one with it"
TOUCHING = "stays that begin in the second in which the one before ends, made one with it"
OPEN = "stays without a departure, taken to end when the next begins"


@dataclass(frozen=True, slots=True)
class Span:
    """A space is occupied from `arrival` until `departure`, or until after the end (None)."""

    arrival: datetime
    departure: datetime | None


@dataclass(frozen=True, slots=True)
class CleanTrace:
    """The spans of each space, in order and apart, and how many stays were treated how."""

    spans: Mapping[str, Sequence[Span]]
    notes: Counter[str]

    @property
    def count(self) -> int:
        """How many spans there are."""
        return sum(len(each) for each in self.spans.values())


def clean(stays: Iterable[Stay]) -> CleanTrace:
    """Leave out stays of no length; make one of stays that overlap or touch.

    An overlap is a fault of the record, for a space holds one vehicle. What it says for sure is
    that the space was occupied throughout, and that is what a sensor sees: so the truth that a
    replay is compared with is the union.
    """
    notes: Counter[str] = Counter()
    kept = []
    for stay in stays:
        if stay.departure == stay.arrival:
            notes[ZERO_LENGTH] += 1
        else:
            kept.append(stay)
    kept.sort(key=lambda stay: (stay.space, stay.arrival, stay.line))
    by_space = groupby(kept, key=lambda stay: stay.space)
    return CleanTrace({space: _apart(list(each), notes) for space, each in by_space}, notes)


def _apart(stays: Sequence[Stay], notes: Counter[str]) -> list[Span]:
    spans: list[Span] = []
    for stay in stays:
        last = spans[-1] if spans else None
        if last is not None and (last.departure is None or stay.arrival <= last.departure):
            spans[-1] = _one(last, stay, notes)
        else:
            spans.append(Span(stay.arrival, stay.departure))
    return spans


def _one(last: Span, stay: Stay, notes: Counter[str]) -> Span:
    if last.departure is None:
        notes[OPEN] += 1
        return replace(last, departure=stay.departure)
    notes[TOUCHING if stay.arrival == last.departure else OVERLAPPING] += 1
    if stay.departure is None:
        return replace(last, departure=None)
    return replace(last, departure=max(last.departure, stay.departure))
