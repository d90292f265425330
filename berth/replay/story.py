"""What is replayed: a window of the trace as the changes of each space, which are the truth. Pure.

The truth of a space is its timeline: from an instant on it is FREE or OCCUPIED. It begins at the
window's start, or, where a vehicle stands there already, at its arrival.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from berth.replay.cleaning import Span
from parking.occupancy.models import Occupancy

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at` on the space is `occupancy`."""

    at: datetime
    occupancy: Occupancy


Timeline = Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Window:
    """[starts_at, ends_at), aware UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """The window, and the truth of each space that has a stay in it. Spaces are in order."""

    window: Window
    timelines: Mapping[str, Timeline]
    stays: int

    @property
    def earliest(self) -> datetime:
        """Before anything that it tells."""
        firsts = [each[0].at for each in self.timelines.values()]
        return min([self.window.starts_at, *firsts])

    @property
    def changes(self) -> int:
        """Entries of all timelines, the first ones included."""
        return sum(len(each) for each in self.timelines.values())


def tell(
    spans: Mapping[str, Sequence[Span]],
    time_zone: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    limit: int | None = None,
) -> Story:
    """The story of the spans that touch [starts_at, ends_at), or of the first `limit` of those.

    Without bounds it goes from the local midnight before the first arrival to the one after the
    last change.
    """
    zone = ZoneInfo(time_zone)
    chosen = list(islice(_chosen(spans, starts_at, ends_at), limit))
    if not chosen:
        now = starts_at or ends_at or datetime.now(zone)
        return Story(Window(starts_at or now, ends_at or now), {}, 0)
    window = Window(
        starts_at or _midnight_before(min(span.arrival for _, span in chosen), zone),
        ends_at or _midnight_after(max(span.departure or span.arrival for _, span in chosen), zone),
    )
    by_space: dict[str, list[Span]] = {}
    for space, span in chosen:
        by_space.setdefault(space, []).append(span)
    timelines = {space: _timeline(by_space[space], window) for space in sorted(by_space)}
    return Story(window, timelines, len(chosen))


def _chosen(
    spans: Mapping[str, Sequence[Span]], starts_at: datetime | None, ends_at: datetime | None
) -> Iterator[tuple[str, Span]]:
    """Those that touch the window, in order of arrival."""
    every = ((space, span) for space, each in spans.items() for span in each)
    for space, span in sorted(every, key=lambda pair: (pair[1].arrival, pair[0])):
        is_over = starts_at and span.departure and span.departure <= starts_at
        is_later = ends_at and span.arrival >= ends_at
        if not is_over and not is_later:
            yield space, span


def _timeline(spans: Sequence[Span], window: Window) -> list[Turn]:
    turns = []
    if spans[0].arrival > window.starts_at:
        turns.append(Turn(window.starts_at, Occupancy.FREE))
    for span in spans:
        turns.append(Turn(span.arrival, Occupancy.OCCUPIED))
        if span.departure is not None and span.departure < window.ends_at:
            turns.append(Turn(span.departure, Occupancy.FREE))
    return turns


def _midnight_before(instant: datetime, zone: ZoneInfo) -> datetime:
    """The latest local midnight that lies before the instant."""
    local = instant.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if midnight == local:
        midnight -= DAY
    return midnight.astimezone(instant.tzinfo)


def _midnight_after(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first local midnight that lies after the instant."""
    local = instant.astimezone(zone) + DAY
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(instant.tzinfo)
