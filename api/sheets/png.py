"""A drawing as PNG, for programs and shops that take pictures only; 300 dots an inch or more."""

from io import BytesIO
from threading import Lock
from typing import Final

from PIL import Image, ImageDraw

from api.sheets.drawing import Align, Code, Drawing, Mark, Rule, Text
from api.sheets.fonts import runs_of

DPI_DEFAULT: Final = 300
DPI: Final = (DPI_DEFAULT, 600)
MM_PER_INCH = 25.4
_FONTS: Final = Lock()
"""Fonts are kept, and FreeType lets one thread at a time use a face."""
WHITE, INK, SOFT, LINE = 255, 0, 68, 153


def png_of(drawing: Drawing, dpi: int = DPI_DEFAULT) -> bytes:
    """The picture in grey, with its resolution, so that it prints in its size."""
    dots = dpi / MM_PER_INCH
    size = (round(drawing.width_mm * dots), round(drawing.height_mm * dots))
    image = Image.new("L", size, WHITE)
    canvas = ImageDraw.Draw(image)
    with _FONTS:
        for mark in drawing.marks:
            _draw(canvas, mark, dots)
    written = BytesIO()
    image.save(written, "PNG", dpi=(dpi, dpi))
    return written.getvalue()


def _draw(canvas: ImageDraw.ImageDraw, mark: Mark, dots: float) -> None:
    match mark:
        case Text():
            _text(canvas, mark, dots)
        case Code():
            _code(canvas, mark, dots)
        case Rule():
            x, y = mark.x_mm * dots, mark.y_mm * dots
            canvas.rectangle((x, y, x + mark.width_mm * dots, y + 1), fill=LINE)


def _text(canvas: ImageDraw.ImageDraw, mark: Text, dots: float) -> None:
    size = round(mark.size_mm * dots)
    runs = [*runs_of(mark.text, size, is_bold=mark.is_bold)]
    x = mark.x_mm * dots
    if mark.align is Align.MIDDLE:
        x -= sum(font.getlength(text) for text, font in runs) / 2
    fill = SOFT if mark.is_soft else INK
    for text, font in runs:
        canvas.text((x, mark.y_mm * dots), text, fill, font, anchor="ls")
        x += font.getlength(text)


def _code(canvas: ImageDraw.ImageDraw, mark: Code, dots: float) -> None:
    """Each module is a whole number of dots, so that no edge is grey; what that leaves over is
    added to the quiet zone."""
    side = mark.side_mm * dots
    module = int(side // mark.matrix.side_modules)
    spare = (side - module * mark.matrix.side_modules) / 2
    left, top = round(mark.x_mm * dots + spare), round(mark.y_mm * dots + spare)
    for column, row, count in mark.matrix.runs:
        x, y = left + column * module, top + row * module
        canvas.rectangle((x, y, x + count * module - 1, y + module - 1), fill=INK)
