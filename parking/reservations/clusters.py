"""A map of what is to be had: single spaces while they are few, else clusters on a grid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput
from parking.geo import BoundingBox, Position
from parking.money import Money
from parking.reservations.availability import Available, cheapest, find_available, is_affordable
from parking.reservations.offers import Asked
from parking.reservations.pricing import Rate, prices, rate_of
from parking.reservations.wanted import Wanted, checked, reach_of
from parking.storage.sql import database

SINGLE_MAX = 200
"""More pins than this nobody tells apart: they are clustered."""
GRID_CELLS = 12
"""Cells along each side of the box asked for: about a thumb's width on a phone."""
PLACES_MAX = 2_000
"""Places of one map; a larger area has to be narrowed."""


class Spot(NamedTuple):
    """Idle spaces of one offer, all at their place's position."""

    position: Position
    space_count: int
    rate: Rate
    cost: Money


@dataclass(frozen=True, slots=True)
class Cluster:
    """What is idle in one cell of the grid: `bbox` holds just the places, `position` is their
    middle weighted by spaces, `cheapest` what the period costs at least."""

    bbox: BoundingBox
    position: Position
    space_count: int
    place_count: int
    cheapest: Money


@dataclass(frozen=True, slots=True)
class Map:
    """Either `spaces` or, when there are more than `SINGLE_MAX`, `clusters`."""

    total_count: int
    spaces: Sequence[Available]
    clusters: Sequence[Cluster]


async def map_available(viewer: Viewer, wanted: Wanted, *, clock: Clock) -> Map:
    """What is idle in the box, for a map. In clusters a space of several listings counts in each.

    Raises InvalidInput, with the code `AREA_TOO_LARGE` for more than `PLACES_MAX` places.
    """
    if not isinstance(wanted.area, BoundingBox):
        raise InvalidInput("bbox", "a map shows a box; give its edges")
    now = clock.now()
    asked = Asked(database(), viewer, checked(wanted, now), reach_of(wanted), now)
    spots = await _spots(asked)
    total = sum(spot.space_count for spot in spots)
    if total <= SINGLE_MAX:
        found = await find_available(viewer, wanted, clock=clock, limit=SINGLE_MAX)
        return Map(len(found), found, ())
    return Map(total, (), clustered(wanted.area, spots))


async def _spots(asked: Asked) -> list[Spot]:
    rows = await asked.idle_counts()
    if len({row["place_id"] for row in rows}) > PLACES_MAX:
        message = f"the box holds more than {PLACES_MAX} places; ask for a smaller one"
        raise InvalidInput("bbox", message, code="AREA_TOO_LARGE")
    known = await prices(asked.sql, map(rate_of, rows), asked.wanted.window, asked.now)
    most = asked.wanted.price_max
    spots = [_spot(row, known) for row in rows if rate_of(row) in known]
    return [spot for spot in spots if is_affordable(spot.cost, most)]


def _spot(row: Mapping[str, Any], known: Mapping[Rate, Money]) -> Spot:
    rate = rate_of(row)
    at = Position(row["latitude"], row["longitude"])
    return Spot(at, row["space_count"], rate, known[rate])


def clustered(box: BoundingBox, spots: Iterable[Spot]) -> list[Cluster]:
    """The spots by cell of the grid over the box, north-west first. Pure."""
    cells: dict[tuple[int, int], list[Spot]] = {}
    for spot in spots:
        cells.setdefault(_cell(box, spot.position), []).append(spot)
    return [_cluster(box, cells[cell]) for cell in sorted(cells)]


def _cell(box: BoundingBox, at: Position) -> tuple[int, int]:
    high, wide = box.north - box.south or 1.0, _eastwards(box.west, box.east) or 360.0
    row = int((box.north - at.latitude) / high * GRID_CELLS)
    column = int(_eastwards(box.west, at.longitude) / wide * GRID_CELLS)
    return min(row, GRID_CELLS - 1), min(column, GRID_CELLS - 1)


def _eastwards(start: float, end: float) -> float:
    """Degrees from one meridian east to another, over the antimeridian too."""
    return (end - start) % 360


def _cluster(box: BoundingBox, spots: Sequence[Spot]) -> Cluster:
    count = sum(spot.space_count for spot in spots)
    norths = sorted(spot.position.latitude for spot in spots)
    ordered = sorted(spots, key=lambda spot: _eastwards(box.west, spot.position.longitude))
    latitude = sum(spot.position.latitude * spot.space_count for spot in spots) / count
    east = (
        sum(_eastwards(box.west, spot.position.longitude) * spot.space_count for spot in spots)
        / count
    )
    least = cheapest(spot.cost for spot in spots)
    assert least is not None, "a cell without a spot is never made"
    return Cluster(
        bbox=BoundingBox(
            norths[0], ordered[0].position.longitude, norths[-1], ordered[-1].position.longitude
        ),
        position=Position(latitude, _meridian(box, east)),
        space_count=count,
        place_count=len({spot.position for spot in spots}),
        cheapest=least,
    )


def _meridian(box: BoundingBox, east: float) -> float:
    return (box.west + east + 180) % 360 - 180
