"""What is printed is read: whole, small, turned, blurred, and with a part of it gone."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from api.sheets.layout import Size
from api.sheets.png import MM_PER_INCH, png_of
from tests.api.sheets.printed import BASE, EXIT, PATH, code_of, drawn, picture, read

LINK = BASE + PATH
SMALL = (Size.A5, Size.LABEL, Size.SMALL_LABEL)
"""A4 is A5 made larger."""
DAMAGED_SHARE = 0.22
"""Of a code's side: as large as a logo that somebody pastes upon it."""


def printed(size: Size, dpi: int = 300) -> Image.Image:
    return picture(png_of(drawn(size), dpi)).convert("L")


@pytest.mark.parametrize("size", list(Size))
def test_every_size_is_read(size: Size) -> None:
    shown = printed(size)
    assert read(shown) == [LINK]
    assert read(picture(png_of(drawn(size, EXIT, "zh")))) == [BASE + EXIT.path]
    drawing, dots = drawn(size), 300 / MM_PER_INCH
    assert shown.size == (round(drawing.width_mm * dots), round(drawing.height_mm * dots))
    assert [round(each) for each in shown.info["dpi"]] == [300, 300]


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("degrees", [7, 200])
def test_turned_and_blurred_it_is_read(size: Size, degrees: int) -> None:
    turned = printed(size).rotate(degrees, expand=True, fillcolor=190, resample=Image.BICUBIC)
    assert read(turned.filter(ImageFilter.GaussianBlur(2))) == [LINK]


@pytest.mark.parametrize("size", SMALL)
def test_from_far_away_it_is_read(size: Size) -> None:
    """Three dots of a camera on a module are few."""
    drawing = drawn(size)
    module_mm = code_of(drawing).side_mm / code_of(drawing).matrix.side_modules
    dots = 3 / module_mm
    small = printed(size).resize(
        (round(drawing.width_mm * dots), round(drawing.height_mm * dots)), Image.LANCZOS
    )
    assert read(small) == [LINK]


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("fill", [0, 128, 255])
def test_with_a_logo_on_it_it_is_read(size: Size, fill: int) -> None:
    shown, code = printed(size), code_of(drawn(size))
    dots = 300 / MM_PER_INCH
    middle = [(at + code.side_mm / 2) * dots for at in (code.x_mm, code.y_mm)]
    half = code.side_mm * DAMAGED_SHARE / 2 * dots
    box = (*(at - half for at in middle), *(at + half for at in middle))
    ImageDraw.Draw(shown).rectangle(box, fill=fill)
    assert read(shown) == [LINK]


def test_with_half_of_it_gone_it_is_not_read() -> None:
    """The control: the decoder does read the picture, not something else."""
    shown, code = printed(Size.A5), code_of(drawn(Size.A5))
    dots = 300 / MM_PER_INCH
    box = (code.x_mm * dots, (code.y_mm + code.side_mm / 2) * dots, shown.width, shown.height)
    ImageDraw.Draw(shown).rectangle(box, fill=255)
    assert read(shown) == []


def test_more_dots_are_more_of_the_same() -> None:
    coarse, fine = (code_of(drawn(Size.SMALL_LABEL)) for _ in range(2))
    assert coarse == fine
    assert printed(Size.SMALL_LABEL, 600).size == (1500, 900)
    assert read(printed(Size.SMALL_LABEL, 600)) == [LINK]
