"""Comparing what the platform says with the truth of a trace. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from berth.replay.listener import Heard, Seen
from berth.replay.public import BUCKET, PublicBucket, PublicState, pieces
from berth.replay.story import Story, Timeline, Turn
from parking.clock import rfc3339
from parking.occupancy.models import Occupancy, SpaceStatus

SECONDS_TOLERANCE = 0.001
"""Sums of floating-point seconds in a bucket."""


class Aspect(StrEnum):
    """What differs."""

    STATE = "state"
    HISTORY = "history"
    HOURS = "hours"
    VERSIONS = "versions"
    STREAM = "stream"
    REPORTS = "reports"
    BOOKING = "booking"
    SESSION = "session"
    PRICE = "price"
    LOCK = "lock"
    MONEY = "money"
    RECEIPT = "receipt"
    BOOKS = "books"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the trace has it; `space` and `at` where it has them."""

    aspect: Aspect
    space: str | None
    at: datetime | None
    expected: str
    found: str


def compare_states(story: Story, public: PublicState) -> Iterator[Difference]:
    """Each space is now what it is at the end of the trace, and since when."""
    for space, truth in story.timelines.items():
        seen, last = public.spaces.get(space), truth[-1]
        expected = _told(last.occupancy, last.at, _status(last.occupancy))
        found = "no such space" if seen is None else _told(seen.occupancy, seen.since, seen.status)
        if found != expected:
            yield Difference(Aspect.STATE, space, None, expected, found)


def compare_histories(story: Story, found: Mapping[str, Timeline]) -> Iterator[Difference]:
    """Each space's history holds the changes of the trace, to the second, and no others."""
    for space, truth in story.timelines.items():
        yield from _compare_timelines(space, truth, found.get(space, ()))


def _compare_timelines(space: str, truth: Timeline, found: Timeline) -> Iterator[Difference]:
    matcher = SequenceMatcher(
        a=[_key(t) for t in truth], b=[_key(t) for t in found], autojunk=False
    )
    for _, i1, i2, j1, j2 in (code for code in matcher.get_opcodes() if code[0] != "equal"):
        for index in range(max(i2 - i1, j2 - j1)):
            wanted = truth[i1 + index] if i1 + index < i2 else None
            got = found[j1 + index] if j1 + index < j2 else None
            at = wanted.at if wanted is not None else got.at if got is not None else None
            yield Difference(Aspect.HISTORY, space, at, _change(wanted), _change(got))


def compare_hours(story: Story, found: Sequence[PublicBucket]) -> Iterator[Difference]:
    """Occupied seconds and arrivals of each hour, over all spaces, are those of the trace."""
    expected = expected_hours(story)
    for bucket in found:
        seconds, arrivals = expected.pop(bucket.starts_at, (0.0, 0))
        is_same = abs(seconds - bucket.occupied_seconds) < SECONDS_TOLERANCE
        if not is_same or arrivals != bucket.arrivals:
            yield _hour(bucket.starts_at, (seconds, arrivals), bucket)
    for at, hour in expected.items():
        yield _hour(at, hour, None)


def expected_hours(story: Story) -> dict[datetime, tuple[float, int]]:
    """Occupied seconds and arrivals of each hour of the window, from the truth alone."""
    window = story.window
    edges = {start for start, _ in pieces(window.starts_at, window.ends_at)}
    count = -(-(window.ends_at - window.starts_at) // BUCKET)
    seconds, arrivals = [0.0] * count, [0] * count
    for arrival, departure in _occupied(story.timelines.values(), window.ends_at):
        if arrival >= window.starts_at and arrival not in edges:
            arrivals[(arrival - window.starts_at) // BUCKET] += 1
        start = max(arrival, window.starts_at)
        while start < departure:
            index = (start - window.starts_at) // BUCKET
            end = min(departure, window.starts_at + (index + 1) * BUCKET)
            seconds[index] += (end - start) / timedelta(seconds=1)
            start = end
    starts = (window.starts_at + index * BUCKET for index in range(count))
    return dict(zip(starts, zip(seconds, arrivals, strict=True), strict=True))


def compare_stream(api: str, heard: Heard, public: PublicState) -> Iterator[Difference]:
    """A subscriber missed nothing, and holds what the API shows."""
    for problem in heard.problems:
        yield Difference(Aspect.STREAM, None, None, f"no gap at {api}", problem)
    if heard.version != public.version:
        told = f"version {heard.version}"
        yield Difference(Aspect.STREAM, None, None, f"version {public.version} at {api}", told)
        return
    for space in sorted(heard.spaces.keys() | public.spaces.keys()):
        mine, shown = heard.spaces.get(space), public.spaces.get(space)
        if mine != shown:
            yield Difference(Aspect.STREAM, space, None, _seen(shown), f"{_seen(mine)} at {api}")


def compare_versions(before: int, changes: int, after: int) -> Iterator[Difference]:
    """The place went on by as many versions as the trace has changes."""
    if after - before != changes:
        yield Difference(
            Aspect.VERSIONS, None, None, f"{changes} changes", f"{after - before} versions"
        )


def compare_reports(refused: Mapping[str, int]) -> Iterator[Difference]:
    """Every report was taken."""
    for code, count in sorted(refused.items()):
        yield Difference(Aspect.REPORTS, None, None, "2.04", f"{code}, {count} times")


def _occupied(
    timelines: Iterable[Timeline], ends_at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    for turns in timelines:
        end = Turn(ends_at, Occupancy.FREE)
        for turn, following in pairwise([*turns, end]):
            if turn.occupancy is Occupancy.OCCUPIED:
                yield turn.at, following.at


def _status(occupancy: Occupancy) -> SpaceStatus:
    """Of a space that is open and that nobody has a right to."""
    is_free = occupancy is Occupancy.FREE
    return SpaceStatus.AVAILABLE if is_free else SpaceStatus.OCCUPIED


def _told(occupancy: Occupancy, since: datetime | None, status: SpaceStatus) -> str:
    began = "?" if since is None else rfc3339(since)
    return f"{occupancy.value} since {began}, status {status.value}"


def _seen(seen: Seen | None) -> str:
    return "nothing" if seen is None else _told(seen.occupancy, seen.since, seen.status)


def _key(turn: Turn) -> tuple[datetime, Occupancy]:
    return turn.at, turn.occupancy


def _change(turn: Turn | None) -> str:
    return "no change" if turn is None else f"{turn.occupancy.value} at {rfc3339(turn.at)}"


def _hour(at: datetime, expected: tuple[float, int], bucket: PublicBucket | None) -> Difference:
    seconds, arrivals = expected
    told = (
        "no such hour"
        if bucket is None
        else f"{bucket.occupied_seconds:g} s occupied, {bucket.arrivals} arrivals"
    )
    wanted = f"{seconds:g} s occupied, {arrivals} arrivals"
    return Difference(Aspect.HOURS, None, at, wanted, told)
