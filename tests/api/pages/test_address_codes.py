"""An address as a QR: for who has signed in, of pages of this Berth alone, and kept by nobody."""

from io import BytesIO

import httpx
import pytest
import zxingcpp
from PIL import Image
from starlette.applications import Starlette

from api.pages.address_codes import ADDRESS, AddressCodes
from parking.access.qr import qr_png, qr_svg
from parking.accounts.viewer import Viewer
from parking.locations.tokens import made_token
from tests.support.bearing import bearers_of, bearing
from tests.support.estate import OPENED

TOKEN = made_token(b"a key of this test", "link", 1, OPENED)
PUBLIC = "https://berth.example"


async def asked(body: str, headers: dict[str, str], public: str | None = PUBLIC) -> httpx.Response:
    door = AddressCodes(bearers_of({"dora": Viewer(person_id=1)}), public)
    transport = httpx.ASGITransport(Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://near") as client:
        return await client.post("/positions/code", content=body, headers=headers)


@pytest.mark.parametrize("page", ["p", "i", "f"])
async def test_it_draws_the_whole_address(page: str) -> None:
    answer = await asked(f"/{page}/{TOKEN}", bearing("dora"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "private, no-store"
    address = f"{PUBLIC}/{page}/{TOKEN}"
    assert answer.text == qr_svg(address)
    [read] = zxingcpp.read_barcodes(Image.open(BytesIO(qr_png(address))))
    assert read.text == address


async def test_without_a_public_address_it_leads_to_where_it_was_asked() -> None:
    answer = await asked(f"/p/{TOKEN}", bearing("dora"), None)
    assert answer.text == qr_svg(f"http://near/p/{TOKEN}")


@pytest.mark.parametrize(
    "body",
    ["", "https://elsewhere.example/", f"/p/{TOKEN}/", f"/x/{TOKEN}", "/p/short", "/p/" + "1" * 28,
     f"//elsewhere/p/{TOKEN}", f"/p/{TOKEN}" + "a" * 100, "é" * 31],
)  # fmt: skip
async def test_nothing_else_is_drawn(body: str) -> None:
    answer = await asked(body, bearing("dora"))
    assert answer.status_code == 422
    assert "image" not in answer.headers["content-type"]


async def test_nobody_else_is_served() -> None:
    for headers in ({}, bearing("nobody")):
        answer = await asked(f"/p/{TOKEN}", headers)
        assert answer.status_code == 401
        assert answer.headers["cache-control"] == "no-store"


def test_each_token_is_one() -> None:
    assert all(ADDRESS.fullmatch(f"/i/{made_token(b'key', 'x', n, OPENED)}") for n in range(100))
