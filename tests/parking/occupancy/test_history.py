"""Buckets over observations."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.errors import InvalidInput
from parking.occupancy.history import BUCKETS_MAX, Interval, bucketise, check_span
from parking.occupancy.models import Occupancy

START = datetime(2026, 3, 29, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_a_stay_is_spread_over_the_buckets_it_touches() -> None:
    stay = [
        Interval(1, START, Occupancy.FREE),
        Interval(1, at(30), Occupancy.OCCUPIED),
        Interval(1, at(90), Occupancy.FREE),
    ]
    buckets = bucketise([1], stay, START, at(180), HOUR, now=at(600))
    assert [b.occupied_seconds for b in buckets] == [1800, 1800, 0]
    assert [b.free_seconds for b in buckets] == [1800, 1800, 3600]
    assert [b.arrivals for b in buckets] == [1, 0, 0]
    assert buckets[0].utilisation == 0.5


def test_nothing_is_said_of_the_future() -> None:
    [first, second] = bucketise([1], [], START, at(120), HOUR, now=at(30))
    assert first.unknown_seconds == 1800
    assert second.unknown_seconds == 0
    assert second.utilisation is None


def test_saying_the_same_again_is_no_arrival() -> None:
    twice = [Interval(1, at(5), Occupancy.OCCUPIED), Interval(1, at(9), Occupancy.OCCUPIED)]
    [bucket] = bucketise([1], twice, START, at(60), HOUR, now=at(60))
    assert bucket.arrivals == 1
    assert bucket.unknown_seconds == 300


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 599), st.sampled_from(list(Occupancy))),
        max_size=40,
    )
)
def test_every_second_of_every_space_is_in_exactly_one_bucket(
    facts: list[tuple[int, int, Occupancy]],
) -> None:
    ordered = sorted(facts, key=lambda fact: fact[1])
    intervals = [Interval(space, at(minute), value) for space, minute, value in ordered]
    buckets = bucketise([1, 2, 3], intervals, START, at(600), timedelta(minutes=7), now=at(600))
    total = sum(b.free_seconds + b.occupied_seconds + b.unknown_seconds for b in buckets)
    assert total == pytest.approx(3 * 600 * 60)


@pytest.mark.parametrize(
    ("end", "bucket", "field"),
    [
        (START, HOUR, "endsAt"),
        (START + timedelta(days=400), HOUR, "endsAt"),
        (START + HOUR, timedelta(seconds=1), "bucketMinutes"),
        (START + (BUCKETS_MAX + 1) * HOUR, HOUR, "bucketMinutes"),
    ],
)
def test_spans_that_make_no_sense_are_refused(end: datetime, bucket: timedelta, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_span(START, end, bucket)
    assert refused.value.field == field
