"""The Latin font of sheets: Bitstream Vera, which comes with ReportLab and may be embedded. What a
shop prints must not depend on the fonts that it has."""

from pathlib import Path
from typing import Final

import reportlab
from reportlab.pdfbase.ttfonts import TTFont

_FOLDER: Final = Path(reportlab.__file__).parent / "fonts"
FILES: Final = {False: _FOLDER / "Vera.ttf", True: _FOLDER / "VeraBd.ttf"}
"""By whether it is bold."""
NARROWED: Final = {False: 0.88, True: 0.83}
"""So much smaller Vera is as wide as Helvetica, in which SVG is shown; and pleasant beside
Chinese."""
FACES: Final = {False: TTFont("Vera", FILES[False]), True: TTFont("VeraBd", FILES[True])}


def has_glyph(character: str) -> bool:
    """Whether the font has it; other characters are set in a Chinese font."""
    return ord(character) in FACES[False].face.charToGlyph


def latin_width(text: str, size: float, *, is_bold: bool) -> float:
    """How wide a text is that the font has, in the unit of `size`."""
    return float(FACES[is_bold].stringWidth(text, size * NARROWED[is_bold]))
