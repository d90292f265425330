"""Occupancy over time, in buckets, from the observations kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.errors import InvalidInput
from parking.occupancy.models import Occupancy
from parking.storage.sql import Sql, as_time, database

BUCKETS_MAX = 1_000
SPAN_MAX = timedelta(days=366)
BUCKET_MIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `at` on, the space is `occupancy`."""

    space_id: int
    at: datetime
    occupancy: Occupancy


@dataclass(frozen=True, slots=True)
class Bucket:
    """How long spaces were free, occupied and unknown in [starts_at, ends_at), summed over them.

    The three add up to the bucket's length times the number of spaces, less what lies in the
    future.
    """

    starts_at: datetime
    ends_at: datetime
    free_seconds: float
    occupied_seconds: float
    unknown_seconds: float
    arrivals: int

    @property
    def utilisation(self) -> float | None:
        """Occupied share of the time known, 0..1; None when nothing is known."""
        known = self.free_seconds + self.occupied_seconds
        return self.occupied_seconds / known if known > 0 else None


async def place_history(
    place_id: int, starts_at: datetime, ends_at: datetime, bucket: timedelta, now: datetime
) -> list[Bucket]:
    """Buckets of all spaces in use of a place. Raises InvalidInput for a span that is too large."""
    check_span(starts_at, ends_at, bucket)
    sql = database()
    ids = [
        row["id"]
        for row in await sql.fetch(
            "SELECT id FROM space WHERE place_id = $1 AND retired_at IS NULL", place_id
        )
    ]
    intervals = await _intervals(sql, "place_id", place_id, ids, starts_at, ends_at)
    return bucketise(ids, intervals, starts_at, ends_at, bucket, now)


async def space_history(
    space_id: int, starts_at: datetime, ends_at: datetime, bucket: timedelta, now: datetime
) -> list[Bucket]:
    """Buckets of one space. Raises InvalidInput for a span that is too large."""
    check_span(starts_at, ends_at, bucket)
    intervals = await _intervals(database(), "space_id", space_id, [space_id], starts_at, ends_at)
    return bucketise([space_id], intervals, starts_at, ends_at, bucket, now)


async def space_timeline(space_id: int, starts_at: datetime, ends_at: datetime) -> list[Interval]:
    """What the space was in [starts_at, ends_at): its changes, led by the one in force before."""
    found = await _intervals(database(), "space_id", space_id, [space_id], starts_at, ends_at)
    return list(changes_only(found))


def check_span(starts_at: datetime, ends_at: datetime, bucket: timedelta) -> None:
    """Refuse spans and buckets that make no sense or too much work."""
    if ends_at <= starts_at:
        raise InvalidInput("endsAt", "The end must lie after the start.")
    if ends_at - starts_at > SPAN_MAX:
        raise InvalidInput("endsAt", f"At most {SPAN_MAX.days} days at a time.")
    if bucket < BUCKET_MIN:
        raise InvalidInput("bucketMinutes", "A bucket is at least one minute long.")
    if (ends_at - starts_at) / bucket > BUCKETS_MAX:
        raise InvalidInput(
            "bucketMinutes", f"More than {BUCKETS_MAX} buckets; take longer buckets."
        )


async def _intervals(
    sql: Sql, column: str, key: int, ids: Sequence[int], starts_at: datetime, ends_at: datetime
) -> list[Interval]:
    """Observations in the span in order, each space's led by the one in force at its start."""
    before = await sql.fetch(
        f"""
        SELECT s.id AS space_id,
               (SELECT o.value FROM observation o
                 WHERE o.space_id = s.id AND o.axis = 'OCCUPANCY' AND o.observed_at < $1
                 ORDER BY o.observed_at DESC, o.boot DESC, o.sequence DESC, o.id DESC
                 LIMIT 1) AS value
          FROM space s WHERE s.id {sql.any_of("$2")}
        """,
        starts_at,
        list(ids),
    )
    within = await sql.fetch(
        f"""
        SELECT space_id, value, observed_at FROM observation
         WHERE {column} = $1 AND axis = 'OCCUPANCY' AND observed_at >= $2 AND observed_at < $3
         ORDER BY observed_at, boot, sequence, id
        """,
        key,
        starts_at,
        ends_at,
    )
    lead = [Interval(r["space_id"], starts_at, Occupancy(r["value"])) for r in before if r["value"]]
    return lead + [
        Interval(r["space_id"], as_time(r["observed_at"]), Occupancy(r["value"])) for r in within
    ]


def changes_only(intervals: Iterable[Interval]) -> Iterable[Interval]:
    """Without those that say of a space what it was already."""
    present: dict[int, Occupancy] = {}
    for interval in intervals:
        if present.get(interval.space_id) is not interval.occupancy:
            present[interval.space_id] = interval.occupancy
            yield interval


class _Tally:
    """Seconds by occupancy for each bucket, filled by stretches of time."""

    def __init__(self, starts_at: datetime, ends_at: datetime, bucket: timedelta) -> None:
        self.starts_at, self.ends_at, self.bucket = starts_at, ends_at, bucket
        count = -(-(ends_at - starts_at) // bucket)
        self.seconds = [dict.fromkeys(Occupancy, 0.0) for _ in range(count)]
        self.arrivals = [0] * count

    def add(self, occupancy: Occupancy, start: datetime, end: datetime) -> None:
        """Spread the stretch [start, end) over the buckets it touches."""
        index = (start - self.starts_at) // self.bucket
        while start < end:
            edge = min(end, self.starts_at + (index + 1) * self.bucket)
            self.seconds[index][occupancy] += (edge - start).total_seconds()
            start, index = edge, index + 1

    def arrive(self, at: datetime) -> None:
        self.arrivals[(at - self.starts_at) // self.bucket] += 1

    def buckets(self) -> list[Bucket]:
        return [
            Bucket(
                starts_at=self.starts_at + i * self.bucket,
                ends_at=min(self.starts_at + (i + 1) * self.bucket, self.ends_at),
                free_seconds=seconds[Occupancy.FREE],
                occupied_seconds=seconds[Occupancy.OCCUPIED],
                unknown_seconds=seconds[Occupancy.UNKNOWN],
                arrivals=self.arrivals[i],
            )
            for i, seconds in enumerate(self.seconds)
        ]


def bucketise(
    space_ids: Iterable[int],
    intervals: Iterable[Interval],
    starts_at: datetime,
    ends_at: datetime,
    bucket: timedelta,
    now: datetime,
) -> list[Bucket]:
    """Sum the spaces' intervals (in order of time) into buckets; nothing is said of the future."""
    tally = _Tally(starts_at, ends_at, bucket)
    until = min(ends_at, max(now, starts_at))
    present = dict.fromkeys(space_ids, (Occupancy.UNKNOWN, starts_at))
    for interval in changes_only(intervals):
        if interval.space_id not in present or interval.at >= until:
            continue
        occupancy, since = present[interval.space_id]
        tally.add(occupancy, since, interval.at)
        if interval.occupancy is Occupancy.OCCUPIED and interval.at > starts_at:
            tally.arrive(interval.at)
        present[interval.space_id] = (interval.occupancy, interval.at)
    for occupancy, since in present.values():
        tally.add(occupancy, since, until)
    return tally.buckets()
