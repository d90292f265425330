"""A sheet before it has a file format: texts and codes at their places, in millimetres from the top
left. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from api.sheets.matrix import Matrix

MM_PER_POINT = 25.4 / 72


class Align(StrEnum):
    """What of a text stands at its `x_mm`."""

    START = "start"
    MIDDLE = "middle"


@dataclass(frozen=True, slots=True)
class Text:
    """One line; `y_mm` is that of its baseline."""

    x_mm: float
    y_mm: float
    size_mm: float
    text: str
    is_bold: bool = False
    is_soft: bool = False
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with its quiet zone, in a square."""

    x_mm: float
    y_mm: float
    side_mm: float
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across."""

    x_mm: float
    y_mm: float
    width_mm: float


Mark: TypeAlias = Text | Code | Rule


@dataclass(frozen=True, slots=True)
class Drawing:
    """One sheet or label. `title` is for who cannot see it."""

    width_mm: float
    height_mm: float
    title: str
    language: str
    marks: tuple[Mark, ...]
