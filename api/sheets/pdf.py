"""Drawings as PDF, one on a page or many on sheets of labels. Codes are vectors; the Latin font is
embedded, the Chinese one the reader's (ADR 35), and the same drawings give the same bytes."""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any

from reportlab.lib.colors import HexColor, black
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from api.sheets.drawing import Align, Code, Drawing, Mark, Rule, Text
from api.sheets.faces import FACES, NARROWED, has_glyph
from api.sheets.layout import A4_MM, GRIDS, Grid, Size
from api.sheets.typeset import width_of

SONG = "STSong-Light"
SOFT, LINE = HexColor("#444444"), HexColor("#999999")
LINE_MM = 0.2
FILL, FILL_AND_STROKE = 0, 2
"""Modes of drawing letters (ISO 32000-1, table 106)."""
BOLD_STROKE = 0.025
"""Song has no bold letters; an outline of this part of their size makes some."""
PLANE_END = 0x10000
"""Song has no characters beyond Unicode's first plane; they show as a box."""


def pdf_of(drawings: Iterable[Drawing], size: Size, *, is_compressed: bool = True) -> bytes:
    """All drawings, which are of this size: posters a page each, labels on sheets of A4."""
    _fonts()
    written = BytesIO()
    grid = GRIDS.get(size)
    canvas = Canvas(written, invariant=1, pageCompression=int(is_compressed))
    canvas.setAuthor("Berth")
    for number, drawing in enumerate(drawings):
        if number == 0:
            canvas.setTitle(drawing.title)
            canvas.setCatalogEntry("Lang", drawing.language)
        elif grid is None or number % grid.count == 0:
            canvas.showPage()
        _place(canvas, drawing, grid, number)
    canvas.save()
    return written.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> None:
    for font in (*FACES.values(), UnicodeCIDFont(SONG)):
        registerFont(font)


def _place(canvas: Canvas, drawing: Drawing, grid: Grid | None, number: int) -> None:
    width, height = (drawing.width_mm, drawing.height_mm) if grid is None else A4_MM
    canvas.setPageSize((width * mm, height * mm))
    x, y = (0.0, 0.0) if grid is None else _corner(grid, number % grid.count)
    for mark in drawing.marks:
        _draw(canvas, mark, x, height - y)


def _corner(grid: Grid, at: int) -> tuple[float, float]:
    row, column = divmod(at, grid.columns)
    return grid.left_mm + column * grid.column_mm, grid.top_mm + row * grid.row_mm


def _draw(canvas: Canvas, mark: Mark, left_mm: float, top_mm: float) -> None:
    """PDF counts from the lower edge up."""
    x, y = (left_mm + mark.x_mm) * mm, (top_mm - mark.y_mm) * mm
    match mark:
        case Text():
            _text(canvas, mark, x, y)
        case Code():
            _code(canvas, mark, x, y)
        case Rule():
            canvas.setFillColor(LINE)
            canvas.rect(x, y - LINE_MM * mm, mark.width_mm * mm, LINE_MM * mm, stroke=0, fill=1)


def _text(canvas: Canvas, mark: Text, x: float, y: float) -> None:
    size = mark.size_mm * mm
    if mark.align is Align.MIDDLE:
        x -= width_of(mark.text, size, is_bold=mark.is_bold) / 2
    colour = SOFT if mark.is_soft else black
    told: Any = canvas.beginText(x, y)
    told.setFillColor(colour)
    told.setStrokeColor(colour)
    canvas.setLineWidth(size * BOLD_STROKE)
    for latin, run in groupby(map(_drawable, mark.text), key=has_glyph):
        name = FACES[mark.is_bold].fontName if latin else SONG
        told.setFont(name, size * NARROWED[mark.is_bold] if latin else size)
        told.setTextRenderMode(FILL_AND_STROKE if mark.is_bold and not latin else FILL)
        told.textOut("".join(run))
    told.setTextRenderMode(FILL)
    canvas.drawText(told)


def _code(canvas: Canvas, mark: Code, x: float, y: float) -> None:
    module = mark.side_mm * mm / mark.matrix.side_modules
    path = canvas.beginPath()
    for column, row, count in mark.matrix.runs:
        path.rect(x + column * module, y - (row + 1) * module, count * module, module)
    canvas.setFillColor(black)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


def _drawable(character: str) -> str:
    return character if ord(character) < PLANE_END else "\N{WHITE SQUARE}"
