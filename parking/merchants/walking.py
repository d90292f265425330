"""How far one walks from a unit to a space, over doors, lifts, stairs and ramps (CLAIMS D6, D12).

Pure. On one level of one plan one walks straight; everything else leads through connectors: those
of one name are one thing, met at each level and plan where it has a position. Two plans that meet
in a connector need no common coordinates. Going to another level costs what it is felt to be,
in metres: waiting for a lift, climbing, or the length of the ramp.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from math import hypot, inf
from typing import NamedTuple

from parking.merchants.kinds import ConnectorKind

LIFT_WAIT_METRES = 20.0
"""A quarter of a minute's walk and more, until a lift is there and has closed again."""
LEVEL_METRES: Mapping[ConnectorKind, float] = {
    ConnectorKind.LIFT: 5.0,
    ConnectorKind.STAIRS: 25.0,
    ConnectorKind.RAMP: 60.0,
    ConnectorKind.ENTRANCE: 25.0,
}
"""Each level costs so much; a door that has two levels has steps in it."""
STEP_FREE = frozenset({ConnectorKind.LIFT, ConnectorKind.RAMP, ConnectorKind.ENTRANCE})
"""What a wheelchair gets through; a door only at one level."""
START = -1
"""Of the walks to a goal the one that leads through no link; of equals it is taken."""


class Spot(NamedTuple):
    """A position on a level of a plan, in metres. `plan` is a place's id, None the mall's."""

    plan: int | None
    level: int
    x_metres: float
    y_metres: float


class Link(NamedTuple):
    """A connector at one level of one plan."""

    kind: ConnectorKind
    name: str
    spot: Spot


class Walks(NamedTuple):
    """From a starting point: how far it is to each link. `metres_to` goes on from there. `before`
    is the index of the link by which one comes to each; None: straight from the start."""

    start: Spot
    links: Sequence[Link]
    reached: Sequence[float]
    before: Sequence[int | None]

    def metres_to(self, goal: Spot) -> float | None:
        """The shortest walk to a spot; None where no way leads there."""
        ways = [straight(self.start, goal)]
        ways += [
            far + straight(link.spot, goal)
            for link, far in zip(self.links, self.reached, strict=True)
        ]
        shortest = min(ways)
        return None if shortest == inf else shortest

    def links_to(self, goal: Spot) -> list[Link] | None:
        """What the shortest walk to a spot leads through, in order; None where there is none."""
        ways = [(straight(self.start, goal), START)]
        ways += [
            (far + straight(link.spot, goal), index)
            for index, (link, far) in enumerate(zip(self.links, self.reached, strict=True))
        ]
        shortest, last = min(ways)
        if shortest == inf:
            return None
        at = None if last == START else last
        passed: list[Link] = []
        while at is not None:
            passed.append(self.links[at])
            at = self.before[at]
        return passed[::-1]


def walks_from(start: Spot, links: Iterable[Link], *, is_step_free: bool = False) -> Walks:
    """How far it is from `start` to each link (Dijkstra). A mall has few links, and every space is
    then one step from those of its level."""
    usable = [each for each in links if not is_step_free or each.kind in STEP_FREE]
    reached = [inf] * len(usable)
    before: list[int | None] = [None] * len(usable)
    queue = [(straight(start, link.spot), index, START) for index, link in enumerate(usable)]
    queue = sorted(each for each in queue if each[0] < inf)
    done: set[int] = set()
    while queue:
        far, index, by = heappop(queue)
        if index in done:
            continue
        done.add(index)
        reached[index], before[index] = far, None if by == START else by
        for other, link in enumerate(usable):
            further = far + step(usable[index], link, is_step_free=is_step_free)
            if other not in done and further < inf:
                heappush(queue, (further, other, index))
    return Walks(start, usable, reached, before)


def step(one: Link, other: Link, *, is_step_free: bool = False) -> float:
    """How far it is between two links without a third: straight on one level, or through what both
    are; infinite where neither leads there."""
    walked = straight(one.spot, other.spot)
    if (one.kind, one.name) != (other.kind, other.name):
        return walked
    return min(walked, _through(one, other, is_step_free))


def _through(one: Link, other: Link, is_step_free: bool) -> float:
    levels = abs(one.spot.level - other.spot.level)
    if levels and is_step_free and one.kind is ConnectorKind.ENTRANCE:
        return inf
    waiting = LIFT_WAIT_METRES if levels and one.kind is ConnectorKind.LIFT else 0.0
    return waiting + levels * LEVEL_METRES[one.kind]


def straight(one: Spot, other: Spot) -> float:
    """Metres between two spots of one level of one plan; infinite between others."""
    if (one.plan, one.level) != (other.plan, other.level):
        return inf
    return hypot(other.x_metres - one.x_metres, other.y_metres - one.y_metres)
