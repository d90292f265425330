"""Somebody finds a car by a secure link, and fetches it: sharer, friend, receiver and attendant
each on a phone of their own, at once. What is taken back is gone from pages that are open."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, Request, WebSocket, expect

from coap_gateway.virtual import VirtualReader
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock, rfc3339
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.locations.links.make import revoke_link
from parking.locations.models import PositionLink
from parking.locations.positions.end import end_position
from parking.reservations.models import Reservation
from schema.ids import global_id
from tests.browser.conftest import EXPECT_MS, House, window
from tests.browser.everything import PATIENT_MS, Everything, booked, devices, publish, running
from tests.browser.finding import Kept, keep
from tests.browser.leasing import CLOCK, sign_in
from tests.browser.positioned import ATTENDANT, DRIVER, FRIEND, attended
from tests.browser.test_money import fits, unlabelled
from tests.browser.test_positions import PHONE, PLATE, opened
from tests.browser.test_whole_path import shown_code
from tests.support.leasing import somebody
from tests.support.wallets import fill_wallet

NARROW = {"width": 320, "height": 740}
GONE = "This link shows nothing any more"


@pytest.fixture
async def kept(open_house: House) -> Kept:
    return await keep(open_house)


async def show(page: Page, url: str) -> None:
    """Open a secure link, and press its button."""
    await page.goto(url)
    await page.get_by_role("button", name="Show it").click()


def overheard(page: Page) -> tuple[list[str], list[str]]:
    """What sockets tell the page, and the referrers that it sends, from now on."""
    told, referrers = list[str](), list[str]()

    def hear(frame: str | bytes) -> None:
        told.append(str(frame))

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    def note(request: Request) -> None:
        referrers.append(request.headers.get("referer", ""))

    page.on("websocket", listen)
    page.on("request", note)
    return told, referrers


async def test_a_friend_sees_a_snapshot_until_it_is_taken_back(
    kept: Kept, browser: Browser
) -> None:
    house = kept.house
    await kept.ask_attendant()
    await attended(house)
    await somebody("Fred")
    async with (
        window(browser, viewport=PHONE) as sharer,
        window(browser, viewport=PHONE) as receiver,
        window(browser, viewport=PHONE) as attendant,
        window(browser, viewport=PHONE) as friend,
    ):
        told, referrers = overheard(friend)

        await sign_in(receiver, house, FRIEND, await kept.invitation())
        await receiver.get_by_role("button", name="Agree and see").click()
        await receiver.get_by_role("link", name="To the positions").click()
        seen = receiver.locator("#shown .position .where")
        await expect(seen).to_have_text("Ground · Bay A-01")

        await sign_in(sharer, house, DRIVER, "/positions")
        car = sharer.locator("#own .position")
        await opened(car, "Links for who has no account")
        await opened(car, "Make a link")
        await car.get_by_role("button", name="Make the link").click()
        url = await car.locator(".address").inner_text()
        await show(friend, url)
        await expect(friend.get_by_role("heading", level=1)).to_have_text("Bay A-01")
        await expect(friend.locator("#pulse")).to_have_text("Live")
        await expect(car).to_contain_text("times opened: 1")

        await sign_in(attendant, house, ATTENDANT, "/refine")
        question = attendant.locator("#queue .question")
        await opened(question, "It stands here")
        await question.get_by_label("Bay", exact=True).fill("A-02")
        await question.get_by_role("button", name="Send").first.click()
        for where in (car.locator(".where"), seen):
            await expect(where).to_have_text(re.compile("Bay A-02"))
        await expect(friend.get_by_role("heading", level=1)).to_have_text("Bay A-01")

        await opened(car, "Close it")
        await car.get_by_role("button", name="Yes").first.click()
        await expect(friend.get_by_role("heading", level=1)).to_have_text(GONE)
        await expect(friend.locator("main")).not_to_contain_text("A-0")
        await expect(friend.locator("#pulse")).to_have_count(0)
        assert any('"CLOSED"' in frame for frame in told)
        assert not any(PLATE in frame or "A-02" in frame for frame in told)
        assert not any(url.rpartition("/")[2] in each for each in referrers)
        await show(friend, url)
        await expect(friend.get_by_role("heading", level=1)).to_have_text(GONE)


async def test_the_back_button_and_other_pages_learn_nothing(kept: Kept, page: Page) -> None:
    _, path = await kept.link()
    await show(page, kept.house.url + path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bay A-01")
    await page.evaluate("""() => {
      const link = document.createElement("a");
      link.href = "/signin";
      document.querySelector("main").append(link);
      link.click();
    }""")
    await page.wait_for_url("**/signin")
    assert await page.evaluate("document.referrer") == ""
    await page.go_back()
    await expect(page.get_by_role("button", name="Show it")).to_be_visible()
    assert "A-01" not in await page.content()
    assert (await PositionLink.get()).views == 1


async def test_it_ends_by_itself_and_with_the_stay(kept: Kept, page: Page) -> None:
    await page.clock.install()
    _, path = await kept.link(expires_at=CLOCK.now() + timedelta(minutes=30))
    await show(page, kept.house.url + path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bay A-01")
    await page.clock.fast_forward(30 * 60_000)
    await expect(page.get_by_role("heading", level=1)).to_have_text(GONE)
    _, path = await kept.link(passcode="2718")
    await show(page, kept.house.url + path)
    await page.get_by_label("Passcode").fill("2718")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bay A-01")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await end_position(kept.booked.driver, kept.position_id, **kept.both)
    await expect(page.get_by_role("heading", level=1)).to_have_text(GONE)


async def test_without_scripts_a_link_works(kept: Kept, browser: Browser) -> None:
    made, path = await kept.link()
    async with window(browser, java_script_enabled=False) as page:
        await show(page, kept.house.url + path)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bay A-01")
        await page.get_by_role("button", name="中文").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("车位 A-01")
        await revoke_link(kept.booked.driver, made, **kept.both)
        await page.get_by_role("button", name="再次查看").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("此链接已无法查看")


async def test_all_fits_a_phone_in_both_languages_and_agreeing_reserves(
    kept: Kept, browser: Browser
) -> None:
    fred = await somebody("Fred")
    await fill_wallet(fred, 1_000)
    _, path = await kept.right(300)
    paths = [(await kept.link())[1], await kept.invitation(), path]
    for locale, scheme in (("en-GB", "light"), ("zh-CN", "dark")):
        async with window(browser, viewport=NARROW, locale=locale, color_scheme=scheme) as page:
            for each in paths:
                await page.goto(kept.house.url + each)
                if each is paths[0]:
                    await page.locator("#form button").click()
                    await page.locator("#where").wait_for()
                assert await fits(page)
                assert await unlabelled(page) == []
    async with (
        window(browser, viewport=NARROW) as page, window(browser, viewport=NARROW) as other,
    ):  # fmt: skip
        await page.clock.install()
        await sign_in(page, kept.house, FRIEND, path)
        await expect(page.locator("#balance")).to_have_text("Your wallet has €10.00.")
        await page.get_by_role("button", name="Agree, reserve €3.00").click()
        await expect(page.locator(".notice.good")).to_contain_text("Agreed.")
        code = page.get_by_role("img", name="QR code that lets")
        await expect(code).to_be_visible()
        assert await fits(page)
        first = await code.get_attribute("src")
        assert first is not None
        await page.clock.fast_forward(31_000)
        await expect(code).not_to_have_attribute("src", first)
        await page.reload()
        await expect(code).to_be_visible()
        await other.goto(kept.house.url + path)  # the address is not enough
        await expect(other.locator("#qr")).to_contain_text("Sign in as who agreed to pay")
        await expect(other.locator("#pulse")).to_have_text("Live")
        await expect(other.locator("#qr img")).to_have_count(0)
        assert await fits(other)


@pytest.fixture
async def everything(house: House, clock: TestClock) -> AsyncIterator[Everything]:
    expect.set_options(timeout=PATIENT_MS)
    async with running(house, clock) as made:
        yield made
    expect.set_options(timeout=EXPECT_MS)


async def gate_of(all_of_it: Everything) -> VirtualReader:
    """A reader of the whole place, started."""
    draft = DeviceDraft("gate", DeviceKind.READER, all_of_it.house.estate.place_id, None)
    made = await provision(SYSTEM, draft, all_of_it.clock, all_of_it.program.sealer)
    gate = await all_of_it.fleet.add("gate", DeviceKind.READER, made.secret)
    assert isinstance(gate, VirtualReader)
    gate.patience_seconds = 60.0
    await gate.start()
    return gate


async def read(page: Page) -> str:
    """What a reader's camera sees on the phone."""
    picture = page.locator("#qr img")
    await expect(picture).to_be_visible()
    await picture.evaluate("picture => picture.decode()")
    shot = await picture.screenshot()
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(shot)))
    return found.text


async def lent(all_of_it: Everything, reservation_id: str) -> tuple[str, str]:
    """The driver lets somebody fetch the car: the right's id, and the path of its page."""
    until = rfc3339(all_of_it.clock.now() + timedelta(days=1))
    given = {"reservationId": reservation_id, "payer": "OWNER", "validUntil": until}
    made = await all_of_it.ask("driver", """mutation ($i: DelegateExitInput!, $key: String!) {
      delegateExit(input: $i, idempotencyKey: $key) {
      ... on ExitDelegated { link delegation { id } } ... on Refusal { code message } } }""",
      i=given)  # fmt: skip
    return made["delegation"]["id"], made["link"]


async def test_a_friends_code_opens_until_it_is_taken_back_and_lets_out_once(
    everything: Everything, browser: Browser
) -> None:
    ask = everything.ask
    await publish(everything)
    sensor, reader = await devices(everything)
    gate = await gate_of(everything)
    driver_link = await booked(everything)
    assert (await reader.scan(await shown_code(everything, driver_link))).is_open
    sensor.change(is_occupied=True)
    await sensor.drain()
    booking = global_id("Reservation", (await Reservation.get()).id)
    first, path = await lent(everything, booking)
    async with window(browser, viewport=PHONE) as friend:
        await friend.goto(everything.program.url + path)
        code = await read(friend)
        await ask("driver", """mutation ($id: ID!, $key: String!) { revokeExitDelegation(
          delegationId: $id, idempotencyKey: $key) { __typename ... on Refusal { code message } }
          }""", id=first)  # fmt: skip
        await expect(friend.locator(".badge")).to_have_text("Taken back")
        await expect(friend.locator("#qr")).to_have_count(0)
        for each in (reader, gate):
            assert (await each.scan(code)).outcome == "NOT_DELEGATED"

        _, path = await lent(everything, booking)
        await friend.goto(everything.program.url + path)
        before = await read(friend)
        assert (await reader.scan(before)).is_open
        await expect(friend.locator(".badge")).to_have_text("On the way out")
        leaving = await read(friend)
        assert (await gate.scan(leaving)).is_open
        await expect(friend.locator(".badge")).to_have_text("The car has left")
        await expect(friend.locator("#qr")).to_have_count(0)
        assert (await gate.scan(leaving)).outcome == "NOT_DELEGATED"
