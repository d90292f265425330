"""The booking's page and agreement over HTTP, without a single script."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from api.pages.agreement import AgreementPages
from api.pages.asking import Asking
from api.pages.booking import BookingPages
from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.devices.models import Device, DeviceKind
from parking.devices.sealing import Sealer
from parking.events.bus import InProcessBus
from parking.notices.inbox import LogAndInboxChannel
from parking.places.models import Place
from parking.reservations.confirm import confirm
from parking.reservations.links import link_token
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.storage.database import connect, disconnect
from parking.storage.sql import database
from schema.context import Services, context_factory
from schema.schema import make_schema
from tests.support.leasing import Lease, hours, make_lease

SECRET = "a secret of the tests, long enough"
SCHEMA = make_schema()


@dataclass
class Site:
    """The pages of one booking, from one to three hours from now, and somebody who looks."""

    browser: httpx.AsyncClient
    clock: TestClock
    lease: Lease
    path: str
    reservation_id: int

    async def get(self, below: str = "", **headers: str) -> httpx.Response:
        """A page below the link."""
        return await self.browser.get(self.path + below, headers=headers)

    async def post(self, action: str, page: httpx.Response, **values: str) -> httpx.Response:
        """Send the page's form with that action, with its own hidden fields."""
        wanted = rf'<form[^>]*action="([^"]*/{action}\?[^"]*)".*?</form>'
        form = re.search(wanted, page.text, re.DOTALL)
        assert form is not None, f"there is no form {action}"
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0])
        return await self.browser.post(form[1], data={**dict(hidden), **values})


@pytest.fixture
async def site(sqlite_url: str, clock: TestClock) -> AsyncIterator[Site]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    bus, keys = InProcessBus(), derive_keys(SECRET)
    lease = await make_lease()
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 1, 3), "S-AB 12")
    made = await reserve_space(lease.driver, request, clock=clock, bus=bus)
    await confirm(lease.driver, made, clock=clock, bus=bus)
    await Device.create(
        endpoint="reader", kind=DeviceKind.READER, place_id=lease.estate.place_id,
        space_id=lease.space_id, created_at=clock.now(),
    )  # fmt: skip
    services = Services(
        clock, bus, keys, LogAndInboxChannel(clock), Standings(clock), Sealer(SECRET.encode())
    )
    asking = Asking(SCHEMA, context_factory(services))
    routes = [*BookingPages(asking, clock).routes(), *AgreementPages(asking).routes()]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    path = f"/b/{link_token(keys.links[0], made, 1)}"
    async with httpx.AsyncClient(
        transport=transport, base_url="http://berth.test", follow_redirects=True
    ) as browser:
        yield Site(browser, clock, lease, path, made)
    await disconnect()


async def test_the_address_is_told_to_nobody(site: Site) -> None:
    pages = [await site.get(), await site.get("/cancel"), await site.get("/agreement")]
    pages += [await site.get("/agreement.pdf"), await site.browser.get("/b/wrong")]
    for page in pages:
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_nothing_on_the_page_comes_from_elsewhere(site: Site) -> None:
    page = (await site.get()).text
    loaded = re.findall(r'(?:src|href)="(https?:[^"]*)"', page)
    assert {urlsplit(each).netloc for each in loaded} == {"www.openstreetmap.org"}
    assert page.count("https://") == page.count('rel="noopener noreferrer"') == 1


async def test_it_says_what_is_booked(site: Site) -> None:
    page = (await site.get()).text
    for told in ("Booked", "Bay A-01", "Mon 5 Jan 2026 10:00 – 12:00", "Harbour garage", "€4.00",
                 "SAB12", "appears here at Mon 5 Jan 2026 09:45"):  # fmt: skip
        assert told in page


async def test_it_speaks_the_browsers_language_or_the_chosen_one(site: Site) -> None:
    assert "您的预订" not in (await site.get()).text
    assert "已预订" in (await site.get(**{"accept-language": "zh-CN,en;q=0.5"})).text
    assert "Booked" in (await site.get("?lang=en", **{"accept-language": "zh"})).text


@pytest.mark.parametrize("below", ["", "/cancel", "/agreement", "/agreement.pdf"])
async def test_a_wrong_link_is_a_page_that_says_so(site: Site, below: str) -> None:
    page = await site.browser.get(f"/b/{'x' * 40}{below}")
    assert page.status_code == 404
    assert "No such booking" in page.text


async def test_a_form_to_a_wrong_link_is_the_same(site: Site) -> None:
    page = await site.browser.post(f"/b/{'x' * 40}/cancel", data={"key": "k"})
    assert page.status_code == 404


async def kept() -> tuple[int, int]:
    """How many codes were made, and how many answers kept."""
    [codes] = await database().fetch("SELECT COUNT(*) AS held FROM credential_token")
    [answers] = await database().fetch("SELECT COUNT(*) AS held FROM idempotent_answer")
    return codes["held"], answers["held"]


async def test_looking_at_the_page_makes_no_code(site: Site) -> None:
    site.clock.advance(minutes=50)
    before = await kept()
    page = await site.get()
    assert "Show the QR code" in page.text
    assert "data:image/svg+xml" not in page.text
    assert await kept() == before
    assert "data:image/svg+xml" in (await site.post("qr", page)).text
    assert await kept() == (before[0] + 1, before[1] + 1)


async def test_the_code_is_shown_when_it_opens_and_the_page_reloads_itself(site: Site) -> None:
    for early in (await site.get(), await site.browser.post(f"{site.path}/qr")):
        assert "Show the QR code" not in early.text
        assert "data:image/svg+xml" not in early.text
    site.clock.advance(minutes=50)
    page = await site.get()
    first, second = (await site.post("qr", page)).text, (await site.post("qr", page)).text
    code = re.compile(r'<img src="(data:image/svg\+xml;base64,[^"]*)" alt="QR code that opens')
    assert code.search(first)[1] != code.search(second)[1]  # type: ignore[index]
    assert f'<noscript><meta http-equiv="refresh" content="60;url={site.path}?lang=en">' in first
    assert 'data-seconds="60"' in first


async def test_the_refund_is_shown_before_anything_is_cancelled(site: Site) -> None:
    asked = await site.get("/cancel")
    assert "If you cancel now you get €4.00 back of €4.00." in asked.text
    assert "Booked" in (await site.get()).text
    done = await site.post("cancel", asked)
    assert "Cancelled. By the terms you get €4.00 back." in done.text
    assert "Cancel the booking" not in done.text


async def test_an_extension_is_priced_first(site: Site) -> None:
    until = (site.clock.now() + timedelta(hours=4)).isoformat()
    offer = await site.post("extend", await site.get(), until=until)
    assert "Until Mon 5 Jan 2026 13:00: €2.00 more" in offer.text
    done = await site.post("extend/confirm", offer)
    assert "Extended. You may stay until Mon 5 Jan 2026 13:00." in done.text
    assert "€6.00" in done.text


async def test_an_end_may_be_typed_as_the_places_clock_shows_it(site: Site) -> None:
    offer = await site.post("extend", await site.get(), until="2026-01-05T14:00")
    assert "Until Mon 5 Jan 2026 14:00: €4.00 more" in offer.text


@pytest.mark.parametrize("until", ["", "soon", "2026-01-05T09:00", "99999-01-01T00:00"])
async def test_an_end_that_makes_no_sense_is_told(site: Site, until: str) -> None:
    page = await site.post("extend", await site.get(), until=until)
    assert page.status_code == 409
    assert 'role="alert"' in page.text


async def test_why_it_cannot_be_extended_is_told_in_the_readers_language(site: Site) -> None:
    lease, clock = site.lease, site.clock
    next_one = Request(lease.listing_id, lease.space_id, hours(clock.now(), 3, 5))
    await reserve_space(lease.other, next_one, clock=clock, bus=InProcessBus())
    page = await site.post("extend", await site.get("?lang=zh"), until="2026-01-05T13:00")
    assert page.status_code == 409
    assert "您之后的时段已被他人预订" in page.text


async def test_a_key_number_is_shown_once(site: Site) -> None:
    shown = await site.post("key", await site.get())
    assert re.search(r"<output>\d{6}</output>", shown.text)
    after = (await site.get()).text
    assert "A number was given out already" in after
    assert not re.search(r"<output>\d{6}</output>", after)


async def test_a_form_that_is_sent_twice_has_one_effect(site: Site) -> None:
    page = await site.get("/cancel")
    await site.post("cancel", page)
    again = await site.post("cancel", page)
    assert again.status_code == 200
    assert "Cancelled" in again.text


async def test_a_name_is_text_and_never_markup(site: Site) -> None:
    await Place.filter(id=site.lease.estate.place_id).update(name="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in (await site.get()).text


async def test_the_agreement_is_a_page_and_a_pdf(site: Site) -> None:
    page = await site.get("/agreement?lang=en")
    for told in ("Lease agreement", "Quay owners", "Dora", "€4.00", "SHA-256"):
        assert told in page.text
    pdf = await site.get("/agreement.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-1.")


async def test_a_form_that_is_too_large_is_refused(site: Site) -> None:
    data: dict[str, Any] = {"key": "k" * 5_000}
    assert (await site.browser.post(f"{site.path}/cancel", data=data)).status_code == 409


@pytest.mark.parametrize("until", ["9999-12-31T23:59-14:00", "0001-01-01T00:00", "x", ""])
async def test_an_end_out_of_all_time_is_refused_on_the_page(site: Site, until: str) -> None:
    page = await site.post("extend", await site.get(), until=until)
    assert page.status_code == 409
    assert "expected a date and a time" in page.text


async def test_a_form_for_a_number_sent_again_shows_none(site: Site) -> None:
    page = await site.get()
    assert 'class="key-number"' in (await site.post("key", page)).text
    again = await site.post("key", page)
    assert (again.status_code, 'class="key-number"' in again.text) == (200, False)
