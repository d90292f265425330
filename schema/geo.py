"""Positions on the earth, and areas of it."""

import strawberry

from parking.errors import InvalidInput
from parking.geo import BoundingBox
from parking.geo import Position as DomainPosition

NEAR_METRES_DEFAULT = 2_000.0


@strawberry.type(description="A point on the earth, WGS 84.")
class Position:
    """`parking.geo.Position`."""

    latitude: float = strawberry.field(description="Degrees north, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east, -180 to 180.")


def position_of(latitude: float | None, longitude: float | None) -> Position | None:
    """The point, when both coordinates are known."""
    if latitude is None or longitude is None:
        return None
    return Position(latitude=latitude, longitude=longitude)


@strawberry.input(description="A point on the earth, WGS 84.")
class PositionInput:
    """`parking.geo.Position`, from a client."""

    latitude: float = strawberry.field(description="Degrees north, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east, -180 to 180.")


@strawberry.input(
    description="A box in WGS 84 degrees; west > east crosses the antimeridian (RFC 7946, 5.2)."
)
class BoundingBoxInput:
    """`parking.geo.BoundingBox`, from a client."""

    south: float = strawberry.field(description="Southern edge, -90 to 90.")
    west: float = strawberry.field(description="Western edge, -180 to 180.")
    north: float = strawberry.field(description="Northern edge, -90 to 90.")
    east: float = strawberry.field(description="Eastern edge, -180 to 180.")


@strawberry.input(description="A circle on the earth.")
class NearInput:
    """A centre and a radius, from a client."""

    latitude: float = strawberry.field(description="Centre: degrees north, -90 to 90.")
    longitude: float = strawberry.field(description="Centre: degrees east, -180 to 180.")
    radius_metres: float = strawberry.field(
        default=NEAR_METRES_DEFAULT, description="Radius in metres."
    )


def box_of(box: BoundingBoxInput) -> BoundingBox:
    """The box asked for. Raises InvalidInput."""
    return box_of_edges(box.south, box.west, box.north, box.east)


def box_of_edges(south: float, west: float, north: float, east: float) -> BoundingBox:
    """The box with these edges. Raises InvalidInput."""
    try:
        return BoundingBox(south=south, west=west, north=north, east=east)
    except ValueError as error:
        raise InvalidInput("bbox", f"{error}.") from None


def point_of(latitude: float, longitude: float, field: str) -> DomainPosition:
    """The point asked for. Raises InvalidInput naming `field`."""
    try:
        return DomainPosition(latitude=latitude, longitude=longitude)
    except ValueError as error:
        raise InvalidInput(field, f"{error}.") from None
