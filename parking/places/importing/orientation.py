"""How bays known only by their centres probably lie: square to the row that neighbours form."""

from collections import defaultdict
from collections.abc import Sequence
from math import atan2, degrees, hypot

from parking.places.importing.geometry import Point

BAY_WIDTH_METRES = 2.5
BAY_LENGTH_METRES = 5.0
BAY_WIDTH_METRES_MIN = 1.8
NEIGHBOUR_METRES_MAX = 9.0
"""Farther away, the nearest bay says nothing about this one."""
ALONGSIDE_METRES = 4.5
"""Centres nearer than this stand side by side; farther ones stand one behind another."""
SAME_METRES = 0.3
"""Centres nearer than this were given the same position."""

CELL_POINTS_MAX = 20
"""Points looked at in one cell of the search; seven bays fill one, more are stacked."""


def nearest_neighbours(points: Sequence[Point]) -> list[int | None]:
    """For each point the index of the nearest one within reach that is not the same spot."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, point in enumerate(points):
        crowd = cells[_cell(point)]
        if len(crowd) < CELL_POINTS_MAX:
            crowd.append(index)
    return [_nearest(index, points, cells) for index in range(len(points))]


def bay_shape(point: Point, neighbour: Point | None) -> tuple[float, float]:
    """(width in metres, rotation in degrees 0..180) of a bay, from where its neighbour is."""
    if neighbour is None:
        return BAY_WIDTH_METRES, 0.0
    dx, dy = neighbour[0] - point[0], neighbour[1] - point[1]
    gap, direction = hypot(dx, dy), degrees(atan2(dy, dx))
    if gap > ALONGSIDE_METRES:
        return BAY_WIDTH_METRES, round((direction - 90) % 180, 1)
    width = min(BAY_WIDTH_METRES, max(BAY_WIDTH_METRES_MIN, gap))
    return round(width, 2), round(direction % 180, 1)


def spread_same(points: Sequence[Point]) -> list[Point]:
    """The points, with those that share one spot put side by side."""
    seen: dict[tuple[int, int], int] = defaultdict(int)
    spread = []
    for x, y in points:
        spot = round(x / SAME_METRES), round(y / SAME_METRES)
        spread.append((x + seen[spot] * BAY_WIDTH_METRES, y))
        seen[spot] += 1
    return spread


def _cell(point: Point) -> tuple[int, int]:
    return int(point[0] // NEIGHBOUR_METRES_MAX), int(point[1] // NEIGHBOUR_METRES_MAX)


def _nearest(
    index: int, points: Sequence[Point], cells: dict[tuple[int, int], list[int]]
) -> int | None:
    x, y = points[index]
    column, line = _cell((x, y))
    best, best_gap = None, NEIGHBOUR_METRES_MAX
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for other in cells.get((column + dx, line + dy), ()):
                gap = hypot(points[other][0] - x, points[other][1] - y)
                if SAME_METRES <= gap < best_gap:
                    best, best_gap = other, gap
    return best
