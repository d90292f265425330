"""What is asked of the library of spaces: where, when, for which vehicle, in which order. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import cos, hypot, pi, radians, sin
from typing import NamedTuple, TypeAlias

from parking.errors import InvalidInput
from parking.geo import EARTH_RADIUS_METRES, BoundingBox, Position
from parking.listings.rules import START_LATE_MAX, STAY_DAYS_MAX
from parking.money import Money
from parking.places.area import box_around
from parking.places.search import RADIUS_METRES_MAX, Near
from parking.windows import Window

NOW_MINUTES = 5
"""A period that begins within so many minutes begins now: what the sensor says then counts."""
VEHICLE_METRES_MAX = 10.0
WALK_METRES_A_MINUTE = 80.0
"""4.8 km/h, the pace that route planners take for a grown-up on level ground."""
WALK_DETOUR_FACTOR = 1.3
"""How much longer the way through streets is than the straight line; 1.2 to 1.4 in cities."""
METRES_A_DEGREE = EARTH_RADIUS_METRES * pi / 180
RING_SHARES = (1 / 6, 1 / 2, 1.0)
"""Of the radius: an area is searched from its middle outwards, until the page is full."""

Area: TypeAlias = BoundingBox | Near | int
"""A box, a circle, or one place by its id."""


class Sort(StrEnum):
    """What comes first. WALK has the order of DISTANCE: the walk is reckoned from it."""

    PRICE = "PRICE"
    DISTANCE = "DISTANCE"
    WALK = "WALK"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. None asks for nothing; `plate` is normalised, for offers to certain plates."""

    area: Area
    window: Window
    plate: str = ""
    is_ev: bool | None = None
    is_accessible: bool | None = None
    height_metres: float | None = None
    price_max: Money | None = None
    is_instant: bool = False
    sort: Sort = Sort.DISTANCE

    @property
    def is_price_first(self) -> bool:
        """Whether prices decide what is found, not only what is shown."""
        return self.sort is Sort.PRICE or self.price_max is not None


class Ring(NamedTuple):
    """What lies farther than `inner_metres` (-1: from the centre on), up to `outer_metres`."""

    inner_metres: float
    outer_metres: float


@dataclass(frozen=True, slots=True)
class Reach:
    """An area as the search walks through it: around `centre`, ring by ring, within `bounds`."""

    centre: Position | None
    rings: tuple[Ring, ...]
    bounds: BoundingBox | None = None

    def box(self, ring: Ring) -> BoundingBox | None:
        """Degrees that hold the ring, for an index; None without a centre."""
        return None if self.centre is None else box_around(self.centre, ring.outer_metres)


def checked(wanted: Wanted, now: datetime) -> Wanted:
    """The search if it makes sense. Raises InvalidInput naming the field."""
    window = wanted.window
    if window.starts_at < now - START_LATE_MAX:
        raise InvalidInput("window", "the period has begun already; let it begin now or later")
    if window.duration > timedelta(days=STAY_DAYS_MAX):
        raise InvalidInput(
            "window", f"the period is longer than {STAY_DAYS_MAX} days; ask for less"
        )
    if isinstance(wanted.area, Near) and not 0 < wanted.area.radius_metres <= RADIUS_METRES_MAX:
        message = f"the radius must be above 0 and at most {RADIUS_METRES_MAX:g} metres"
        raise InvalidInput("area.near.radiusMetres", message)
    height = wanted.height_metres
    if height is not None and not 0 < height <= VEHICLE_METRES_MAX:
        message = f"a vehicle's height is above 0 and at most {VEHICLE_METRES_MAX:g} metres"
        raise InvalidInput("filter.heightMetres", message)
    return wanted


def begins_now(window: Window, now: datetime) -> bool:
    """Whether the period begins so soon that the car would find what stands there now."""
    return window.starts_at <= now + timedelta(minutes=NOW_MINUTES)


def reach_of(wanted: Wanted) -> Reach:
    """How to walk through the area; by price, all of it at once."""
    area = wanted.area
    if isinstance(area, int):
        return Reach(None, (Ring(-1.0, 0.0),))
    centre, radius = (
        (area.centre, area.radius_metres)
        if isinstance(area, Near)
        else (_middle(area), _half_diagonal_metres(area))
    )
    edges = [radius * share for share in RING_SHARES] if not wanted.is_price_first else [radius]
    rings = tuple(Ring(a, b) for a, b in zip([-1.0, *edges], edges, strict=False))
    return Reach(centre, rings, area if isinstance(area, BoundingBox) else None)


def walk_minutes(metres: float) -> int:
    """How long one walks there, in started minutes."""
    return -int(-metres * WALK_DETOUR_FACTOR // WALK_METRES_A_MINUTE)


def plane_factors(centre: Position) -> tuple[float, float, float]:
    """(k, a, b) so that metres² = (k·Δlat)² + (Δlon·(a - b·Δlat))², with Δ in degrees.

    The parallel's length at the mean latitude, to first order: off by less than 0.1 % within
    100 km below 70 degrees, and nothing that a database without trigonometry cannot reckon.
    """
    k, latitude = METRES_A_DEGREE, radians(centre.latitude)
    return k, k * cos(latitude), k * sin(latitude) * pi / 360


def _middle(box: BoundingBox) -> Position:
    wide = (box.east - box.west) % 360
    longitude = (box.west + wide / 2 + 180) % 360 - 180
    return Position((box.south + box.north) / 2, longitude)


def _half_diagonal_metres(box: BoundingBox) -> float:
    """From the middle to the corner that is farthest; some more, so that nothing is left out."""
    wide = (box.east - box.west) % 360 or (360.0 if box.east > box.west else 0.0)
    nearest_equator = 0.0 if box.south <= 0 <= box.north else min(abs(box.south), abs(box.north))
    across = wide / 2 * METRES_A_DEGREE * cos(radians(nearest_equator))
    return hypot(across, (box.north - box.south) / 2 * METRES_A_DEGREE) * 1.1 + 1.0
