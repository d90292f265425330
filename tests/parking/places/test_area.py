"""Boxes around circles, also over the poles and the antimeridian."""

from math import asin, atan2, cos, degrees, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.geo import EARTH_RADIUS_METRES, Position, distance_metres
from parking.places.area import box_around


def travelled(start: Position, metres: float, bearing: float) -> Position:
    """Where one is after `metres` on a great circle (the spherical direct problem)."""
    angle, heading = metres / EARTH_RADIUS_METRES, radians(bearing)
    lat = radians(start.latitude)
    to = asin(sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(heading))
    east = atan2(sin(heading) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(to))
    longitude = (start.longitude + degrees(east) + 180) % 360 - 180
    return Position(max(-90.0, min(90.0, degrees(to))), longitude)


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(1, 100_000),
    st.floats(0, 1),
    st.floats(0, 360),
)
def test_every_point_of_the_circle_lies_in_the_box(
    latitude: float, longitude: float, radius: float, share: float, bearing: float
) -> None:
    centre = Position(latitude, longitude)
    point = travelled(centre, radius * share, bearing)
    assert distance_metres(centre, point) <= radius * 1.001 + 0.01
    assert box_around(centre, radius).contains(point)


def test_a_box_over_the_antimeridian_wraps() -> None:
    box = box_around(Position(0, 179.99), 10_000)
    assert box.crosses_antimeridian
    assert box.contains(Position(0, -179.95))
    assert not box.contains(Position(0, 179.8))


@pytest.mark.parametrize("latitude", [90, 89.99, -90, -89.95])
def test_a_box_over_a_pole_takes_all_longitudes(latitude: float) -> None:
    box = box_around(Position(latitude, 10), 20_000)
    assert (box.west, box.east) == (-180, 180)
    assert box.contains(Position(latitude, -170))


def test_a_box_is_hardly_larger_than_its_circle() -> None:
    box = box_around(Position(48, 9), 1_000)
    assert box.north - box.south == pytest.approx(2_000 / 111_195, rel=0.001)
    assert box.east - box.west == pytest.approx(2_000 / 111_195 / cos(radians(48)), rel=0.001)
