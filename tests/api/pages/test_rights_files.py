"""Codes on paper and on the counter's screen over HTTP: what is in them, and who gets them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from starlette.applications import Starlette

from api.pages.asking import Asking
from api.pages.counter import CounterPages
from api.pages.rights_files import RightsFiles
from api.sheets.drawing import Code, Drawing
from api.sheets.matrix import Bearer, matrix_of
from api.sheets.svg import svg_of
from parking.accounts.keys import derive_keys
from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.notices.inbox import LogAndInboxChannel
from parking.rights.codes import rotating
from parking.rights.codes.exit_codes import create_exit_code, revoke_exit_code
from parking.rights.codes.manage import revoke_grant_code
from parking.rights.kinds import GrantCodeKind
from parking.rights.limits import ROTATION
from parking.rights.models import ExitCode, GrantCode
from parking.storage.database import connect, disconnect
from schema.context import Services, context_factory
from schema.ids import global_id
from schema.schema import make_schema
from tests.api.sheets.printed import picture, read
from tests.support.bearing import bearers_of, bearing
from tests.support.issuing import Issuing, make_issuing
from tests.support.leasing import somebody

SECRET = "a secret of the tests, long enough"
SCHEMA = make_schema()
KEYS = derive_keys(SECRET)
PUBLIC = "https://parking.example"
SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Site:
    """The files of a tea room's codes."""

    browser: httpx.AsyncClient
    shop: Issuing

    async def get(self, path: str, who: str = "merchant", **asked: Any) -> httpx.Response:
        """A file, as somebody."""
        return await self.browser.get(path, headers=bearing(who), params=asked)

    async def link(self, code_id: int) -> str:
        """What a printed code holds."""
        return f"{PUBLIC}/g/{(await GrantCode.get(id=code_id)).public_id}"


def asking_of(shop: Issuing) -> Asking:
    """The schema, as the pages ask it."""
    clock = shop.clock
    channel, sealer = LogAndInboxChannel(clock), Sealer(SECRET.encode())
    services = Services(clock, shop.bus, KEYS, channel, Standings(clock), sealer)
    return Asking(SCHEMA, context_factory(services))


@pytest.fixture
async def site(sqlite_url: str, clock: TestClock) -> AsyncIterator[Site]:
    """On one database: what the files ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    shop = await make_issuing(clock)
    asking = asking_of(shop)
    other = await somebody("Nobby", {shop.issuer_id + 99: Role.MERCHANT})
    till = Viewer(
        api_key_id=1, roles={shop.issuer_id: frozenset()}, scopes=frozenset({Scope.RIGHTS_READ})
    )
    bearers = bearers_of(shop.people | {"other": other, "till": till})
    routes = [
        *RightsFiles(asking, bearers, PUBLIC).routes(),
        *CounterPages(asking, bearers, clock, PUBLIC).routes(),
    ]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth.test") as browser:
        yield Site(browser, shop)
    await disconnect()


def sheet(key: int, form: str, noun: str = "codes") -> str:
    name = {"codes": "GrantCode", "exits": "ExitCode"}[noun]
    return f"/rights/{noun}/{global_id(name, key)}/sheet.{form}"


async def test_a_grant_code_in_its_three_forms(site: Site) -> None:
    code = await site.shop.code(label="Till 3", uses_max=1, needs_reference=True)
    png = await site.get(sheet(code, "png"), size="LABEL", dpi=300)
    assert read(picture(png.content)) == [await site.link(code)]
    svg = await site.get(sheet(code, "svg"), lang="zh")
    told = " ".join(each.text or "" for each in ET.fromstring(svg.content).iter(f"{SVG}text"))
    for words in ("1 h of parking free", "免费停车 1 小时", "Harbour garage", "Tea room", "Till 3",
                  "For one vehicle", "请备好小票号码"):  # fmt: skip
        assert words in told, words
    pdf = await site.get(sheet(code, "pdf"), size="SMALL_LABEL", copies=21)
    assert pdf.content.startswith(b"%PDF-")
    types = [each.headers["content-type"] for each in (png, svg, pdf)]
    assert types == ["image/png", "image/svg+xml", "application/pdf"]
    public_id = (await GrantCode.get(id=code)).public_id
    name = f'inline; filename="grant-code-{public_id[-4:]}.pdf"'
    assert pdf.headers["content-disposition"] == name
    assert {each.headers["cache-control"] for each in (png, svg, pdf)} == {"no-store"}


async def test_an_exit_code(site: Site) -> None:
    shop = site.shop
    code = await create_exit_code(shop.operator, shop.place_id, "North", clock=shop.clock)
    answer = await site.get(sheet(code, "png", "exits"), "operator", size="A5")
    assert read(picture(answer.content)) == [
        f"{PUBLIC}/x/{(await ExitCode.get(id=code)).public_id}"
    ]
    await revoke_exit_code(shop.operator, code, clock=shop.clock)
    assert (await site.get(sheet(code, "png", "exits"), "operator")).status_code == 409


async def test_a_print_run_is_one_file_in_the_order_asked_for(site: Site) -> None:
    codes = await site.shop.codes(30, label="Slip", uses_max=1)
    ids = [global_id("GrantCode", code) for code in codes]
    answer = await site.browser.post(
        "/rights/sheets.pdf", json={"ids": ids, "size": "LABEL"}, headers=bearing("merchant")
    )
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.count(b"/Type /Page\n") == 4


async def test_where_no_public_url_is_set_it_leads_to_where_one_came_by(site: Site) -> None:
    code = await site.shop.code()
    routes = RightsFiles(asking_of(site.shop), bearers_of(site.shop.people)).routes()
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://tea.local:8000") as browser:
        answer = await browser.get(sheet(code, "png"), headers=bearing("merchant"))
    [found] = read(picture(answer.content))
    assert found.startswith("http://tea.local:8000/g/")


async def test_to_others_they_are_missing(site: Site) -> None:
    code = await site.shop.code()
    seen = {
        "merchant": 200, "till": 200, "operator": 200, "attendant": 404, "driver": 404,
        "other": 404,
    }  # fmt: skip
    for who, status in seen.items():
        assert (await site.get(sheet(code, "svg"), who)).status_code == status, who
    wrong = f"/rights/exits/{global_id('GrantCode', code)}/sheet.svg"
    assert (await site.get(wrong)).status_code == 404
    assert (await site.browser.get(sheet(code, "svg"))).status_code == 401
    assert (await site.get(sheet(code, "svg"), "nobody")).status_code == 401
    run = {"ids": [global_id("GrantCode", code), global_id("Place", site.shop.place_id)]}
    answer = await site.browser.post("/rights/sheets.pdf", json=run, headers=bearing("merchant"))
    assert answer.status_code == 404


async def test_what_is_no_use_on_paper_is_not_printed(site: Site) -> None:
    rotating = await site.shop.code(kind=GrantCodeKind.ROTATING)
    answer = await site.get(sheet(rotating, "svg"))
    assert (answer.status_code, "/counter" in answer.text) == (409, True)
    code = await site.shop.code()
    await revoke_grant_code(site.shop.merchant, code, "copied", **site.shop.with_bus)
    assert (await site.get(sheet(code, "svg"))).status_code == 409


NONSENSE = [
    ("svg", {"size": "A3"}), ("png", {"dpi": "301"}), ("png", {"dpi": "x"}),
    ("pdf", {"copies": "0"}), ("pdf", {"copies": "501"}), ("pdf", {"copies": "٣"}),
]  # fmt: skip


async def test_nonsense_is_told(site: Site) -> None:
    code = await site.shop.code()
    for form, asked in NONSENSE:
        answer = await site.get(sheet(code, form), **asked)
        assert (answer.status_code, len(answer.text) > 10) == (400, True), asked
    assert (await site.get(sheet(code, "gif"))).status_code == 404


NO_RUNS = [
    "", "null", "[]", '{"ids": []}', '{"ids": "x"}', '{"ids": [1]}', '{"size": "A4"}',
    '{"ids": ["x"], "size": "A3"}', '{"ids": ["' + "x" * 70_000 + '"]}',
]  # fmt: skip


async def test_a_run_of_nonsense_is_told(site: Site) -> None:
    for body in NO_RUNS:
        answer = await site.browser.post(
            "/rights/sheets.pdf", content=body, headers=bearing("merchant")
        )
        assert answer.status_code == 400, body[:40]


async def test_the_counters_screen_shows_a_picture_that_is_good_until_the_next(
    site: Site, clock: TestClock
) -> None:
    code = await site.shop.code(kind=GrantCodeKind.ROTATING, label="Till 1")
    path = f"/counter/{global_id('GrantCode', code)}"
    told = (await site.get(f"{path}/picture")).json()
    assert (told["state"], told["place"], told["issuer"], told["label"]) == (
        "ACTIVE", "Harbour garage", "Tea room", "Till 1",
    )  # fmt: skip
    assert told["gives"] == {
        "en": "1 h of parking free (worth up to €10,000.00)",
        "zh": "免费停车 1 小时（最多抵 €10,000.00）",
    }
    assert 0 < told["renewInMs"] <= ROTATION.total_seconds() * 1000
    assert told["goodForMs"] == told["renewInMs"] + 25_000
    clock.advance(seconds=ROTATION.total_seconds())
    after = (await site.get(f"{path}/picture")).json()
    assert after["svg"] != told["svg"]
    page = await site.browser.get(path)
    assert "counter/main.js" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_the_picture_is_taken_off_the_screen_before_nobody_takes_it(
    site: Site, clock: TestClock
) -> None:
    code = await site.shop.code(kind=GrantCodeKind.ROTATING)
    told = (await site.get(f"/counter/{global_id('GrantCode', code)}/picture")).json()
    public_id = (await GrantCode.get(id=code)).public_id
    text = rotating.picture(KEYS.pictures[0], public_id, clock.now())
    code_drawn = Code(0, 0, 100, matrix_of(f"{PUBLIC}/g/{text}", Bearer.SCREEN))
    drawn = svg_of(Drawing(100, 100, "QR", "en", (code_drawn,)))
    assert told["svg"] == drawn.decode()
    clock.advance(milliseconds=told["goodForMs"])
    assert rotating.read_picture(KEYS.pictures, text, clock.now()).is_fresh


async def test_the_counters_screen_is_its_issuers_alone(site: Site) -> None:
    code = await site.shop.code(kind=GrantCodeKind.ROTATING)
    path = f"/counter/{global_id('GrantCode', code)}/picture"
    for who in ("operator", "attendant", "driver", "other", "till"):
        assert (await site.get(path, who)).status_code == 404, who
    assert (await site.browser.get(path)).status_code == 401
    printed = f"/counter/{global_id('GrantCode', await site.shop.code())}/picture"
    assert (await site.get(printed)).status_code == 404
    assert (await site.get("/counter/nonsense/picture")).status_code == 404
