"""What is asked of the library: when a period begins now, how far one walks, ring by ring."""

from datetime import timedelta

import pytest

from parking.clock import TestClock
from parking.geo import BoundingBox, Position, distance_metres
from parking.places.search import Near
from parking.reservations.wanted import (
    NOW_MINUTES,
    Ring,
    Sort,
    Wanted,
    begins_now,
    reach_of,
    walk_minutes,
)
from parking.windows import Window
from tests.support.leasing import hours

BOX = BoundingBox(48.0, 9.0, 48.2, 9.4)
WINDOW = hours(TestClock().now(), 1, 2)


@pytest.mark.parametrize(("metres", "minutes"), [(0, 0), (1, 1), (61.5, 1), (61.6, 2), (1000, 17)])
def test_a_walk_is_in_started_minutes(metres: float, minutes: int) -> None:
    assert walk_minutes(metres) == minutes


def test_a_period_begins_now_for_some_minutes(clock: TestClock) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    last = now + timedelta(minutes=NOW_MINUTES)
    assert begins_now(Window(now, now + hour), now)
    assert begins_now(Window(last, last + hour), now)
    assert not begins_now(Window(last + timedelta(seconds=1), last + hour), now)


def test_rings_leave_no_gap_and_end_at_the_radius() -> None:
    rings = reach_of(Wanted(Near(Position(48, 9), 600), WINDOW)).rings
    assert rings == (Ring(-1.0, 100.0), Ring(100.0, 300.0), Ring(300.0, 600.0))


def test_where_the_price_decides_the_area_is_one_ring() -> None:
    near = Near(Position(48, 9), 600)
    assert reach_of(Wanted(near, WINDOW, sort=Sort.PRICE)).rings == (Ring(-1.0, 600.0),)


@pytest.mark.parametrize(
    "box",
    [BOX, BoundingBox(-18, 179, -16, -179), BoundingBox(-5, -10, 5, 10), BoundingBox(60, 0, 70, 5)],
)
def test_the_rings_of_a_box_reach_its_corners(box: BoundingBox) -> None:
    reach = reach_of(Wanted(box, WINDOW))
    assert reach.centre is not None
    assert box.contains(reach.centre)
    for latitude in (box.south, box.north):
        for longitude in (box.west, box.east):
            corner = Position(latitude, longitude)
            assert distance_metres(reach.centre, corner) < reach.rings[-1].outer_metres
