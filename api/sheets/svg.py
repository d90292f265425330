"""A drawing as SVG: vectors and text, for any size and any program that prints."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from api.sheets.drawing import Align, Code, Drawing, Mark, Rule, Text

FONTS = (
    "Helvetica, Arial, 'Liberation Sans', 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC',"
    " 'Microsoft YaHei', sans-serif"
)
INK, SOFT, LINE = "#000", "#444", "#999"
LANGUAGES = {"en": "en", "zh": "zh-Hans"}


def svg_of(drawing: Drawing) -> bytes:
    """The document, in its size on paper. White behind everything: a code on dark is not read."""
    width, height = _number(drawing.width_mm), _number(drawing.height_mm)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"',
        f' viewBox="0 0 {width} {height}" role="img" xml:lang="{LANGUAGES[drawing.language]}"',
        f" font-family={quoteattr(FONTS)}>",
        f"<title>{_told(drawing.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *(piece for mark in drawing.marks for piece in _mark(mark)),
        "</svg>\n",
    ]
    return "".join(parts).encode()


def _mark(mark: Mark) -> Iterator[str]:
    match mark:
        case Text():
            yield _text(mark)
        case Code():
            yield _code(mark)
        case Rule():
            yield (
                f'<rect x="{_number(mark.x_mm)}" y="{_number(mark.y_mm)}"'
                f' width="{_number(mark.width_mm)}" height="0.2" fill="{LINE}"/>'
            )


def _text(mark: Text) -> str:
    anchor = ' text-anchor="middle"' if mark.align is Align.MIDDLE else ""
    weight = ' font-weight="bold"' if mark.is_bold else ""
    fill = SOFT if mark.is_soft else INK
    return (
        f'<text x="{_number(mark.x_mm)}" y="{_number(mark.y_mm)}"'
        f' font-size="{_number(mark.size_mm)}" fill="{fill}"{anchor}{weight}>'
        f"{_told(mark.text)}</text>"
    )


def _code(mark: Code) -> str:
    """One path in units of a module, so that all edges meet exactly."""
    scale = mark.side_mm / mark.matrix.side_modules
    path = "".join(f"M{x} {y}h{count}v1h-{count}z" for x, y, count in mark.matrix.runs)
    at = f"translate({_number(mark.x_mm)} {_number(mark.y_mm)}) scale({scale:.6f})"
    return f'<path transform="{at}" fill="#000" shape-rendering="crispEdges" d="{path}"/>'


def _told(text: str) -> str:
    """What XML can hold of a text: markup as text, no control characters (XML 1.0, 2.2)."""
    return escape("".join(each for each in text if each.isprintable()))


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
