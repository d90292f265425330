"""From an owner's offer to a finished stay, as everybody sees it, in one Berth with real sockets:
GraphQL over HTTP, CoAP over OSCORE from virtual devices, and the driver's page in a browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from parking.clock import TestClock
from parking.settlement.models import Settlement
from tests.browser.conftest import EXPECT_MS, House
from tests.browser.everything import (
    PATIENT_MS,
    Everything,
    booked,
    devices,
    publish,
    running,
)


@pytest.fixture
async def everything(house: House, clock: TestClock) -> AsyncIterator[Everything]:
    async with running(house, clock) as made:
        yield made


async def shown_code(all_of_it: Everything, link: str) -> str:
    """What the page's next code holds; the page shows the same as a picture."""
    qr = await all_of_it.ask("driver", """mutation ($t: String!, $key: String!) { refreshQrByLink(
      token: $t, idempotencyKey: $key) { ... on QrRefreshedByLink { text }
      ... on Refusal { code message } } }""", t=link.removeprefix("/b/"))  # fmt: skip
    text: str = qr["text"]
    return text


async def settled() -> None:
    """The worker divides what was paid: 15 % of 5.00 for the platform, the rest for the owner."""
    async with asyncio.timeout(PATIENT_MS / 1000):
        while (found := await Settlement.first()) is None:  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.1)
    assert (found.cost_minor, found.owner_minor, found.platform_minor) == (500, 425, 75)
    assert found.secured_minor == 500


async def test_from_the_offer_to_the_end_of_the_stay(everything: Everything, page: Page) -> None:
    await publish(everything)
    sensor, reader = await devices(everything)
    link = await booked(everything)
    expect.set_options(timeout=PATIENT_MS)
    try:
        await page.goto(everything.program.url + link)
        await expect(page.locator(".badge")).to_have_text("Booked")
        await expect(page.get_by_role("img", name="QR code that opens bay A-01")).to_be_visible()
        await expect(page.locator("#lock")).to_have_text("Raised: the bay is kept free")

        code = await shown_code(everything, link)
        assert (await reader.scan(code)).is_open
        await expect(page.locator("#accesses")).to_contain_text("Opened")
        await expect(page.locator("#lock")).to_have_text("Lowered: drive in")
        assert (await reader.scan(code)).outcome == "ALREADY_USED"
        await expect(page.locator("#accesses")).to_contain_text("this code was used before")

        sensor.change(is_occupied=True)
        await expect(page.locator(".badge")).to_have_text("You are parked")
        everything.clock.advance(minutes=90)
        sensor.change(is_occupied=False)
        await sensor.drain()
        everything.clock.advance(minutes=2)
        await expect(page.locator(".badge")).to_have_text("Completed")
        await expect(page.locator("section", has_text="Your stay").first).to_contain_text("€")
        await settled()
    finally:
        expect.set_options(timeout=EXPECT_MS)
