"""Codes as they are printed, and the decoder that reads them from a picture."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import zxingcpp
from PIL import Image

from api.sheets.drawing import Code, Drawing
from api.sheets.layout import Size, draw
from api.sheets.notice import Facts, notice_of

BASE = "https://parking.example.com"
PATH = "/g/abcdefghijklmnopqrstuvwxyz"
GIFT = {
    "kind": "MINUTES", "value": 120, "currency": "EUR",
    "worthMax": {"amountMinor": 800, "currency": "EUR"},
}  # fmt: skip
FACTS = Facts(
    path=PATH, place="Harbour garage", address="Quay 5, 20457 Hamburg", label="Till 3 · 000127",
    issuer="老盛昌 Bakery & Café", gift=GIFT,
    valid_until=datetime(2026, 12, 31, 17, tzinfo=UTC), zone="Europe/Berlin",
    is_for_one=True, needs_reference=True, needs_position=True,
)  # fmt: skip
EXIT = Facts(
    "/x/abcdefghijklmnopqrstuvwxyz", "人民广场地下停车场", "上海市黄浦区人民大道200号", is_exit=True
)


def drawn(size: Size, facts: Facts = FACTS, language: str = "en") -> Drawing:
    """A sheet."""
    return draw(notice_of(facts, BASE, language), size)


def numbered(count: int, size: Size) -> list[Drawing]:
    """So many sheets of different codes."""
    every = (replace(FACTS, path=f"/g/{n:026}", label=f"No. {n}") for n in range(count))
    return [drawn(size, facts) for facts in every]


def code_of(drawing: Drawing) -> Code:
    """The one code on a sheet."""
    [code] = [mark for mark in drawing.marks if isinstance(mark, Code)]
    return code


def read(picture: Image.Image) -> list[str]:
    """What a decoder reads from a picture, sorted."""
    return sorted(found.text for found in zxingcpp.read_barcodes(picture.convert("L")))


def picture(file: bytes) -> Image.Image:
    """The picture in a file."""
    return Image.open(BytesIO(file))
