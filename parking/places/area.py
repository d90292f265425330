"""Areas on the earth as ranges of degrees that an index understands. Pure."""

from math import asin, cos, degrees, radians, sin

from parking.geo import EARTH_RADIUS_METRES, BoundingBox, Position

SLACK = 1.0001
"""A box is drawn a little larger than its circle, so that rounding leaves nothing out."""


def box_around(centre: Position, radius_metres: float) -> BoundingBox:
    """The smallest box of degrees that holds the circle.

    A circle over a pole takes all longitudes; one over the antimeridian gives `west > east`.
    """
    angle = radius_metres / EARTH_RADIUS_METRES * SLACK
    south = centre.latitude - degrees(angle)
    north = centre.latitude + degrees(angle)
    if south <= -90 or north >= 90:
        return BoundingBox(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    wide = degrees(asin(min(1.0, sin(angle) / cos(radians(centre.latitude))))) * SLACK
    if wide >= 180:
        return BoundingBox(south, -180.0, north, 180.0)
    return BoundingBox(
        south, _wrapped(centre.longitude - wide), north, _wrapped(centre.longitude + wide)
    )


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180
