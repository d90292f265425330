"""Where words and codes stand: on the paper, not on each other, never in the quiet zone."""

from dataclasses import replace

import pytest

from api.sheets.drawing import Align, Drawing, Text
from api.sheets.layout import A4_MM, DIMENSIONS_MM, GRIDS, Size
from api.sheets.matrix import QUIET_MODULES, Bearer, matrix_of
from api.sheets.notice import Facts
from api.sheets.typeset import lines_of, width_of
from parking.errors import InvalidInput
from tests.api.sheets.printed import BASE, EXIT, FACTS, PATH, code_of, drawn

LONG = "Aktiengesellschaft für Parkraumbewirtschaftung " * 4
CHINESE = "上海市黄浦区人民广场地下停车场管理有限公司" * 4
UNBROKEN = "x" * 90
FULL = [
    (FACTS, "en"), (FACTS, "zh"), (EXIT, "zh"), (EXIT, "en"),
    (replace(FACTS, place=LONG, issuer=CHINESE, address=LONG, label=UNBROKEN), "en"),
    (replace(FACTS, place=CHINESE, issuer=LONG, address=CHINESE), "zh"),
    (replace(EXIT, place=UNBROKEN), "en"),
]  # fmt: skip


def box(mark: Text) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    width = width_of(mark.text, mark.size_mm, is_bold=mark.is_bold)
    left = mark.x_mm - (width / 2 if mark.align is Align.MIDDLE else 0)
    return left, mark.y_mm - 0.8 * mark.size_mm, left + width, mark.y_mm + 0.2 * mark.size_mm


def texts(drawing: Drawing) -> list[Text]:
    return [mark for mark in drawing.marks if isinstance(mark, Text)]


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize(("facts", "language"), FULL)
def test_all_words_are_on_the_paper_and_off_the_code(
    size: Size, facts: Facts, language: str
) -> None:
    drawing = drawn(size, facts, language)
    code = code_of(drawing)
    for mark in texts(drawing):
        left, top, right, bottom = box(mark)
        assert min(left, top) >= 0, mark
        assert right <= drawing.width_mm, mark
        assert bottom <= drawing.height_mm, mark
        beside = right <= code.x_mm or left >= code.x_mm + code.side_mm
        above_or_below = bottom <= code.y_mm or top >= code.y_mm + code.side_mm
        assert beside or above_or_below, mark


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize(("facts", "language"), FULL)
def test_no_words_lie_on_each_other(size: Size, facts: Facts, language: str) -> None:
    boxes = [box(mark) for mark in texts(drawn(size, facts, language))]
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other_left, other_top, other_right, other_bottom in boxes[n + 1 :]:
            across = left < other_right and other_left < right
            along = top < other_bottom - 0.01 and other_top < bottom - 0.01
            assert not (across and along), (boxes[n], other_left, other_top)


@pytest.mark.parametrize("size", list(Size))
def test_a_sheet_says_all_in_both_languages(size: Size) -> None:
    told = " ".join(mark.text for mark in texts(drawn(size)))
    assert "2 h of parking" in told
    assert "免费停车 2 小时" in told
    assert "Harbour garage" in told
    assert "Valid until" in told
    assert "有效期至" in told


def test_labels_lie_on_their_sheet() -> None:
    for size, grid in GRIDS.items():
        width, height = DIMENSIONS_MM[size]
        assert grid.left_mm + (grid.columns - 1) * grid.column_mm + width <= A4_MM[0]
        assert grid.top_mm + (grid.rows - 1) * grid.row_mm + height <= A4_MM[1]
        assert grid.column_mm >= width
        assert grid.row_mm >= height
    assert [grid.count for grid in GRIDS.values()] == [8, 21]


def test_runs_are_the_modules_and_leave_the_quiet_zone() -> None:
    matrix = matrix_of(BASE + PATH, Bearer.POSTER)
    dark = {(x, y) for column, y, count in matrix.runs for x in range(column, column + count)}
    wanted = {
        (x + QUIET_MODULES, y + QUIET_MODULES)
        for y, row in enumerate(matrix.rows)
        for x, is_dark in enumerate(row)
        if is_dark
    }
    assert dark == wanted
    inner = range(QUIET_MODULES, matrix.side_modules - QUIET_MODULES)
    assert all(x in inner and y in inner for x, y in dark)


def test_what_is_no_link_is_refused() -> None:
    with pytest.raises(InvalidInput):
        matrix_of("x" * 301, Bearer.LABEL)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("人民广场地下停车场。", ["人民广场地", "下停车场。"]),
        ("停车场。完", ["停车场。完"]),
        ("", []),
        ("wwwwwwwwwwwwwwww", ["wwwwwww", "wwwwwww", "ww"]),
    ],
)
def test_lines_break_where_they_may(text: str, lines: list[str]) -> None:
    assert lines_of(text, 10, 53) == lines


def test_no_line_begins_with_a_full_stop() -> None:
    for width in range(20, 90, 5):
        assert not any(line[0] in "。，" for line in lines_of("停车场，人民广场。" * 3, 10, width))
