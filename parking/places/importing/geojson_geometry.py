"""GeoJSON geometries (RFC 7946) as a point, a ring, or a reported problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.geometry import Point, ring_centre
from parking.places.importing.limits import VERTICES_MAX
from parking.places.importing.values import Row, as_number, shown

RING_POSITIONS_MIN = 4
"""A triangle, closed (RFC 7946 section 3.1.6)."""
LATITUDE_MAX = 90
LONGITUDE_MAX = 180


@dataclass(frozen=True, slots=True)
class Shape:
    """Where something is: the centre and, for an area, its open outer ring; (lon, lat) pairs."""

    centre: Point
    ring: tuple[Point, ...] = ()


def read_shape(geometry: Any, row: Row) -> Shape | None:
    """The shape of a Point, Polygon or MultiPolygon (its ring of most vertices).

    None for no geometry, and for a bad one, which spoils `row`.
    """
    if geometry is None:
        return None
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if kind == "Point":
        point = _point(coordinates, row)
        return Shape(point) if point else None
    if kind == "Polygon":
        return _area(coordinates, row)
    if kind == "MultiPolygon" and isinstance(coordinates, list) and coordinates:
        outer = [polygon[0] for polygon in coordinates if isinstance(polygon, list) and polygon]
        return _area([max(outer, key=_length)] if outer else None, row)
    message = f"the geometry is {shown(kind)}; a Point or Polygon is expected"
    row.refuse("geometry", Code.GEOMETRY_UNSUPPORTED, message)
    return None


def _length(ring: Any) -> int:
    return len(ring) if isinstance(ring, list) else 0


def _area(coordinates: Any, row: Row) -> Shape | None:
    ring = coordinates[0] if isinstance(coordinates, list) and coordinates else None
    if not isinstance(ring, list) or len(ring) < RING_POSITIONS_MIN:
        message = "a polygon needs a ring of at least four positions, the last equal to the first"
        row.refuse("geometry", Code.GEOMETRY_UNSUPPORTED, message)
        return None
    if len(ring) > VERTICES_MAX:
        message = f"the polygon has {len(ring)} positions; at most {VERTICES_MAX} are read"
        row.refuse("geometry", Code.TOO_MANY_VERTICES, message)
        return None
    points: list[Point] = []
    for position in ring[:-1] if ring[0] == ring[-1] else ring:
        point = _point(position, row)
        if point is None:
            return None
        points.append(point)
    return Shape(ring_centre(points), tuple(points))


def _point(position: Any, row: Row) -> Point | None:
    if not isinstance(position, list) or not position[1:]:
        message = f"{shown(position)} is no position; [longitude, latitude] is expected"
        row.refuse("geometry", Code.COORDINATES_INCOMPLETE, message)
        return None
    longitude, latitude = (
        as_number(value) if isinstance(value, int | float) else None for value in position[:2]
    )
    if longitude is None or latitude is None:
        message = f"{shown(position)} is no position; two numbers in degrees are expected"
        row.refuse("geometry", Code.NOT_A_NUMBER, message)
        return None
    if abs(longitude) > LONGITUDE_MAX or abs(latitude) > LATITUDE_MAX:
        message = (
            f"{shown(position[:2])} is outside -180..180, -90..90; GeoJSON has the longitude first"
        )
        row.refuse("geometry", Code.COORDINATES_OUT_OF_RANGE, message)
        return None
    return longitude, latitude
