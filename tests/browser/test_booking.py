"""The booking's page in a real browser: live, on a small phone, with and without scripts."""

import pytest
from playwright.async_api import Browser, Page, expect

from parking.reservations.cancel import cancel
from tests.browser.conftest import House, window
from tests.browser.leasing import CLOCK, book

CODE = "#qr img"

TABS_MAX = 90
"""Presses until everything was reached; what renews itself meanwhile may take the focus back."""


async def shown(page: Page) -> str:
    """The code on the page, as a picture's address."""
    return await page.locator(CODE).get_attribute("src") or ""


async def test_the_page_changes_as_the_owner_cancels(open_house: House, page: Page) -> None:
    booked = await book(open_house)
    await page.goto(booked.url)
    await expect(page.locator(".badge")).to_have_text("Booked")
    await expect(page.locator("#pulse")).to_have_text("Live")
    assert open_house.program is not None
    await cancel(
        booked.owner, booked.reservation_id, "flooded", clock=CLOCK, bus=open_house.program.bus
    )
    await expect(page.locator(".badge")).to_have_text("Cancelled")
    await expect(page.locator("#qr")).to_have_count(0)


async def test_the_lock_and_the_bay_are_followed(open_house: House, page: Page) -> None:
    booked = await book(open_house)
    await page.goto(booked.url)
    await expect(page.locator("#pulse")).to_have_text("Live")
    before = await shown(page)
    await open_house.say("A-01", "OCCUPIED")
    await expect(page.locator(CODE)).not_to_have_attribute("src", before)


async def test_a_code_is_renewed_at_half_its_life(open_house: House, page: Page) -> None:
    booked = await book(open_house)
    await page.clock.install()
    await page.goto(booked.url)
    before = await shown(page)
    await page.clock.fast_forward(31_000)
    await expect(page.locator(CODE)).not_to_have_attribute("src", before)
    await expect(page.locator(".qr-gone")).to_be_hidden()


async def test_a_code_that_cannot_be_renewed_is_crossed_out(house: House, page: Page) -> None:
    await page.clock.install()
    async with house.serving():
        await page.goto((await book(house)).url)
        await expect(page.locator("#qr img")).to_be_visible()
    for _ in range(3):
        await page.clock.fast_forward(30_000)
    await expect(page.locator(".qr-gone")).to_be_visible()
    await expect(page.locator(".qr-fresh")).to_be_hidden()


@pytest.mark.parametrize(("width", "locale"), [(320, "en-GB"), (390, "zh-CN")])
async def test_every_step_fits_a_phone(
    open_house: House, browser: Browser, width: int, locale: str
) -> None:
    booked = await book(open_house)
    async with window(browser, viewport={"width": width, "height": 700}, locale=locale) as page:
        for below in ("", "/cancel", "/agreement"):
            await page.goto(booked.url + below)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_without_scripts_the_essentials_work(open_house: House, browser: Browser) -> None:
    booked = await book(open_house)
    async with window(browser, java_script_enabled=False) as page:
        await page.goto(booked.url)
        await page.get_by_role("button", name="Show the QR code").click()
        await expect(page.get_by_role("img", name="QR code that opens bay A-01")).to_be_visible()
        await page.get_by_role("button", name="+1 h").click()
        await page.get_by_role("button", name="Extend for €2.00").click()
        await expect(page.get_by_role("status")).to_contain_text("Extended.")
        await page.get_by_role("button", name="Show a key number").click()
        assert len(await page.locator(".key-number output").inner_text()) == 6
        await page.get_by_role("link", name="Back to the booking").click()
        await page.get_by_role("link", name="Cancel the booking").click()
        await page.get_by_role("button", name="Cancel and get").click()
        await expect(page.locator(".badge")).to_have_text("Cancelled")


async def test_what_is_being_typed_stays(open_house: House, page: Page) -> None:
    booked = await book(open_house)
    await page.goto(booked.url)
    await expect(page.locator("#pulse")).to_have_text("Live")
    before = await shown(page)
    field = page.get_by_label("Or until")
    await field.fill("2030-01-01T10:00")
    await field.focus()
    await open_house.say("A-01", "OCCUPIED")
    await expect(page.locator(CODE)).not_to_have_attribute("src", before)
    assert await field.input_value() == "2030-01-01T10:00"


async def test_the_keyboard_reaches_everything(open_house: House, page: Page) -> None:
    await page.goto((await book(open_house)).url)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the QR code")).to_be_focused()
    missing = {"Navigate", "+30 min", "Ask for the price", "Cancel the booking"}
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        missing.discard(await page.evaluate("document.activeElement.textContent.trim()"))
        if not missing:
            return
    raise AssertionError(f"never reached: {missing}")


async def test_every_picture_and_field_has_a_name(open_house: House, page: Page) -> None:
    await page.goto((await book(open_house)).url)
    unnamed = await page.evaluate("""[...document.querySelectorAll(
        'img, svg[role], input, button, a')]
      .filter((e) => e.type !== 'hidden' && !(e.alt || e.getAttribute('aria-label')
        || e.labels?.length || e.textContent.trim())).length""")
    assert unnamed == 0
    await expect(page.locator("h1")).to_have_count(1)


async def test_the_plan_marks_the_bay_among_those_of_its_level(
    open_house: House, page: Page
) -> None:
    await page.goto((await book(open_house, space=1)).url)
    await expect(page.locator(".plan .mine text")).to_have_text("A-02")
    await expect(page.locator(".plan g")).to_have_count(4)
