"""The way of a merchant's guest, or to a car, from the schema's points: steps in words, and plans
to draw. Pure.

There is a plan for each level of each plan that the way touches; on that of the bay are the bays.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from api.pages.plan import Bay, Box, box_around, drawn_bays

Texts: TypeAlias = Callable[..., str]
"""`Words`: a text by key, filled in."""
Point: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[bool, int]
"""A plan (the place's own, or the mall's) and a level of it."""
NEAR_METRES = 1.0
"""Nobody is told to walk less, but to where the way ends."""
GOALS = frozenset({"UNIT", "BAY"})
TEXT_PART = 0.045
"""How large a point's name is written, as a part of the plan's longer side."""
SIDE_METRES_MIN = 12.0
SIDE_PART = 0.3


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its name, for the eye and for who is read to."""

    kind: str
    label: str
    x: float
    y: float
    anchor: str
    """Where its name begins: at the sides it would reach beyond them."""


@dataclass(frozen=True, slots=True)
class Map:
    """A level as the template draws it; `walk` and `drive` are an SVG's points, maybe none."""

    where: str
    view_box: str
    bays: tuple[Bay, ...]
    marks: tuple[Mark, ...]
    walk: str
    drive: str
    text_metres: float

    @property
    def points(self) -> str:
        """What is on it, for who is read to."""
        return ", ".join(each.label for each in self.marks)


@dataclass(frozen=True, slots=True)
class GuestWay:
    """What the template shows; each part may be empty."""

    drive: tuple[str, ...]
    walk: tuple[str, ...]
    walk_metres: int
    maps: tuple[Map, ...]


def way_of(booking: Mapping[str, Any], words: Texts) -> GuestWay | None:
    """The way of a booking that was made for an order; None for others, and where nothing of it is
    known."""
    order = booking["order"]
    if order is None:
        return None
    drive, walk = order["way"]["drive"], order["way"]["walk"]
    if not (drive or walk):
        return None
    return GuestWay(
        drive=tuple(_driven(drive, words)),
        walk=tuple(_walked(walk, words)),
        walk_metres=round(sum(each["metres"] for each in walk)),
        maps=tuple(_maps(booking["place"]["name"], booking["bays"], drive, walk, words)),
    )


def way_in(
    place: str, bays: Sequence[dict[str, Any]], walk: Sequence[Point], words: Texts
) -> GuestWay | None:
    """The walk from a door to the marked one of the bays; None where it is not known."""
    if not walk:
        return None
    return GuestWay(
        drive=(),
        walk=(words("walk_in", name=walk[0]["name"]), *_walked(walk, words)),
        walk_metres=round(sum(each["metres"] for each in walk)),
        maps=tuple(_maps(place, bays, (), walk, words)),
    )


def _driven(points: Sequence[Point], words: Texts) -> Iterable[str]:
    if not points:
        return
    yield words("drive_in", name=points[0]["name"])
    for one, other in pairwise(points):
        if other["kind"] == "BAY":
            yield words("drive_BAY", name=other["name"], level=other["levelName"])
        elif one["name"] == other["name"]:
            yield words("drive_RAMP", name=other["name"], level=other["levelName"])


def _walked(points: Sequence[Point], words: Texts) -> Iterable[str]:
    for one, other in pairwise(points):
        names = {"name": other["name"], "level": other["levelName"]}
        if (one["kind"], one["name"]) == (other["kind"], other["name"]):
            yield words(f"through_{other['kind']}", **names)
        elif other["metres"] >= NEAR_METRES or other["kind"] in GOALS:
            yield words(f"walk_{other['kind']}", metres=round(other["metres"]), **names)


def _where(point: Point) -> Where:
    return point["isInPlace"], point["level"]


def _maps(
    place: str,
    bays: Sequence[dict[str, Any]],
    drive: Sequence[Point],
    walk: Sequence[Point],
    words: Texts,
) -> Iterable[Map]:
    points = [*drive, *walk]
    home = next(_where(each) for each in points if each["kind"] == "BAY")
    for level in dict.fromkeys(map(_where, points)):
        driven = [each for each in drive if _where(each) == level]
        walked = [each for each in walk if _where(each) == level]
        drawn = drawn_bays(bays) if level == home else ()
        yield _map(place, drawn, driven, walked, words)


def _map(
    place: str, bays: Sequence[Bay], driven: Sequence[Point], walked: Sequence[Point], words: Texts
) -> Map:
    points = [*driven, *walked]
    box = box_around(bays, [(each["xMetres"], each["yMetres"]) for each in points], SIDE_METRES_MIN)
    key = "where_place" if points[0]["isInPlace"] or bays else "where_mall"
    return Map(
        where=words(key, place=place, level=points[0]["levelName"]),
        view_box=box.text,
        bays=tuple(bays),
        marks=tuple(dict.fromkeys(_mark(each, box, words) for each in points)),
        walk=_line(walked),
        drive=_line(driven),
        text_metres=round(max(box.width, box.height) * TEXT_PART, 2),
    )


def _mark(point: Point, box: Box, words: Texts) -> Mark:
    label = words(f"point_{point['kind']}", name=point["name"])
    x, y = point["xMetres"], point["yMetres"]
    part = (x - box.left) / box.width
    anchor = "start" if part < SIDE_PART else "end" if part > 1 - SIDE_PART else "middle"
    return Mark(point["kind"], label, x, y, anchor)


def _line(points: Sequence[Point]) -> str:
    """As an SVG's `points`; nothing for a single one."""
    if len(points) < 2:
        return ""
    return " ".join(f"{each['xMetres']:.2f},{each['yMetres']:.2f}" for each in points)
