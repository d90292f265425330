"""Sheets as a browser draws them: what is printed from it can be scanned. Each form once as a
poster and once as labels; all sizes are read as pictures in `api/sheets/test_reading.py`."""

from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize

from api.sheets.drawing import Drawing
from api.sheets.layout import Size
from api.sheets.pdf import pdf_of
from api.sheets.svg import svg_of
from tests.api.sheets.printed import BASE, EXIT, PATH, drawn, numbered, picture, read
from tests.browser.conftest import EXPECT_MS

A4_PIXELS: ViewportSize = {"width": 1240, "height": 1754}
"""150 dots an inch: coarser than any printer."""
LABEL_PIXELS: ViewportSize = {"width": 480, "height": 288}
TRIES_MS = 250
PAPERS = [
    ([drawn(Size.A5, EXIT, "zh")], Size.A5, [EXIT.path]),
    (numbered(21, Size.SMALL_LABEL), Size.SMALL_LABEL, [f"/g/{n:026}" for n in range(21)]),
]


async def test_svg_is_read_from_what_a_browser_draws(page: Page, tmp_path: Path) -> None:
    for size, pixels in ((Size.A5, A4_PIXELS), (Size.SMALL_LABEL, LABEL_PIXELS)):
        file = tmp_path / f"{size}.svg"
        file.write_bytes(svg_of(drawn(size)))
        await page.set_viewport_size(pixels)
        await page.goto(file.as_uri())
        assert read(picture(await page.screenshot())) == [BASE + PATH]


@pytest.mark.parametrize(("drawings", "size", "paths"), PAPERS, ids=["poster", "labels"])
async def test_pdf_is_read_from_what_a_browser_draws(
    page: Page, tmp_path: Path, drawings: list[Drawing], size: Size, paths: list[str]
) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(pdf_of(drawings, size))
    await page.set_viewport_size(A4_PIXELS)
    await page.goto(f"{file.as_uri()}#toolbar=0&navpanes=0&view=Fit")
    found: list[str] = []
    for _ in range(EXPECT_MS // TRIES_MS):  # the viewer does not tell when it has drawn
        found = read(picture(await page.screenshot()))
        if len(found) == len(paths):
            break
        await page.wait_for_timeout(TRIES_MS)
    assert found == [BASE + path for path in paths]
