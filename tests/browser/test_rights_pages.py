"""The driver's pages of rights in a real browser: small phones, both languages, light and dark,
with and without scripts, by keyboard, for a screen reader, signed in."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from parking.rights.kinds import RightKind
from parking.rights.models import AssignedRight
from parking.rights.terms import Terms
from tests.browser.conftest import House, window
from tests.browser.granting import open_shop
from tests.browser.leasing import offered, sign_in
from tests.browser.settling import DRIVER
from tests.browser.test_money import fits, unlabelled
from tests.support.leasing import somebody

PHONE = {"width": 320, "height": 740}
THERE = {"latitude": 48.7701, "longitude": 9.1801}
FAULTS = """() => {
  const visible = (each) => each.getClientRects().length > 0;
  const low = [...document.querySelectorAll("main :is(button, input, select, .button)")]
    .filter((each) => each.type !== "hidden" && visible(each))
    .filter((each) => each.getBoundingClientRect().height < 44);
  const named = ["aria-labelledby", "aria-describedby"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].map((each) => [each, each.getAttribute(name)]));
  const isThere = (id) => document.getElementById(id) !== null;
  const orphans = named.filter(([, ids]) => !ids.split(" ").every(isThere));
  const headings = [...document.querySelectorAll(":is(h1, h2, h3, h4):not([role])")];
  const levels = headings.map(({ tagName }) => Number(tagName[1]));
  const skips = levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1);
  return [
    ...low.map((each) => `too low: ${each.outerHTML.slice(0, 80)}`),
    ...orphans.map(([each]) => `names nothing: ${each.outerHTML.slice(0, 80)}`),
    ...skips.map((level) => `a heading of level ${level} comes too early`),
    ...(levels.filter((level) => level === 1).length === 1 ? [] : ["not one h1"]),
    ...(document.documentElement.lang ? [] : ["no language"]),
  ];
}"""


async def sound(page: Page) -> None:
    """Nothing reaches beyond a narrow phone, keys are large, and all that is shown has a name."""
    assert await fits(page)
    assert await page.evaluate(FAULTS) == []
    assert await unlabelled(page) == []


async def claim(page: Page, url: str, code: str) -> None:
    """Type the code, and send the form by the keyboard."""
    await page.goto(url)
    await page.locator("#code").fill(code)
    await page.keyboard.press("Enter")


LOOKS = [("en-GB", "light", True), ("zh-CN", "dark", False)]


@pytest.mark.parametrize(("locale", "colours", "scripts"), LOOKS)
async def test_every_step_fits_the_smallest_phone(
    open_house: House, browser: Browser, locale: str, colours: str, scripts: bool
) -> None:
    shop = await open_shop(open_house)
    _, code = await shop.parked()
    looks = {"locale": locale, "color_scheme": colours, "java_script_enabled": scripts}
    async with window(browser, viewport=PHONE, **looks) as page:
        for url in (await shop.url(), await shop.near(), await shop.withdrawn(), shop.exit_url):
            await page.goto(url)
            await sound(page)
        await claim(page, await shop.url(), "evening tea 1234")
        await expect(page.locator("#problem")).to_be_focused()
        await sound(page)
        await claim(page, await shop.url(), code)
        await expect(page.locator("#done")).to_be_focused()
        await sound(page)
        await claim(page, shop.exit_url, code)
        await expect(page.locator("#plan")).to_be_focused()
        await sound(page)
        await page.locator("#plan .primary").click()
        await expect(page.locator("#done")).to_be_focused()
        await sound(page)


async def test_without_scripts_all_of_it_works(open_house: House, browser: Browser) -> None:
    shop = await open_shop(open_house)
    _, code = await shop.parked()
    async with window(browser, java_script_enabled=False) as page:
        await claim(page, await shop.url(), "evening tea 1234")
        await page.get_by_role("link", name="There is no such vehicle code").click()
        await expect(page.locator("#code")).to_be_focused()
        await claim(page, await shop.url(), code)
        await expect(page.get_by_role("status")).to_contain_text("1 h of parking free")
        await page.get_by_role("button", name="中文").click()
        await expect(page.locator("#done")).to_contain_text("您的车辆已获得")
        await claim(page, shop.exit_url, code)
        await page.get_by_role("button", name="Use and leave").click()
        await expect(page.get_by_role("status")).to_contain_text("Nothing stands in your way.")
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("status")).to_contain_text("Undone.")
        await expect(page.get_by_role("button", name="Use and leave")).to_be_visible()


async def test_a_signed_in_driver_chooses_the_vehicle(open_house: House, page: Page) -> None:
    shop = await open_shop(open_house)
    booked, _ = await shop.parked()
    await shop.vehicle(booked.driver, "S-XY 77", "evening tea")
    await sign_in(page, open_house, DRIVER, "/vehicles")
    await expect(page.locator("#vehicles")).to_contain_text("SXY77")
    await page.goto(await shop.url())
    vehicle = page.get_by_label("Your vehicle", exact=True)
    await expect(page.locator("#code")).to_be_hidden()
    await vehicle.select_option("Another vehicle, by its code")
    await expect(page.locator("#code")).to_be_focused()
    await vehicle.select_option("SAB12")
    await page.get_by_role("button", name="Get it for my vehicle").click()
    await expect(page.locator("#done")).to_be_focused()
    await expect(page).to_have_title(re.compile("1 h of parking free"))
    await page.goto(shop.exit_url)
    await expect(vehicle).to_be_visible()
    await page.get_by_role("button", name="Show what I pay").click()
    await page.get_by_role("button", name="Use and leave").click()
    await expect(page.locator("#done")).to_contain_text("Used. Have a good drive.")
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("#done")).to_contain_text("已使用")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


async def test_a_code_near_its_place_asks_the_phone(open_house: House, browser: Browser) -> None:
    shop = await open_shop(open_house)
    code = await shop.vehicle(await somebody("Dora"))
    url = await shop.near()
    async with window(browser) as page:
        await claim(page, url, code)
        await expect(page.get_by_role("alert")).to_contain_text("did not say where it is")
    async with window(browser, geolocation=THERE, permissions=["geolocation"]) as page:
        await claim(page, url, code)
        await expect(page.locator("#done")).to_contain_text("Your vehicle has it now")


async def test_the_price_at_the_exit_is_asked_for_again(open_house: House, page: Page) -> None:
    shop = await open_shop(open_house)
    _, code = await shop.parked()
    await page.clock.install()
    await claim(page, shop.exit_url, code)
    await expect(page.locator("#plan")).to_contain_text("You can simply drive out.")
    await page.wait_for_load_state("load")
    right = await shop.issuing.specification(RightKind.FREE)
    free = await shop.url(await shop.issuing.code(specification_id=right))
    await claim_elsewhere(page, free, code)
    await page.clock.fast_forward(31_000)
    await expect(page.locator("#plan .used")).to_contain_text("Free parking")
    await expect(page.locator("#plan .left")).to_have_text("€0.00")
    await expect(page.get_by_role("button", name="Use and leave")).to_be_visible()


async def claim_elsewhere(page: Page, url: str, code: str) -> None:
    """Another phone sends the code's form."""
    answer = await page.request.post(url, form={"code": code, "key": "elsewhere"})
    assert answer.ok
    assert await AssignedRight.all().count() == 1


async def test_a_right_to_enter_books_a_bay_at_once(open_house: House, page: Page) -> None:
    shop = await open_shop(open_house)
    await offered(open_house)
    code = await shop.vehicle(await somebody("Dora"))
    right = await shop.issuing.specification(RightKind.ACCESS)
    url = await shop.url(await shop.issuing.code(specification_id=right))
    await claim(page, url, code)
    await expect(page.locator("#redeem")).to_contain_text("When you arrive")
    await sign_in(page, open_house, DRIVER, "/vehicles")
    vehicle = page.locator("#vehicles .vehicle")
    await vehicle.locator("summary", has_text="Enter now").click()
    await vehicle.get_by_label("How long").select_option("2 h")
    await vehicle.get_by_role("button", name="Enter now").click()
    await expect(page.locator(".badge")).to_have_text("Booked")


async def test_a_vehicle_is_added_coded_and_removed(open_house: House, page: Page) -> None:
    await page.goto(f"{open_house.url}/vehicles")
    await expect(page.locator("#empty")).to_contain_text("Sign in to see your vehicles.")
    await sign_in(page, open_house, "new@example.org", "/vehicles")
    await expect(page.locator("#vehicles")).to_contain_text("You have no vehicle here yet.")
    await page.get_by_label("Country").select_option("DE")
    await page.get_by_label("Plate").fill("S-AB 12")
    await page.get_by_label("What you call it").fill("The <b>van</b>")
    await page.locator("#add").get_by_role("button", name="Add a vehicle").click()
    vehicle = page.locator("#vehicles .vehicle")
    await expect(vehicle).to_contain_text("The <b>van</b>")
    await refused_word(page)
    codes = [await new_code(page, word) for word in ("morning tea", "evening tea")]
    assert codes[0].startswith("morning tea")
    assert codes[1].startswith("evening tea")
    await vehicle.get_by_text("Delete the code").click()
    await vehicle.get_by_role("button", name="Yes").first.click()
    await expect(vehicle).to_contain_text("No code: its rights are used signed in only.")
    await vehicle.get_by_text("Ask for it").click()
    await vehicle.get_by_label("Document").fill("registration 12")
    await vehicle.get_by_role("button", name="Send").click()
    await expect(vehicle).to_contain_text("Asked for")
    assert await unlabelled(page) == []
    await vehicle.get_by_text("Remove the vehicle").click()
    await vehicle.get_by_role("button", name="Yes").last.click()
    await expect(vehicle).to_have_count(0)


async def refused_word(page: Page) -> None:
    """A word that strangers would try first; what was typed stays to be bettered."""
    vehicle = page.locator("#vehicles .vehicle")
    await vehicle.get_by_text("Choose a code").click()
    await vehicle.get_by_label("Your word").fill("qwerty")
    await vehicle.get_by_role("button", name="Make the code").click()
    await expect(page.get_by_role("alert")).to_contain_text("That did not work")
    await expect(vehicle.get_by_label("Your word")).to_have_value("qwerty")
    await vehicle.get_by_text("Choose a code").click()


async def new_code(page: Page, word: str) -> str:
    """Choose a code; what is shown once."""
    vehicle = page.locator("#vehicles .vehicle")
    await vehicle.get_by_text(re.compile("(Choose a|Change the) code")).click()
    await vehicle.get_by_label("Your word").fill(word)
    await vehicle.get_by_role("button", name="Make the code").click()
    shown = page.locator(".new-code output")
    await expect(shown).to_contain_text(word)
    code = await shown.inner_text()
    await page.get_by_role("button", name="I have noted it").click()
    await expect(shown).to_have_count(0)
    return code


async def test_rights_come_by_themselves_and_can_be_given_away(
    open_house: House, browser: Browser
) -> None:
    shop = await open_shop(open_house)
    code = await shop.vehicle(await somebody("Dora"))
    other = await shop.vehicle(shop.issuing.driver, "S-XY 77", "evening tea")
    terms = Terms(is_transferable=True)
    right = await shop.issuing.specification(RightKind.MINUTES, 60, terms=terms)
    url = await shop.url(await shop.issuing.code(specification_id=right))
    looks = {"color_scheme": "dark", "locale": "de-DE"}
    async with window(browser, viewport=PHONE, **looks) as page:
        await sign_in(page, open_house, DRIVER, "/vehicles")
        await expect(page.locator("#pulse")).to_have_text("Live")
        await claim_elsewhere(page, url, code)
        await expect(page.locator("#vehicles")).to_contain_text("1 h of parking free")
        await sound(page)
        await page.get_by_role("button", name="Switch to Chinese").click()
        await expect(page.locator("#vehicles")).to_contain_text("免费停车 1 小时")
        assert await fits(page)
        await page.get_by_text("转给其他车辆").click()
        await page.get_by_label("对方的车辆码").fill(other)
        await page.get_by_role("button", name="转让").click()
        await expect(page.locator("#vehicles")).to_contain_text("目前没有权益。")
