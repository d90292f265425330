"""Which parts a stay has: a part changes where the right or the rate does. Pure.

started        starts_at      booked until      ends_at        ended
   │   EARLY       │    BOOKED     │   EXTENSION   │  OVERSTAY  │
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.sessions.models import SegmentKind


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay beside what was booked for it; times are aware UTC.

    `booked_ends` are the end as first booked and the end of each extension, in order; `ended_at`
    is when the car left, or the present instant while it has not.
    """

    started_at: datetime
    ended_at: datetime
    starts_at: datetime
    booked_ends: Sequence[datetime]

    @property
    def ends_at(self) -> datetime:
        """The end of all that was booked."""
        return self.booked_ends[-1]


@dataclass(frozen=True, slots=True)
class Part:
    """The stay in `[starts_at, ends_at)`; of no length where nothing of a paid part was used."""

    kind: SegmentKind
    starts_at: datetime
    ends_at: datetime


def segments(stay: Stay) -> list[Part]:
    """The parts, in order, end to end, from the stay's start to its end.

    What was booked and what was added are always among them, for they are paid whether used or
    not.
    """
    assert stay.started_at <= stay.ended_at, "a stay ends after its start"
    parts = []
    if stay.started_at < stay.starts_at:
        parts.append(_part(SegmentKind.EARLY, stay, stay.started_at, stay.starts_at))
    start, kind = stay.starts_at, SegmentKind.BOOKED
    for end in stay.booked_ends:
        parts.append(_part(kind, stay, start, end))
        start, kind = end, SegmentKind.EXTENSION
    if stay.ended_at > stay.ends_at:
        parts.append(_part(SegmentKind.OVERSTAY, stay, stay.ends_at, stay.ended_at))
    return parts


def _part(kind: SegmentKind, stay: Stay, start: datetime, end: datetime) -> Part:
    """What of `[start, end)` was used."""
    return Part(kind, _within(stay, start), _within(stay, end))


def _within(stay: Stay, instant: datetime) -> datetime:
    return min(max(instant, stay.started_at), stay.ended_at)
