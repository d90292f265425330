"""Where everything stands on a sheet: a poster for a wall or a counter, labels for slips. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.sheets.drawing import Align, Code, Drawing, Mark, Rule
from api.sheets.matrix import Bearer, Matrix, matrix_of
from api.sheets.notice import Notice, Said
from api.sheets.typeset import Block, fitting_scale, height_of, set_blocks, width_of


class Size(StrEnum):
    """Paper: posters, and labels of usual sheets (99.1 × 67.7 mm, 8 of A4; 63.5 × 38.1 mm, 21)."""

    A4 = "A4"
    A5 = "A5"
    LABEL = "LABEL"
    SMALL_LABEL = "SMALL_LABEL"


@dataclass(frozen=True, slots=True)
class Grid:
    """How labels lie on a sheet of A4 that is sold as such; all in millimetres."""

    columns: int
    rows: int
    left_mm: float
    top_mm: float
    column_mm: float
    row_mm: float

    @property
    def count(self) -> int:
        """Labels of a sheet."""
        return self.columns * self.rows


A4_MM: Final = (210.0, 297.0)
DIMENSIONS_MM: Final = {
    Size.A4: A4_MM,
    Size.A5: (148.0, 210.0),
    Size.LABEL: (99.1, 67.7),
    Size.SMALL_LABEL: (63.5, 38.1),
}
GRIDS: Final = {
    Size.LABEL: Grid(2, 4, 4.7, 13.1, 101.6, 67.7),
    Size.SMALL_LABEL: Grid(3, 7, 7.2, 15.15, 66.0, 38.1),
}
"""L7165 and L7160, as their makers draw them."""
MARGIN, CODE_SIDE, CODE_AT = 16.0, 128.0, 88.0
"""Of a poster, as on A4; smaller paper has the same in proportion."""
LABEL_MARGIN = 0.04
"""Of a label's height."""
LINK_MM, LINK_MM_MIN = 2.4, 1.3
WORDY_WIDTH_MM = 80.0


def draw(notice: Notice, size: Size) -> Drawing:
    """The sheet or label of one code."""
    width, height = DIMENSIONS_MM[size]
    is_label = size in GRIDS
    matrix = matrix_of(notice.link, Bearer.LABEL if is_label else Bearer.POSTER)
    marks = _label(notice, matrix, width, height) if is_label else _poster(notice, matrix, width)
    title = " · ".join(filter(None, (notice.title[0], notice.place, notice.label)))
    return Drawing(width, height, title, notice.language, tuple(marks))


def _poster(notice: Notice, matrix: Matrix, width_mm: float) -> Iterator[Mark]:
    unit = width_mm / A4_MM[0]
    left, inner = MARGIN * unit, width_mm - 2 * MARGIN * unit
    side, code_at = CODE_SIDE * unit, CODE_AT * unit
    head = _sized(_head(notice), unit)
    room = code_at - MARGIN * unit
    spare = max(0.0, room - height_of(head, inner))
    yield from _fitted(head, left, MARGIN * unit + spare / 2, inner, room, is_middle=True)
    yield Code((width_mm - side) / 2, code_at, side, matrix)
    foot_at = code_at + side
    yield from set_blocks(
        _sized([Block(notice.link, 3.1, is_soft=True, lines_max=2)], unit),
        left, foot_at, inner, align=Align.MIDDLE,
    )  # fmt: skip
    steps_at, notes_at, end = foot_at + 9 * unit, 258 * unit, 288 * unit
    half = inner / 2 - 4 * unit
    for at, x in ((0, left), (1, left + inner - half)):
        steps = _sized([*_steps(notice, at)], unit)
        yield from _fitted(steps, x, steps_at, half, notes_at - 2 * unit - steps_at)
    yield Rule(left, notes_at, inner)
    yield from _fitted(
        _sized(_foot(notice), unit), left, notes_at + unit, inner, end - notes_at, is_middle=True
    )


def _head(notice: Notice) -> list[Block]:
    first, second = notice.title
    blocks = [Block(first, 13, is_bold=True, lines_max=2), Block(second, 9, 1.5, lines_max=2)]
    if notice.gives is None:
        return [*blocks, Block(notice.place, 11, 5, is_bold=True)]
    return [
        *blocks,
        Block(notice.gives[0], 11, 5, is_bold=True),
        Block(notice.gives[1], 8, 1.5, is_bold=True),
    ]


def _steps(notice: Notice, at: int) -> Iterator[Block]:
    for number, step in enumerate(notice.steps, 1):
        yield Block(f"{number}. {step[at]}", 4.6, 0.6)
    yield Block(notice.enrol[at], 3.3, 1.2, is_soft=True)


def _foot(notice: Notice) -> list[Block]:
    issuer = " · ".join(notice.issuer or ())
    place = notice.place if notice.gives is not None else ""
    where = " · ".join(filter(None, (place, notice.address)))
    notes = [Block(" · ".join(each), 3.6, is_soft=True, lines_max=2) for each in notice.notes]
    return [
        *(Block(text, 4.6, is_bold=True, lines_max=2) for text in (where,) if text),
        *(Block(text, 4.0, lines_max=2) for text in (issuer,) if text),
        *notes,
        *(Block(text, 3.2, 0.5, is_soft=True, lines_max=1) for text in (notice.label,) if text),
    ]


def _label(notice: Notice, matrix: Matrix, width: float, height: float) -> Iterator[Mark]:
    """The code on the left, words on the right; the address below the code."""
    margin = LABEL_MARGIN * height
    link = notice.link.partition("://")[2]
    side = height - 2 * margin
    size = min(LINK_MM, LINK_MM * side / width_of(link, LINK_MM))
    below = Block(link, max(size, LINK_MM_MIN), lines_max=2, is_soft=True)
    side -= height_of([below], side)
    yield Code(margin, margin, side, matrix)
    yield from set_blocks([below], margin, margin + side, height - 2 * margin)
    left = margin + side + margin / 2
    words = [*(_words if width > WORDY_WIDTH_MM else _few_words)(notice)]
    yield from _fitted(words, left, 2 * margin, width - left - 1.5 * margin, height - 4 * margin)


def _words(notice: Notice) -> Iterator[Block]:
    first, second = notice.gives or notice.title
    yield Block(first, 6.2, is_bold=True)
    yield Block(second, 4.8, 1, is_bold=True)
    yield Block(notice.place, 3.6, 2, lines_max=2)
    if notice.issuer is not None:
        yield Block(notice.issuer[0], 3.0, lines_max=2)
    for note in notice.notes:
        yield from _pair(note, 2.6)
    yield from _pair(notice.steps[1], 2.6, 1)
    if notice.label:
        yield Block(notice.label, 2.4, 1, is_soft=True, lines_max=1)


def _few_words(notice: Notice) -> Iterator[Block]:
    """What there is room for in a size that can be read."""
    first, second = notice.gives or notice.title
    yield Block(first, 4.2, is_bold=True)
    yield Block(second, 3.6, 0.5, is_bold=True)
    yield Block(notice.place, 2.5, 1, lines_max=2)
    if notice.issuer is not None:
        yield Block(notice.issuer[0], 2.3, lines_max=2)
    for note in notice.notes[:1]:
        yield from _pair(note, 2.0, 0.5)
    if notice.label:
        yield Block(notice.label, 2.0, 0.5, is_soft=True, lines_max=1)


def _pair(said: Said, size: float, before: float = 0.0) -> Iterator[Block]:
    yield Block(said[0], size, before, is_soft=True, lines_max=2)
    yield Block(said[1], size, is_soft=True, lines_max=2)


def _sized(blocks: list[Block], unit: float) -> list[Block]:
    return [
        Block(each.text, each.size_mm * unit, each.before_mm * unit, each.is_bold, each.is_soft,
              each.lines_max)
        for each in blocks
    ]  # fmt: skip


def _fitted(
    blocks: list[Block], x: float, y: float, width: float, height: float, *, is_middle: bool = False
) -> Iterator[Mark]:
    """The blocks, made smaller where they are higher than there is room."""
    scale = fitting_scale(blocks, width, height)
    align = Align.MIDDLE if is_middle else Align.START
    yield from set_blocks(blocks, x, y, width, scale=scale, align=align)
