"""The receipt over HTTP: as a page, as PDF and as data, by the booking's link and by its number."""

import json
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.pages.asking import Asking, Refused
from api.pages.booking import BookingPages, way_out
from api.pages.receipt import ReceiptPages
from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.events.bus import InProcessBus
from parking.notices.inbox import LogAndInboxChannel
from parking.reservations.links import link_token
from parking.settlement.credits import credit_charge
from parking.settlement.funding import EscrowFunding
from parking.settlement.receipts import recompute_receipt, require_digest
from parking.storage.database import connect, disconnect
from schema.context import Services, context_factory
from schema.schema import make_schema
from tests.support.bearing import bearers_of, bearing
from tests.support.settled import Settled, book_paid
from tests.support.wallets import empty_wallet

SECRET = "a secret of the tests, long enough"
SCHEMA = make_schema()
AT = TestClock().now()


@dataclass
class Site:
    """The pages of one booking that is paid."""

    browser: httpx.AsyncClient
    settled: Settled
    path: str

    async def get(self, below: str = "", **headers: str) -> httpx.Response:
        """A page below the link."""
        return await self.browser.get(self.path + below, headers=headers)

    async def post(self, below: str, **form: str) -> httpx.Response:
        """A form of the page."""
        return await self.browser.post(self.path + below, data=form)

    async def credit(self, amount_minor: int) -> None:
        """The lessor gives something back."""
        settled = self.settled
        charge = await settled.charge_id()
        owner, reason = settled.lease.owner, "The gate <stuck>"
        await credit_charge(
            owner, charge, amount_minor, reason, clock=settled.clock, bus=settled.bus
        )


@pytest.fixture
async def site(sqlite_url: str, clock: TestClock) -> AsyncIterator[Site]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    bus, keys = InProcessBus(), derive_keys(SECRET)
    settled = await book_paid(clock, bus)
    services = Services(
        clock, bus, keys, LogAndInboxChannel(clock), Standings(clock), Sealer(SECRET.encode()),
        funding=EscrowFunding(),
    )  # fmt: skip
    asking = Asking(SCHEMA, context_factory(services))
    receipts = ReceiptPages(asking, bearers_of(settled.lease.everybody))
    routes = [*BookingPages(asking, clock).routes(), *receipts.routes()]
    path = f"/b/{link_token(keys.links[0], settled.reservation_id, 1)}"
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://berth.test", follow_redirects=True
    ) as browser:
        yield Site(browser, settled, path)
    await disconnect()


async def test_until_it_is_settled_the_page_says_what_is_secured(site: Site) -> None:
    page = (await site.get()).text
    assert "Berth wallet" in page
    assert "is given back when the booking has ended" in page
    assert "/receipt" not in page
    for below in ("/receipt", "/receipt.pdf", "/receipt.json"):
        assert (await site.get(below)).status_code == 404


async def test_the_booking_leads_to_its_receipt(site: Site) -> None:
    await site.settled.stay()
    page = (await site.get()).text
    assert f'href="{site.path}/receipt?lang=en"' in page
    assert re.search(r"<dt>Secured</dt><dd>€4.00</dd><dt>Cost</dt><dd>€4.00</dd>", page)


async def test_the_receipt_tells_each_line_with_its_rate_line_and_where_it_went(site: Site) -> None:
    await site.settled.stay()
    number = await site.settled.number()
    page = (await site.get("/receipt")).text
    for told in (f"No. {number}", "Dora", "Quay owners", "Harbour garage", "A-01", "SAB12",
                 "[day/hour]", "2 × 1 h", "€2.00", "Secured before", "15 % of €4.00", "€0.60",
                 "€3.40", "SHA-256"):  # fmt: skip
        assert told in page, told
    assert "收据" in (await site.get("/receipt?lang=zh")).text


async def test_amounts_are_in_the_readers_locale(site: Site) -> None:
    await site.settled.stay()
    german = {"accept-language": "de-DE,de;q=0.9"}
    assert "4,00\xa0€" in (await site.get("/receipt", **german)).text
    assert "4,00\xa0€" in (await site.get("", **german)).text
    assert "€4.00" in (await site.get("/receipt?lang=en", **german)).text


async def test_the_data_is_the_record_byte_by_byte(site: Site) -> None:
    await site.settled.stay()
    answer = await site.get("/receipt.json")
    recompute_receipt(answer.text)
    digest = sha256(answer.content)
    require_digest(answer.text, digest.hexdigest())
    assert answer.headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert digest.hexdigest() in (await site.get("/receipt")).text


async def test_the_pdf_is_one_and_kept_by_nobody(site: Site) -> None:
    await site.settled.stay()
    answer = await site.get("/receipt.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-type"] == "application/pdf"
    for below in ("/receipt", "/receipt.pdf", "/receipt.json"):
        page = await site.get(below)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


async def test_credits_are_listed_and_have_data_of_their_own(site: Site) -> None:
    await site.settled.stay()
    await site.credit(150)
    page = (await site.get("/receipt")).text
    number = await site.settled.number()
    assert f"{number}-C1" in page
    assert "-€1.50: The gate &lt;stuck&gt;" in page
    assert "<dt>Charged after that</dt><dd>€2.50</dd>" in page
    credit = (await site.get(f"/receipt.json?number={number}-C1")).json()
    assert (credit["kind"], credit["amountMinor"]) == ("CREDIT", -150)
    alone = (await site.get(f"/receipt?number={number}-C1")).text
    assert "<h1>Credit note</h1>" in alone
    assert (await site.get("/receipt?number=2026-99999999")).status_code == 404


async def test_by_its_number_it_is_for_who_may_see_it(site: Site) -> None:
    await site.settled.stay()
    path = f"/receipts/{await site.settled.number()}"
    for name in ("driver", "owner", "operator"):
        page = await site.browser.get(path, headers=bearing(name))
        assert (page.status_code, "Quay owners" in page.text) == (200, True)
        data = await site.browser.get(f"{path}.json", headers=bearing(name))
        assert json.loads(data.text)["amountMinor"] == 400
        pdf = await site.browser.get(f"{path}.pdf", headers=bearing(name))
        assert pdf.content.startswith(b"%PDF-")
    for name in ("other", "attendant"):
        for below in ("", ".pdf", ".json"):
            answer = await site.browser.get(path + below, headers=bearing(name))
            assert (answer.status_code, "Quay" in answer.text) == (404, False)
    missing = await site.browser.get("/receipts/2026-99999999", headers=bearing("driver"))
    assert missing.status_code == 404


async def test_without_a_token_there_is_a_page_that_gets_one_and_no_file(site: Site) -> None:
    await site.settled.stay()
    path = f"/receipts/{await site.settled.number()}"
    page = await site.browser.get(path)
    assert page.status_code == 200
    assert "receipt/main.js" in page.text
    assert "Quay owners" not in page.text
    for headers in ({}, bearing("nobody")):
        for below in (".pdf", ".json"):
            answer = await site.browser.get(path + below, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_who_lacks_money_for_an_extension_is_told_how_much_and_where(site: Site) -> None:
    """Sixteen euros are left of twenty; nine hours more cost eighteen."""
    quoted = await site.post("/extend", until=(AT + timedelta(hours=12)).isoformat())
    found = re.search(r'name="quote" value="([^"]+)"', quoted.text)
    assert found is not None, quoted.text
    answer = await site.post("/extend/confirm", quote=found[1], key="a-key-of-this-test")
    assert answer.status_code == 409
    assert "Your wallet lacks €2.00." in answer.text
    assert 'href="/wallet?amount=200&amp;currency=EUR"' in answer.text


async def test_who_owes_something_is_told_so(site: Site) -> None:
    """The stay is three hours too long, and there is nothing left in the wallet."""
    await empty_wallet(site.settled.lease.driver)
    await site.settled.stay(minutes=5 * 60)
    page = (await site.get()).text
    assert "<dt>Not covered: please pay it</dt><dd>€6.00</dd>" in page
    assert "Until this is paid" in page
    assert "Not covered at the end, owed" in (await site.get("/receipt")).text


@pytest.mark.parametrize(
    ("told", "way"),
    [
        ({"url": "https://bank.example/3ds"}, ("pay_agree", "https://bank.example/3ds")),
        ({"url": "javascript:alert(1)"}, None), ({"url": None}, None), ({}, None),
        ({"reason": "insufficient"}, ("pay_wallet", "/root/wallet")),
        ({"owed": {"amountMinor": 5, "currency": "JPY"}},
         ("pay_wallet", "/root/wallet?amount=5&currency=JPY")),
    ],
)  # fmt: skip
def test_the_way_out_of_a_refusal(told: dict[str, Any], way: tuple[str, str] | None) -> None:
    assert way_out(Refused("CODE", "message", told), "/root") == way
