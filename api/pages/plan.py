"""A floor plan as numbers for SVG: the bays of one level from their own coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

MARGIN_METRES = 2.0
PIN_METRES = 2.2
"""How far around the marked bay its ring reaches beyond it."""
POINT_METRES = 4.0
"""So much room is around a point of the way."""
TEXT_METRES, MARKED_TEXT_METRES = 0.75, 1.1
CHARACTER_WIDTH = 0.68
"""Of a bold figure, as a part of its size; a little more, so that there is room at both sides."""


@dataclass(frozen=True, slots=True)
class Bay:
    """A rectangle around `x`, `y`, turned by `turn` degrees; metres."""

    number: str
    x: float
    y: float
    width: float
    length: float
    turn: float
    is_marked: bool

    @property
    def ring_metres(self) -> float:
        """The radius of the ring around it, where it is the marked one."""
        return (self.length + PIN_METRES) / 2

    @property
    def text_metres(self) -> float:
        """How large its number is written, so that it fits across."""
        most = MARKED_TEXT_METRES if self.is_marked else TEXT_METRES
        return round(min(most, self.width / (CHARACTER_WIDTH * max(len(self.number), 1))), 2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the template draws."""

    view_box: str
    bays: tuple[Bay, ...]


def plan_of(bays: Sequence[dict[str, Any]]) -> Plan | None:
    """The plan of the schema's bays (`number`, `isYours`, `plan`); None when nothing is drawn."""
    if not any(each["isYours"] for each in bays):
        return None
    drawn = drawn_bays(bays)
    return Plan(box_around(drawn).text, drawn)


def drawn_bays(bays: Sequence[dict[str, Any]]) -> tuple[Bay, ...]:
    """The schema's bays; the marked one last, so that it lies on top."""
    return tuple(sorted((_bay(each) for each in bays), key=lambda bay: bay.is_marked))


@dataclass(frozen=True, slots=True)
class Box:
    """What of the plan is shown; metres."""

    left: float
    top: float
    width: float
    height: float

    @property
    def text(self) -> str:
        """As an SVG's `viewBox`."""
        return f"{self.left:.2f} {self.top:.2f} {self.width:.2f} {self.height:.2f}"


def box_around(
    bays: Sequence[Bay], points: Sequence[tuple[float, float]] = (), side_min: float = 0.0
) -> Box:
    """A box that holds all of these and a margin, with sides of at least so many metres."""
    reached = [(bay.x, bay.y, hypot(bay.width, bay.length) * 0.45 + MARGIN_METRES) for bay in bays]
    reached += [(x, y, POINT_METRES) for x, y in points]
    left, top = min(x - far for x, _, far in reached), min(y - far for _, y, far in reached)
    width = max(x + far for x, _, far in reached) - left
    height = max(y + far for _, y, far in reached) - top
    more_x, more_y = max(side_min - width, 0.0), max(side_min - height, 0.0)
    return Box(left - more_x / 2, top - more_y / 2, width + more_x, height + more_y)


def _bay(given: dict[str, Any]) -> Bay:
    plan = given["plan"]
    return Bay(
        number=given["number"],
        x=plan["xMetres"],
        y=plan["yMetres"],
        width=plan["widthMetres"],
        length=plan["lengthMetres"],
        turn=plan["rotationDegrees"],
        is_marked=given["isYours"],
    )
