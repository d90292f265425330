"""Where a car is: its sharer, an attendant and somebody it is shown to, on three phones at once."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from parking.locations.models import ParkingPosition
from tests.browser.conftest import House, window
from tests.browser.leasing import book, sign_in
from tests.browser.positioned import ATTENDANT, DRIVER, FRIEND, accept, attended
from tests.browser.test_money import PHONE as NARROW
from tests.browser.test_money import fits, unlabelled
from tests.support.leasing import somebody

PHONE = {"width": 360, "height": 740}
PLATE = "S-AB 12"


async def opened(within: Locator, name: str) -> None:
    """Open, or close, a part of the page by its name."""
    await within.locator("summary", has_text=name).first.click()


async def records(page: Page) -> Locator:
    """The driver keeps where the booked car stands; its card."""
    await expect(page.locator("#record-booking option:checked")).to_contain_text("A-01")
    await page.get_by_role("button", name="Keep it").click()
    car = page.locator("#own .position")
    await expect(car.locator(".where")).to_have_text("Ground · Bay A-01")
    return car


async def asks(car: Locator) -> None:
    """The driver asks the attendants."""
    await opened(car, "Ask where exactly it stands")
    await car.get_by_label("What helps to find it").fill("a red car")
    await car.get_by_role("button", name="Ask", exact=True).click()


async def answers(question: Locator, part: str, bay: str) -> None:
    """The attendant says in which bay it stands."""
    await opened(question, part)
    await question.get_by_label("Row or zone").fill("By the pillar")
    await question.get_by_label("Bay", exact=True).fill(bay)
    await expect(question).to_contain_text("On the plan: Ground")
    await question.get_by_role("button", name="Send").first.click()


async def invites(car: Locator) -> str:
    """The driver makes an invitation to see this stay; its address."""
    await opened(car, "Who sees it")
    await opened(car, "Invite somebody")
    await car.get_by_label("What you call them", exact=True).fill("Fred")
    await car.get_by_role("button", name="Make the invitation").click()
    return await car.locator(".address").inner_text()


async def test_an_answer_and_a_revocation_are_seen_at_once(
    open_house: House, browser: Browser
) -> None:
    await book(open_house)
    await attended(open_house)
    friend = await somebody("Fred")
    async with (
        window(browser, viewport=PHONE) as sharer,
        window(browser, viewport=PHONE) as attendant,
        window(browser, viewport=PHONE) as receiver,
    ):
        await sign_in(attendant, open_house, ATTENDANT, "/refine")
        await expect(attendant.locator("#queue")).to_contain_text("Nobody asks now")
        await sign_in(sharer, open_house, DRIVER, "/positions")
        car = await records(sharer)

        await asks(car)
        question = attendant.locator("#queue .question")
        await expect(question).to_contain_text("a red car")
        await expect(question).to_contain_text("Ground · Bay A-01")
        await question.get_by_role("button", name="I look for it").click()
        await expect(car).to_contain_text("Somebody is looking")
        await answers(question, "It stands here", "a-02")
        await expect(car.locator(".where")).to_have_text("Ground · By the pillar · Bay A-02")
        await expect(car.locator(".mine text")).to_have_text("A-02")
        answered = attendant.locator("#answered .question")
        await expect(answered).to_contain_text("Answered")
        await expect(attendant.locator("#queue")).to_contain_text("Nobody asks now")

        await accept(open_house, friend, await invites(car))
        await sign_in(receiver, open_house, FRIEND, "/positions")
        shown = receiver.locator("#shown .position")
        await expect(shown.locator(".where")).to_have_text("Ground · By the pillar · Bay A-02")
        await expect(car).to_contain_text("Seen by Fred")
        await answers(answered, "Correct the answer", "A-03")
        for seen in (shown, car):
            await expect(seen.locator(".where")).to_have_text("Ground · By the pillar · Bay A-03")
        for page in (attendant, receiver):
            assert PLATE not in await page.content()
        await expect(attendant.locator("main")).not_to_contain_text("Dora")

        await opened(car, "Show them no more")
        closing = car.get_by_label("Close all links to what they were shown")
        await expect(closing).not_to_be_checked()
        await closing.check()
        await car.get_by_role("button", name="Yes").first.click()
        await expect(shown).to_have_count(0)
        await expect(receiver.locator("#told")).to_contain_text("shows you this car no more")
        await expect(receiver.locator("main")).not_to_contain_text("A-03")


@pytest.fixture
async def photo_house(house: House, tmp_path: Path) -> AsyncIterator[House]:
    """One that keeps photos, served."""
    house.settings = replace(house.settings, photos_url=f"file://{tmp_path}/photos")
    async with house.serving():
        yield house


def photo() -> FilePayload:
    """A picture as a phone takes it."""
    made = BytesIO()
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(made, "JPEG")
    return {"name": "car.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


async def records_with_a_photo(page: Page) -> Locator:
    """By hand there must be something to say; from the booking with all that a phone knows."""
    record = page.locator("#recording")
    await record.get_by_label("Which stay").select_option("No booking: by hand")
    await record.get_by_role("button", name="Keep it").click()
    await expect(page.get_by_role("alert")).to_contain_text("Say at least one thing")
    await record.get_by_label("Which stay").select_option(index=1)
    await record.get_by_label("What you call it").fill("Airport <b>car")
    await record.get_by_role("button", name="Use this phone’s place").click()
    await expect(record.locator(".point")).to_have_text("48.770000, 9.180000 (within 12 m)")
    await record.get_by_label("Photo").set_input_files(photo())
    await record.get_by_role("button", name="Keep it").click()
    car = page.locator("#own .position")
    await expect(car.get_by_role("heading")).to_have_text("Airport <b>car")
    await expect(car.get_by_alt_text("Photo: Airport <b>car").first).to_be_visible()
    return car


async def corrects(car: Locator) -> None:
    """The level was wrong; the bay is not."""
    await opened(car, "Moved, or something is wrong")
    await car.get_by_label("What has changed").select_option("Something is wrong here")
    await car.get_by_label("Level", exact=True).fill("Upper deck")
    await car.get_by_role("button", name="Save").first.click()
    await expect(car.locator(".where")).to_have_text("Upper deck · Bay A-01")


async def scanned(car: Locator) -> str:
    """What another phone reads from the screen."""
    await car.get_by_role("button", name="Show as QR").click()
    code = car.locator(".code img")
    await expect(code).to_be_visible()
    [read] = zxingcpp.read_barcodes(Image.open(BytesIO(await code.screenshot())))
    return str(read.text)


async def hands_out_a_link(car: Locator, url: str) -> None:
    """Its address is told once; it is closed again."""
    await opened(car, "Links for who has no account")
    await opened(car, "Make a link")
    await car.get_by_label("For whom").fill("Otto")
    await car.get_by_label("Passcode").fill("4711")
    await car.get_by_role("button", name="Make the link").click()
    address = await car.locator(".address").inner_text()
    assert re.fullmatch(rf"{url}/p/[a-z2-7]{{28}}", address)
    assert await scanned(car) == address
    await car.get_by_role("button", name="Done").click()
    await expect(car).not_to_contain_text(address)
    await opened(car, "Close it")
    await car.get_by_role("button", name="Yes").first.click()
    await expect(car).to_contain_text("you closed it")
    await opened(car, "Links for who has no account")


async def lets_somebody_fetch(car: Locator, url: str) -> None:
    """Who fetches the car pays."""
    await opened(car, "Let somebody fetch it")
    await opened(car, "Give the right")
    await car.get_by_label("What you call them (they read this)").fill("Freda")
    await car.get_by_label("Who pays the stay").select_option("They do")
    await car.get_by_label("At most (EUR)").fill("12.50")
    await car.get_by_role("button", name="Let them fetch it").click()
    await expect(car.locator(".address")).to_contain_text(f"{url}/f/")
    await expect(car).to_contain_text("They pay up to €12.50.")


async def all_of_it_fits(page: Page) -> None:
    """With all parts open."""
    for details in await page.locator("main details").all():
        await details.evaluate("each => { each.open = true; }")
    assert await fits(page)
    assert await unlabelled(page) == []


async def test_what_the_sharer_says_and_hands_out(photo_house: House, browser: Browser) -> None:
    booked = await book(photo_house)
    here = {"latitude": 48.77, "longitude": 9.18, "accuracy": 12}
    narrow = {"viewport": {"width": NARROW, "height": 740}, "color_scheme": "dark"}
    async with window(browser, **narrow, permissions=["geolocation"], geolocation=here) as page:
        await page.goto(booked.url)
        await page.get_by_role("link", name="Keep and show where it stands").click()
        await page.locator("#sign-in").wait_for()
        await sign_in(page, photo_house, DRIVER, "/positions")
        car = await records_with_a_photo(page)
        await corrects(car)
        await hands_out_a_link(car, photo_house.url)
        await lets_somebody_fetch(car, photo_house.url)
        await all_of_it_fits(page)
        await page.get_by_role("button", name="Switch to Chinese").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("我的车停在哪里")
        await expect(car.locator(".where")).to_have_text("Upper deck · 车位 A-01")
        await all_of_it_fits(page)
        await car.locator("[data-id^=erase]").get_by_role("button", name="确定").click()
        await expect(car).to_have_count(0)
        assert await ParkingPosition.all().count() == 0
