"""The owner's page in a real browser."""

import re
from datetime import timedelta

from playwright.async_api import Browser, Page, expect

from parking.listings.models import Listing, ListingState
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.windows import Window
from tests.browser.conftest import House, window
from tests.browser.leasing import CLOCK, book, offered, sign_in

OWNER = "olga@example.org"


async def test_whoever_is_not_signed_in_is_asked_to(open_house: House, page: Page) -> None:
    await page.goto(f"{open_house.url}/owner")
    await expect(page.locator("#empty")).to_contain_text("Sign in as the owner")
    await expect(page.locator("#view")).to_be_hidden()


async def test_whoever_lets_nothing_is_told_so(open_house: House, page: Page) -> None:
    await sign_in(page, open_house, "new@example.org", "/owner")
    await expect(page.locator("#empty")).to_contain_text("You do not let any spaces yet")


async def test_listings_and_bookings_are_shown(open_house: House, page: Page) -> None:
    await book(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(page.locator("#listings .name")).to_have_text("Bays at the quay")
    row = page.locator("#bookings tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("A-01")
    await expect(row).to_contain_text("€4.00")
    await expect(page.locator(".week .open").first).to_be_visible()
    await expect(page.locator(".week .booked").first).to_be_visible()


async def test_a_request_appears_and_is_accepted(open_house: House, page: Page) -> None:
    booked = await book(open_house, ahead=3, is_asked=True)
    await sign_in(page, open_house, OWNER, "/owner")
    await page.get_by_role("button", name="Accept").click()
    await expect(page.locator("#requests-card")).to_be_hidden()
    await expect(page.locator("#bookings tbody tr")).to_contain_text("Held")
    found = await Reservation.get(id=booked.reservation_id)
    assert found.state is ReservationState.PENDING_PAYMENT


async def test_a_request_is_declined_with_a_reason(open_house: House, page: Page) -> None:
    booked = await book(open_house, ahead=3, is_asked=True)
    await sign_in(page, open_house, OWNER, "/owner")
    card = page.locator("#requests-card")
    await card.get_by_text("Decline").first.click()
    await card.get_by_label("Reason").fill("the drive is being paved")
    await card.get_by_role("button", name="Decline").click()
    await expect(card).to_be_hidden()
    found = await Reservation.get(id=booked.reservation_id)
    assert (found.state, found.reason) == (ReservationState.CANCELLED, "the drive is being paved")


async def test_what_is_being_typed_stays_while_bookings_change(
    open_house: House, page: Page
) -> None:
    booked = await book(open_house, ahead=3, is_asked=True)
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(page.locator("#pulse")).to_have_text("Live")
    card = page.locator("#requests-card")
    await card.get_by_text("Decline").first.click()
    await card.get_by_label("Reason").fill("half a sen")
    assert open_house.program is not None
    bay = open_house.estate.space_ids[1]
    window = Window(*(CLOCK.now() + timedelta(hours=hour) for hour in (4, 5)))
    request = Request(booked.listing_id, bay, window)
    await reserve_space(booked.driver, request, clock=CLOCK, bus=open_house.program.bus)
    await expect(card.locator("#requests > li")).to_have_count(2)
    await expect(card.get_by_label("Reason").first).to_have_value("half a sen")


async def test_a_listing_is_paused_and_published_again(open_house: House, page: Page) -> None:
    listing, _, _ = await offered(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator("#listings .badge")).to_have_text("Paused")
    assert (await Listing.get(id=listing)).state is ListingState.PAUSED


async def test_a_refusal_is_told(open_house: House, page: Page) -> None:
    """Publishing needs titles, which nobody has given here."""
    await offered(open_house, state=ListingState.PAUSED)
    await sign_in(page, open_house, OWNER, "/owner")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator("#problem-text")).to_contain_text("That did not work")


async def test_weeks_are_turned(open_house: House, page: Page) -> None:
    await book(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(page.locator(".week .booked").first).to_be_visible()
    before = await page.locator("#week-name").text_content()
    await page.get_by_role("button", name="Week before").click()
    await expect(page.locator("#week-name")).not_to_have_text(before or "")
    await expect(page.locator(".week .booked")).to_have_count(0)


async def test_it_fits_a_phone_in_both_languages(open_house: House, browser: Browser) -> None:
    width = 320
    await book(open_house)
    async with window(browser, viewport={"width": width, "height": 800}) as page:
        await sign_in(page, open_house, OWNER, "/owner")
        await expect(page.locator(".week .booked").first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.get_by_role("button", name="Switch to Chinese").click()
        await expect(page.get_by_role("heading", name="我的车位")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_calendar_is_downloaded(open_house: House, page: Page) -> None:
    await offered(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="iCalendar").click()
    assert re.fullmatch(r".*\.ics", (await downloading.value).suggested_filename)
