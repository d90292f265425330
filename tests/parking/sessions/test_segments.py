"""The parts of a stay: end to end, and each of the right kind."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.sessions.models import SegmentKind
from parking.sessions.segments import Stay, segments

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
EARLY, BOOKED = SegmentKind.EARLY, SegmentKind.BOOKED
EXTENSION, OVERSTAY = SegmentKind.EXTENSION, SegmentKind.OVERSTAY


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


STAYS = [
    ("as booked", 0, 120, [120], [(BOOKED, 0, 120)]),
    ("early", -10, 120, [120], [(EARLY, -10, 0), (BOOKED, 0, 120)]),
    ("late, and gone before the end", 30, 90, [120], [(BOOKED, 30, 90)]),
    ("outstayed", 0, 150, [120], [(BOOKED, 0, 120), (OVERSTAY, 120, 150)]),
    ("extended", 0, 150, [120, 180], [(BOOKED, 0, 120), (EXTENSION, 120, 150)]),
    (
        "extended twice and outstayed",
        -5,
        200,
        [120, 150, 180],
        [
            (EARLY, -5, 0),
            (BOOKED, 0, 120),
            (EXTENSION, 120, 150),
            (EXTENSION, 150, 180),
            (OVERSTAY, 180, 200),
        ],
    ),
    ("extended for nothing", 0, 60, [120, 180], [(BOOKED, 0, 60), (EXTENSION, 60, 60)]),
    ("gone before it began", -10, -5, [120], [(EARLY, -10, -5), (BOOKED, -5, -5)]),
    ("come in the extension", 130, 170, [120, 180], [(BOOKED, 130, 130), (EXTENSION, 130, 170)]),
]


@pytest.mark.parametrize(
    ("started", "ended", "ends", "expected"),
    [each[1:] for each in STAYS],
    ids=[each[0] for each in STAYS],
)
def test_the_parts_of_a_stay(
    started: int, ended: int, ends: list[int], expected: list[tuple[SegmentKind, int, int]]
) -> None:
    found = segments(Stay(at(started), at(ended), TEN, [at(end) for end in ends]))
    assert [(p.kind, p.starts_at, p.ends_at) for p in found] == [
        (kind, at(start), at(end)) for kind, start, end in expected
    ]


@given(
    started=st.integers(-15, 400),
    lasted=st.integers(0, 600),
    added=st.lists(st.integers(1, 120), max_size=3),
)
def test_the_parts_lie_end_to_end_from_arrival_to_departure(
    started: int, lasted: int, added: list[int]
) -> None:
    ends = [120]
    for minutes in added:
        ends.append(ends[-1] + minutes)
    stay = Stay(at(started), at(started + lasted), TEN, [at(end) for end in ends])
    parts = segments(stay)
    assert (parts[0].starts_at, parts[-1].ends_at) == (stay.started_at, stay.ended_at)
    assert all(a.ends_at == b.starts_at for a, b in pairwise(parts))
    assert all(part.starts_at <= part.ends_at for part in parts)
