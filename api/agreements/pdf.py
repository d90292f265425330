"""A sheet as PDF. Nothing is read from this machine, so the same sheet gives the same bytes.

Latin text uses the fonts that every reader has built in; everything else Adobe's Song, which
readers replace by a Chinese font of their own. No font is embedded (ADR 35).
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from api.agreements.sheet import Columns, Part, Row, Sheet

LATIN, LATIN_BOLD, SONG = "Helvetica", "Helvetica-Bold", "STSong-Light"
MARGIN = 20 * mm
LABEL_WIDTH = 45 * mm
HEADED_HEIGHT = 30 * mm
"""A heading begins a new page rather than stand alone at the foot of one."""
INK, SOFT, LINE = HexColor("#16202c"), HexColor("#55637a"), HexColor("#c8d0db")
PLANE_END = 0x10000
"""Song has no characters beyond Unicode's first plane; they show as a box that is no secret."""


def pdf_of(sheet: Sheet, *, is_compressed: bool = True) -> bytes:
    """The sheet on pages of A4."""
    _fonts()
    written = BytesIO()
    document = BaseDocTemplate(
        written,
        pagesize=A4,
        title=f"{sheet.title} {sheet.subtitle}",
        author="Berth",
        lang=sheet.language,
        invariant=1,
        pageCompression=int(is_compressed),
    )
    width, height = A4
    frame = Frame(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN, 0, 0, 0, 0)
    template = PageTemplate("page", [frame], onPage=lambda canvas, _: _foot(canvas, sheet.foot))
    document.addPageTemplates([template])
    document.build(list(_flow(sheet, frame.width)))
    return written.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> None:
    registerFont(UnicodeCIDFont(SONG))


def _style(size: float, colour: Any = INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        f"s{size}", fontName=LATIN, fontSize=size, leading=size * 1.4, textColor=colour, **more
    )


TITLE = _style(20, spaceAfter=2 * mm)
SUBTITLE = _style(11, SOFT, spaceAfter=6 * mm)
HEADING = _style(12.5, spaceBefore=5 * mm, spaceAfter=2 * mm)
TEXT = _style(10)
LABEL = _style(10, SOFT)
NUMBER = _style(10, alignment=2)
SENTENCE = _style(10, spaceAfter=1.5 * mm)


def _flow(sheet: Sheet, width: float) -> Iterator[Flowable]:
    yield _text(sheet.title, TITLE, is_bold=True)
    yield _text(sheet.subtitle, SUBTITLE)
    for part in sheet.parts:
        yield from _part(part, width)


def _part(part: Part, width: float) -> Iterator[Flowable]:
    yield CondPageBreak(HEADED_HEIGHT)
    yield _text(part.title, HEADING, is_bold=True)
    if part.rows:
        yield _rows(part.rows, width)
    if part.columns is not None:
        yield _columns(part.columns, width)
    if part.sentences:
        yield Spacer(1, 1.5 * mm)
        yield from (_text(sentence, SENTENCE) for sentence in part.sentences)


def _rows(rows: tuple[Row, ...], width: float) -> Flowable:
    cells = [[_text(row.label, LABEL), _text(row.value, TEXT)] for row in rows]
    return Table(cells, colWidths=[LABEL_WIDTH, width - LABEL_WIDTH], style=_lines())


def _columns(columns: Columns, width: float) -> Flowable:
    count = len(columns.head)
    styles = [TEXT] * (count - columns.numbers) + [NUMBER] * columns.numbers
    rows = [columns.head, *columns.rows, *([columns.total] if columns.total else [])]
    strong = {0, len(rows) - 1 if columns.total else 0}
    cells = [
        [_text(cell, style, is_bold=at in strong) for cell, style in zip(row, styles, strict=True)]
        for at, row in enumerate(rows)
    ]
    narrow = width * 0.16
    wide = (width - narrow * columns.numbers) / (count - columns.numbers)
    widths = [wide] * (count - columns.numbers) + [narrow] * columns.numbers
    return Table(cells, colWidths=widths, repeatRows=1, style=_lines())


def _lines() -> TableStyle:
    return TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ]
    )


def _text(text: str, style: ParagraphStyle, *, is_bold: bool = False) -> Paragraph:
    return Paragraph(_marked(text, LATIN_BOLD if is_bold else LATIN), style)


def _marked(text: str, latin: str) -> str:
    """Runs of the text, each in a font that has its characters."""
    runs = groupby((_drawable(each) for each in text), key=_is_latin)
    marked = (
        f'<font name="{latin if is_latin else SONG}">{escape("".join(run))}</font>'
        for is_latin, run in runs
    )
    return "".join(marked)


def _drawable(character: str) -> str:
    return character if ord(character) < PLANE_END else "\N{WHITE SQUARE}"


def _is_latin(character: str) -> bool:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _foot(canvas: Any, text: str) -> None:
    canvas.saveState()
    foot = _text(f"{text} · {canvas.getPageNumber()}", _style(8, SOFT))
    width, height = foot.wrap(A4[0] - 2 * MARGIN, MARGIN)
    foot.drawOn(canvas, (A4[0] - width) / 2, MARGIN / 2 - height / 2)
    canvas.restoreState()
