"""A floor plan for every space, also where the source has none. Pure.

Plan coordinates are metres on the level of the space: the centre, y downwards; rotation is
clockwise and at 0 the length runs along y. What the source gives is kept; degrees are projected
around the place's position; everything else is drawn in rows of bays on either side of an aisle.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil, sqrt

from parking.places.importing.drafts import Plan, SpaceDraft, Spot
from parking.places.importing.geometry import Point, Projection, mean_position
from parking.places.importing.orientation import (
    BAY_LENGTH_METRES,
    BAY_WIDTH_METRES,
    bay_shape,
    nearest_neighbours,
    spread_same,
)

PROJECTED_METRES_MAX = 1_500.0
"""Farther apart than this, bays at true scale would be specks: they are drawn in rows instead."""
ACCESSIBLE_WIDTH_METRES = 3.5
AISLE_METRES = 6.0
ROW_LENGTH_METRES_MAX = BAY_LENGTH_METRES
"""A drawn row is that deep; a longer bay is drawn shorter, so that it stays off the aisle."""
ROW_BAYS_MIN = 6
ROW_BAYS_MAX = 30


def draw_plan(
    spaces: Sequence[SpaceDraft],
    anchor: Point | None = None,
    top: float | None = None,
) -> tuple[SpaceDraft, ...]:
    """The spaces in the same order, each with its spot.

    `anchor` is the (longitude, latitude) of plan coordinate (0, 0); the mean of the spaces is taken
    without one. `top` is the y from which on drawn rows may begin, on any level.
    """
    located = [(s.longitude, s.latitude) for s in spaces]
    known = [(lon, lat) for lon, lat in located if lon is not None and lat is not None]
    centre = anchor or (mean_position(known) if known else None)
    levels: dict[str, list[int]] = defaultdict(list)
    for index, space in enumerate(spaces):
        levels[space.level].append(index)
    drawn: dict[int, SpaceDraft] = {}
    for indexes in levels.values():
        planned = _plan_level([spaces[index] for index in indexes], centre, top)
        drawn.update(zip(indexes, planned, strict=True))
    return tuple(drawn[index] for index in range(len(spaces)))


def natural_key(label: str) -> list[tuple[int, int, str]]:
    """Sorts `A-2` before `A-10`."""
    parts = re.findall(r"\d+|\D+", label.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _plan_level(
    spaces: list[SpaceDraft], centre: Point | None, top: float | None
) -> list[SpaceDraft]:
    given = [i for i, s in enumerate(spaces) if s.x is not None]
    located = [i for i, s in enumerate(spaces) if s.x is None and s.latitude is not None]
    planned: dict[int, Spot] = {i: _given(spaces[i]) for i in given}
    if located and not given and centre is not None:
        projected = _project([spaces[i] for i in located], Projection(centre[1], centre[0]))
        planned.update(zip(located, projected or [], strict=False))
    if planned and top is None:
        top = max(spot.y for spot in planned.values()) + AISLE_METRES + BAY_LENGTH_METRES
    rest = [i for i in range(len(spaces)) if i not in planned]
    planned.update(zip(rest, _draw_rows([spaces[i] for i in rest], top or 0.0), strict=True))
    return [replace(space, spot=planned[i]) for i, space in enumerate(spaces)]


def _given(space: SpaceDraft) -> Spot:
    return Spot(
        x=space.x or 0.0,
        y=space.y or 0.0,
        width=_width(space),
        length=space.length or BAY_LENGTH_METRES,
        rotation=space.rotation or 0.0,
        plan=Plan.GIVEN,
    )


def _width(space: SpaceDraft) -> float:
    return space.width or (ACCESSIBLE_WIDTH_METRES if space.is_accessible else BAY_WIDTH_METRES)


def _project(spaces: list[SpaceDraft], projection: Projection) -> list[Spot] | None:
    """The spaces at true scale; None when they lie too far apart for one plan."""
    points = [projection.metres(s.longitude or 0.0, s.latitude or 0.0) for s in spaces]
    for axis in (0, 1):
        ends = [point[axis] for point in points]
        if max(ends) - min(ends) > PROJECTED_METRES_MAX:
            return None
    points = spread_same(points)
    neighbours = nearest_neighbours(points)
    return [
        _placed(space, point, points[neighbour] if neighbour is not None else None)
        for space, point, neighbour in zip(spaces, points, neighbours, strict=True)
    ]


def _placed(space: SpaceDraft, point: Point, neighbour: Point | None) -> Spot:
    width, rotation = bay_shape(point, neighbour)
    return Spot(
        x=round(point[0], 2),
        y=round(point[1], 2),
        width=space.width or width,
        length=space.length or BAY_LENGTH_METRES,
        rotation=rotation if space.rotation is None else space.rotation,
        plan=Plan.PROJECTED,
    )


def _draw_rows(spaces: list[SpaceDraft], top: float) -> list[Spot]:
    """Rows of bays, two and two facing an aisle, back to back with the next two."""
    drawn: dict[int, Spot] = {}
    for count, row in enumerate(_rows(spaces)):
        y = top + _row_centre(count)
        x = 0.0
        for index in row:
            width = _width(spaces[index])
            length = min(spaces[index].length or BAY_LENGTH_METRES, ROW_LENGTH_METRES_MAX)
            drawn[index] = Spot(round(x + width / 2, 2), y, width, length, 0.0, Plan.DRAWN)
            x += width
    return [drawn[index] for index in range(len(spaces))]


def _rows(spaces: list[SpaceDraft]) -> Iterable[list[int]]:
    """Indexes in rows: by row label where there are some, and no row longer than fits."""
    by_label: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, space in enumerate(spaces):
        by_label[space.area, space.row].append(index)
    fitting = ceil(sqrt(len(spaces) * 2.5))
    longest = max(ROW_BAYS_MIN, min(ROW_BAYS_MAX, fitting))
    if len(by_label) > 1:
        longest = ROW_BAYS_MAX
    for label in sorted(by_label, key=lambda pair: (natural_key(pair[0]), natural_key(pair[1]))):
        row = sorted(by_label[label], key=lambda index: natural_key(spaces[index].number))
        for start in range(0, len(row), longest):
            yield row[start : start + longest]


def _row_centre(count: int) -> float:
    module = (count // 2) * (2 * BAY_LENGTH_METRES + AISLE_METRES)
    far = BAY_LENGTH_METRES + AISLE_METRES if count % 2 else 0.0
    return module + far + BAY_LENGTH_METRES / 2
