"""Plane geometry of a place: a local projection to metres, rings, and the bay a polygon draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

from parking.geo import EARTH_RADIUS_METRES

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Projection:
    """Metres around an anchor: x eastwards, y southwards (downwards on a plan).

    Equirectangular at the anchor's latitude: below 0.1 % off within 20 km, away from the poles.
    """

    latitude: float
    longitude: float

    def metres(self, longitude: float, latitude: float) -> Point:
        """(x, y) of a position, the short way round the earth."""
        east = (longitude - self.longitude + 180) % 360 - 180
        x = radians(east) * cos(radians(self.latitude)) * EARTH_RADIUS_METRES
        return x, radians(self.latitude - latitude) * EARTH_RADIUS_METRES


@dataclass(frozen=True, slots=True)
class Bay:
    """An oriented rectangle: centre, width across and length along, clockwise degrees 0..180."""

    x: float
    y: float
    width: float
    length: float
    rotation: float


def mean_position(positions: Sequence[Point]) -> Point:
    """The mean (longitude, latitude) of at least one position; right across the antimeridian."""
    first = positions[0][0]
    east = sum((longitude - first + 180) % 360 - 180 for longitude, _ in positions)
    longitude = (first + east / len(positions) + 180) % 360 - 180
    return longitude, sum(latitude for _, latitude in positions) / len(positions)


def ring_centre(ring: Sequence[Point]) -> Point:
    """The centre of a ring's extent, which for a bay is its middle; (longitude, latitude)."""
    first = ring[0][0]
    easts = [(longitude - first + 180) % 360 - 180 for longitude, _ in ring]
    latitudes = [latitude for _, latitude in ring]
    longitude = (first + (min(easts) + max(easts)) / 2 + 180) % 360 - 180
    return longitude, (min(latitudes) + max(latitudes)) / 2


def bay_of(points: Sequence[Point]) -> Bay:
    """The rectangle along the longest edge of a ring in metres that holds all of it."""
    edges = zip(points, [*points[1:], points[0]], strict=True)
    (x1, y1), (x2, y2) = max(edges, key=lambda edge: hypot(*_minus(edge[1], edge[0])))
    along = atan2(y2 - y1, x2 - x1)
    turned = [_turn(point, -along) for point in points]
    left, right = min(x for x, _ in turned), max(x for x, _ in turned)
    top, bottom = min(y for _, y in turned), max(y for _, y in turned)
    x, y = _turn(((left + right) / 2, (top + bottom) / 2), along)
    rotation = (degrees(along) - 90) % 180  # at 0 the length runs along y
    return Bay(x, y, bottom - top, right - left, rotation)


def _minus(a: Point, b: Point) -> Point:
    return a[0] - b[0], a[1] - b[1]


def _turn(point: Point, angle: float) -> Point:
    x, y = point
    return x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)
