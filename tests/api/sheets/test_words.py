"""What a sheet says for each kind of right, and how files hold it."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from api.sheets.layout import GRIDS, Size
from api.sheets.notice import notice_of
from api.sheets.pdf import pdf_of
from api.sheets.svg import svg_of
from api.sheets.words import TEXTS
from tests.api.agreements.test_agreement import drawn_text
from tests.api.sheets.printed import BASE, EXIT, FACTS, GIFT, drawn, numbered

SVG = "{http://www.w3.org/2000/svg}"


def test_nothing_is_said_in_one_language_only() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("MINUTES", 90, ("1 h 30 min of parking free", "免费停车 1 小时 30 分钟")),
        ("AMOUNT", 250, ("€2.50 off parking", "停车费减免 €2.50")),
        ("PERCENT", 50, ("50 % off parking", "停车费减免 50 %")),
        ("FREE", 0, ("Free parking", "免费停车")),
        ("ACCESS", 0, ("Entry and parking free", "免费进场停车")),
    ],
)
def test_each_kind_is_said_in_both_languages(kind: str, value: int, said: tuple[str, str]) -> None:
    facts = replace(FACTS, gift={**GIFT, "kind": kind, "value": value})
    assert notice_of(facts, BASE, "en").gives == said
    notices = [first for first, _ in notice_of(facts, BASE, "en").notes]
    assert ("Worth up to €8.00" in notices) == (kind != "AMOUNT")


def test_what_to_know_is_said() -> None:
    notes = [first for first, _ in notice_of(FACTS, BASE, "en").notes]
    assert notes == [
        "Valid until Thu 31 Dec 2026 18:00", "Worth up to €8.00", "For one vehicle",
        "Have your receipt number ready", "Only here: your phone is asked where it is",
    ]  # fmt: skip
    assert notice_of(EXIT, BASE, "en").notes == ()


def test_svg_is_in_its_size_and_shows_markup_as_text() -> None:
    facts = replace(FACTS, place='<b>"A" & B</b>\x0b')
    root = ET.fromstring(svg_of(drawn(Size.A5, facts)))
    assert (root.get("width"), root.get("height")) == ("148mm", "210mm")
    told = [element.text for element in root.iter(f"{SVG}text")]
    assert any('<b>"A" & B</b>' in (text or "") for text in told)
    assert len([*root.iter(f"{SVG}path")]) == 1


def test_the_pdf_is_the_same_for_the_same_sheet_and_says_all() -> None:
    written = pdf_of([drawn(Size.A4)], Size.A4, is_compressed=False)
    assert written == pdf_of([drawn(Size.A4)], Size.A4, is_compressed=False)
    told = drawn_text(written)
    assert b"2 h of parking free" in told
    assert "老盛昌".encode("utf-16-be") in told


@pytest.mark.parametrize(("size", "pages"), [(Size.LABEL, 3), (Size.SMALL_LABEL, 1), (Size.A5, 17)])
def test_many_codes_fill_sheets(size: Size, pages: int) -> None:
    written = pdf_of(numbered(17, size), size, is_compressed=False)
    assert written.count(b"/Type /Page\n") == pages
    assert (size in GRIDS) == (b"/MediaBox [ 0 0 595" in written)
    for n in (0, 16):
        assert f"No. {n}".encode() in drawn_text(written)
