"""The whole way of a guest: by car from the place's own entrance to the bay, and on foot from the
bay to the merchant's unit (CLAIMS D9). Pure.

Cars drive in by a door (ENTRANCE) of the place's own plan that is on no other plan, so leads
outdoors, and change levels by RAMPs of that plan. On the mall's plan no door is known to be for
cars, so where a place has no plan of its own nothing is said of driving.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from math import inf
from typing import NamedTuple

from parking.merchants.kinds import ConnectorKind
from parking.merchants.walking import Link, Spot, Walks, straight, walks_from


class PointKind(StrEnum):
    """What is at a point of a way."""

    BAY = "BAY"
    UNIT = "UNIT"
    ENTRANCE = "ENTRANCE"
    LIFT = "LIFT"
    STAIRS = "STAIRS"
    RAMP = "RAMP"


class Point(NamedTuple):
    """A point of a way. `metres` are walked or driven to it from the one before, on one level; 0
    where a lift or the like leads to it."""

    kind: PointKind
    name: str
    spot: Spot
    metres: float


def on_foot(walks: Walks, bay: Spot, number: str, unit: str) -> list[Point]:
    """From the bay to the unit, from where `walks` start; empty where no way is known."""
    passed = walks.links_to(bay)
    if passed is None:
        return []
    way = [_stop(PointKind.BAY, number, bay), *map(_through, reversed(passed))]
    return measured([*way, _stop(PointKind.UNIT, unit, walks.start)])


def by_car(links: Sequence[Link], bay: Spot, number: str) -> list[Point]:
    """From where cars drive in to the bay; empty where that is not known."""
    if bay.plan is None:
        return []
    ramps = [e for e in links if e.kind is ConnectorKind.RAMP and e.spot.plan == bay.plan]
    tried = [(door, walks_from(door.spot, ramps)) for door in _outer_doors(links, bay.plan)]
    reached = [(walks.metres_to(bay), door, walks) for door, walks in tried]
    known = [each for each in reached if each[0] is not None]
    if not known:
        return []
    _, door, walks = min(known, key=lambda each: inf if each[0] is None else each[0])
    passed = walks.links_to(bay) or []
    return measured([*map(_through, [door, *passed]), _stop(PointKind.BAY, number, bay)])


def to_bay(links: Sequence[Link], bay: Spot, number: str) -> list[Point]:
    """On foot to the bay from the door that is nearest to it and leads outdoors; empty where none
    does."""
    doors = _doors_outdoors(links)
    walks = walks_from(bay, links)  # a way is as long in the one direction as in the other
    reached = [
        (metres, door) for door in doors if (metres := walks.metres_to(door.spot)) is not None
    ]
    if not reached:
        return []
    _, door = min(reached, key=lambda each: each[0])
    way = [door, *reversed(_crossed(walks.links_to(door.spot) or []))]
    return measured([*map(_through, way), _stop(PointKind.BAY, number, bay)])


def measured(points: Sequence[Point]) -> list[Point]:
    """The points with how far each is from the one before."""
    found = list(points[:1])
    for point in points[1:]:
        far = straight(found[-1].spot, point.spot)
        found.append(point._replace(metres=0.0 if far == inf else far))
    return found


def _outer_doors(links: Sequence[Link], plan: int) -> list[Link]:
    doors = [each for each in links if each.kind is ConnectorKind.ENTRANCE]
    inner = {each.name for each in doors if each.spot.plan != plan}
    return [each for each in doors if each.spot.plan == plan and each.name not in inner]


def _crossed(passed: Sequence[Link]) -> list[Link]:
    """Those that lead to another level or plan; one merely walks by the others."""
    pairs = [_is_one(one, other) for one, other in pairwise(passed)]
    return [
        each
        for each, before, after in zip(passed, [False, *pairs], [*pairs, False], strict=True)
        if before or after
    ]


def _is_one(one: Link, other: Link) -> bool:
    return (one.kind, one.name) == (other.kind, other.name)


def _doors_outdoors(links: Sequence[Link]) -> list[Link]:
    """Doors that are on one plan alone."""
    doors = [each for each in links if each.kind is ConnectorKind.ENTRANCE]
    plans = {
        each.name: {other.spot.plan for other in doors if other.name == each.name} for each in doors
    }
    return [each for each in doors if len(plans[each.name]) == 1]


def _stop(kind: PointKind, name: str, spot: Spot) -> Point:
    return Point(kind, name, spot, 0.0)


def _through(link: Link) -> Point:
    return Point(PointKind(link.kind), link.name, link.spot, 0.0)
