"""Fonts for pictures: a picture holds pixels, so somebody must draw its letters here.

Latin letters are those of every sheet. All others are drawn with a Chinese font of this machine,
looked for where systems keep them; without one they show as boxes, and SVG or PDF is the form to
print.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from PIL import ImageFont

from api.sheets.faces import FILES, NARROWED, has_glyph

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont
FOLDERS: Final = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts",
    "/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
REGULAR: Final = (
    "NotoSansCJK-Regular*", "NotoSansSC-Regular*", "NotoSansSC*", "SourceHanSans*Regular*",
    "wqy-*", "DroidSansFallback*", "PingFang*", "msyh.tt*", "NotoSerifCJK-Regular*",
)  # fmt: skip
BOLD: Final = ("NotoSansCJK-Bold*", "NotoSansSC-Bold*", "SourceHanSans*Bold*", "msyhbd.tt*")
FACES: Final = {"NotoSansCJK": 2, "NotoSerifCJK": 2}
"""Which face of a collection is the simplified Chinese one."""
FONTS_KEPT_MAX: Final = 64


@lru_cache(maxsize=FONTS_KEPT_MAX)
def latin(size_px: int, *, is_bold: bool) -> Font:
    """The Latin font of sheets."""
    return ImageFont.truetype(FILES[is_bold], size_px * NARROWED[is_bold])


@lru_cache(maxsize=FONTS_KEPT_MAX)
def chinese(size_px: int, *, is_bold: bool) -> Font:
    """A Chinese font of this machine, or what there is."""
    path = _path(is_bold=is_bold)
    if path is None:
        return latin(size_px, is_bold=is_bold)
    face = next((at for name, at in FACES.items() if path.name.startswith(name)), 0)
    return ImageFont.truetype(path, size_px, index=face)


def runs_of(text: str, size_px: int, *, is_bold: bool) -> Iterator[tuple[str, Font]]:
    """Pieces of a line, each with a font that has its characters."""
    for simple, run in groupby(text, key=has_glyph):
        font = latin(size_px, is_bold=is_bold) if simple else chinese(size_px, is_bold=is_bold)
        yield "".join(run), font


@lru_cache(maxsize=2)
def _path(*, is_bold: bool) -> Path | None:
    names = (*BOLD, *REGULAR) if is_bold else REGULAR
    found = (
        path
        for name in names
        for folder in FOLDERS
        for path in sorted(Path(folder).expanduser().rglob(name))
        if path.suffix.lower() in {".ttf", ".ttc", ".otf"}
    )
    return next(found, None)
