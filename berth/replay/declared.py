"""From stays as recorded to visits that can be booked: one vehicle in a space at a time. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from berth.replay.trace import Stay
from parking.sessions.limits import FLICKER

ZERO_LENGTH = "stays of zero seconds"
OVERLAPPING = "stays that overlap the one before in the same space, left out"
TOO_CLOSE = f"stays that begin within {FLICKER.seconds} s after the one before, taken for the same"
OPEN = "stays without a departure"


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle in a space in `[arrival, departure)`; on arrival it declared to leave at
    `declared`, None where it declared nothing that lies after the arrival. Whole seconds of UTC."""

    number: int
    space: str
    arrival: datetime
    departure: datetime
    declared: datetime | None


def visits_of(
    stays: Iterable[Stay],
    starts_at: datetime | None,
    ends_at: datetime | None,
    limit: int | None,
) -> tuple[list[Visit], Counter[str]]:
    """The visits whose arrival lies in the window, in order of arrival, and what was left out."""
    notes: Counter[str] = Counter()
    chosen = [each for each in stays if _is_chosen(each, starts_at, ends_at, notes)]
    chosen.sort(key=lambda stay: (stay.space, stay.arrival, stay.line))
    kept = [
        stay
        for _, each in groupby(chosen, key=lambda stay: stay.space)
        for stay in _apart(list(each), notes)
    ]
    kept.sort(key=lambda stay: (stay.arrival, stay.space))
    return [_visit(number, stay) for number, stay in enumerate(kept[:limit], start=1)], notes


def _is_chosen(
    stay: Stay, starts_at: datetime | None, ends_at: datetime | None, notes: Counter[str]
) -> bool:
    if starts_at is not None and stay.arrival < starts_at:
        return False
    if ends_at is not None and stay.arrival >= ends_at:
        return False
    if stay.departure is None or stay.departure == stay.arrival:
        notes[OPEN if stay.departure is None else ZERO_LENGTH] += 1
        return False
    return True


def _apart(stays: Sequence[Stay], notes: Counter[str]) -> list[Stay]:
    """Those of one space, each after the one before is over for sure."""
    kept: list[Stay] = []
    for stay in stays:
        until = kept[-1].departure if kept else None
        if until is None or stay.arrival - until >= FLICKER:
            kept.append(stay)
        elif stay.arrival >= until:
            notes[TOO_CLOSE] += 1
            kept[-1] = replace(kept[-1], departure=stay.departure)
        else:
            notes[OVERLAPPING] += 1
    return kept


def _visit(number: int, stay: Stay) -> Visit:
    assert stay.departure is not None, "it was left out"
    declared = stay.declared
    is_sound = declared is not None and declared - stay.arrival >= timedelta(minutes=1)
    return Visit(number, stay.space, stay.arrival, stay.departure, declared if is_sound else None)
