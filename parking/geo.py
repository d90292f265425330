"""Positions on the earth (WGS 84 degrees) and boxes of them."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_METRES = 6_371_008.8
"""Mean radius (IUGG); good to 0.5 % for distances, which is all a driver needs."""


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS 84 degrees: latitude -90..90, longitude -180..180."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not -90 <= self.latitude <= 90:
            raise ValueError(f"latitude {self.latitude} is outside -90..90")
        if not -180 <= self.longitude <= 180:
            raise ValueError(f"longitude {self.longitude} is outside -180..180")


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """South-west to north-east; `west > east` crosses the antimeridian (RFC 7946 section 5.2)."""

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        Position(self.south, self.west)
        Position(self.north, self.east)
        if self.south > self.north:
            raise ValueError(f"south {self.south} lies north of {self.north}")

    @property
    def crosses_antimeridian(self) -> bool:
        return self.west > self.east

    def contains(self, position: Position) -> bool:
        """Whether `position` lies inside or on the edge."""
        if not self.south <= position.latitude <= self.north:
            return False
        if self.crosses_antimeridian:
            return position.longitude >= self.west or position.longitude <= self.east
        return self.west <= position.longitude <= self.east


def distance_metres(a: Position, b: Position) -> float:
    """Great-circle distance by the haversine formula."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    half_lat = sin((lat_b - lat_a) / 2)
    half_lon = sin(radians(b.longitude - a.longitude) / 2)
    chord = half_lat**2 + cos(lat_a) * cos(lat_b) * half_lon**2
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, sqrt(chord)))
