"""A floor plan as numbers for SVG: the bays of one level from their own coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

MARGIN_METRES = 2.0
PIN_METRES = 2.2
"""How far around the marked bay its ring reaches beyond it."""
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
    def text_metres(self) -> float:
        """How large its number is written, so that it fits across."""
        most = MARKED_TEXT_METRES if self.is_marked else TEXT_METRES
        return round(min(most, self.width / (CHARACTER_WIDTH * max(len(self.number), 1))), 2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the template draws."""

    view_box: str
    bays: tuple[Bay, ...]
    pin_metres: float = PIN_METRES


def plan_of(bays: Sequence[dict[str, Any]]) -> Plan | None:
    """The plan of the schema's bays (`number`, `isYours`, `plan`); None when nothing is drawn."""
    if not any(each["isYours"] for each in bays):
        return None
    drawn = tuple(sorted((_bay(each) for each in bays), key=lambda bay: bay.is_marked))
    return Plan(_view_box(drawn), drawn)


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


def _view_box(bays: Sequence[Bay]) -> str:
    reach = {bay: hypot(bay.width, bay.length) * 0.45 + MARGIN_METRES for bay in bays}
    left = min(bay.x - reach[bay] for bay in bays)
    top = min(bay.y - reach[bay] for bay in bays)
    right = max(bay.x + reach[bay] for bay in bays)
    bottom = max(bay.y + reach[bay] for bay in bays)
    return f"{left:.2f} {top:.2f} {right - left:.2f} {bottom - top:.2f}"
