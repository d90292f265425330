"""Lines of text that fit a width: Latin words break at spaces, Chinese anywhere but before a sign
that may not begin a line. Widths are those of the Latin font that sheets are set in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from unicodedata import east_asian_width

from api.sheets.drawing import Align, Mark, Text
from api.sheets.faces import has_glyph, latin_width

LEADING = 1.28
"""From baseline to baseline, in sizes of the text."""
OTHER_WIDTH = 0.62
"""Of a character that is neither Latin nor wide, in sizes of the text."""
ELLIPSIS = "…"
WIDTHS_KEPT = 8192
_UNITS = re.compile(r"[\u2e80-\uffef][，。、；：！？）】》”%]*|[^\s\u2e80-\uffef]+\s*|\s+")


@lru_cache(maxsize=WIDTHS_KEPT)
def width_of(text: str, size: float, *, is_bold: bool = False) -> float:
    """How wide a line is, in the unit of `size`. Kept: a print run says the same on every slip."""
    widths = (
        latin_width("".join(run), size, is_bold=is_bold) if latin else sum(map(_wide, run)) * size
        for latin, run in groupby(text, key=has_glyph)
    )
    return float(sum(widths))


def _wide(character: str) -> float:
    return 1.0 if east_asian_width(character) in "WF" else OTHER_WIDTH


def lines_of(text: str, size: float, width: float, *, is_bold: bool = False) -> list[str]:
    """The text in lines no wider than `width`."""
    lines = [""]
    for unit in _broken(_UNITS.findall(text), size, width, is_bold=is_bold):
        longer = lines[-1] + unit
        if lines[-1] and width_of(longer.rstrip(), size, is_bold=is_bold) > width:
            lines.append(unit.lstrip())
        else:
            lines[-1] = longer
    return [line.strip() for line in lines if line.strip()]


def _broken(units: Iterable[str], size: float, width: float, *, is_bold: bool) -> Iterator[str]:
    """A unit that is wider than a line comes in its characters."""
    for unit in units:
        if width_of(unit.rstrip(), size, is_bold=is_bold) > width:
            yield from unit
        else:
            yield unit


@dataclass(frozen=True, slots=True)
class Block:
    """A text with its size, and the space before it, all in millimetres."""

    text: str
    size_mm: float
    before_mm: float = 0.0
    is_bold: bool = False
    is_soft: bool = False
    lines_max: int = 3


def height_of(blocks: Iterable[Block], width_mm: float, scale: float = 1.0) -> float:
    """How high the blocks are below each other."""
    return sum(
        len(_lines(each, width_mm, scale)) * each.size_mm * scale * LEADING + each.before_mm * scale
        for each in blocks
    )


def set_blocks(
    blocks: Iterable[Block], x_mm: float, y_mm: float, width_mm: float, *,
    scale: float = 1.0, align: Align = Align.START,
) -> Iterator[Mark]:  # fmt: skip
    """The blocks below each other from `y_mm` on."""
    at_mm = x_mm + (width_mm / 2 if align is Align.MIDDLE else 0)
    for block in blocks:
        size = block.size_mm * scale
        y_mm += block.before_mm * scale
        for line in _lines(block, width_mm, scale):
            y_mm += size * LEADING
            base = y_mm - size * (LEADING - 1)
            yield Text(at_mm, base, size, line, block.is_bold, block.is_soft, align)


def _lines(block: Block, width_mm: float, scale: float) -> list[str]:
    lines = lines_of(block.text, block.size_mm * scale, width_mm, is_bold=block.is_bold)
    if len(lines) <= block.lines_max:
        return lines
    kept = lines[: block.lines_max]
    return [*kept[:-1], kept[-1][:-1].rstrip() + ELLIPSIS]


SCALES = (1.0, 0.92, 0.85, 0.78, 0.72, 0.66, 0.6)


def fitting_scale(blocks: Iterable[Block], width_mm: float, height_mm: float) -> float:
    """By how much the blocks are made smaller so that they fit; at most to the last of `SCALES`."""
    kept = list(blocks)
    fits = (each for each in SCALES if height_of(kept, width_mm, each) <= height_mm)
    return next(fits, SCALES[-1])
