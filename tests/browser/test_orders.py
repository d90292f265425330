"""The page of orders in a real browser: a merchant's day live, and the operator's demand."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from parking.merchants.kinds import OrderState, ToldSteps
from parking.merchants.models import MerchantOrder, MerchantUnit
from tests.browser.conftest import OPERATOR, House, window
from tests.browser.issuing import MERCHANT
from tests.browser.leasing import sign_in
from tests.browser.ordering import TeaRoom, open_tea_room
from tests.browser.test_money import PHONE, fits, unlabelled


@pytest.fixture
async def tea_room(open_house: House) -> TeaRoom:
    return await open_tea_room(open_house)


async def test_a_merchant_sees_places_and_cancels_orders(
    open_house: House, page: Page, tea_room: TeaRoom
) -> None:
    await sign_in(page, open_house, MERCHANT, "/orders")
    await expect(page.locator("#today")).to_contain_text("No orders")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await tea_room.take("21")
    row = page.locator("#today tbody tr", has_text="SLI21")
    for told in ("Li Wei", "+491701234521", "Booked", "confirmed", "Bay ", "Tea room"):
        await expect(row).to_contain_text(told)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await row.get_by_role("button", name="Copy the guest's link of order 21").click()
    await expect(row).to_contain_text("Copied")
    link = await page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{open_house.url}/b/")
    await page.goto(link)
    await expect(page.locator("body")).to_contain_text("Harbour")
    await page.goto(f"{open_house.url}/orders")
    await row.get_by_label("Cancel order 21").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(row).to_contain_text("Cancelled")
    await expect(row).to_contain_text("by you")
    await page.get_by_label("Your number of it").fill("1022")
    await page.get_by_label("People").fill("2")
    await page.get_by_label("Guest", exact=True).fill("Ada <b>")
    await page.get_by_label("Plate", exact=True).fill("S-AD 7")
    await page.get_by_role("button", name="Place the order").click()
    await expect(page.locator("#order-told")).to_contain_text("Order 1022 · Booked")
    listed = page.locator("main tbody tr", has_text="SAD7")
    await expect(listed).to_contain_text("Ada <b>")
    made = await MerchantOrder.get(order_ref="1022")
    assert (made.state, made.party) == (OrderState.BOOKED, 2)
    assert await unlabelled(page) == []


async def test_a_merchant_reads_its_sms_and_says_where_it_is_told(
    open_house: House, page: Page, tea_room: TeaRoom
) -> None:
    await tea_room.write("order 51 in 5 minutes, 4 people, Ms Li")
    await tea_room.write("order 52 for two cars at 8pm")
    await sign_in(page, open_house, MERCHANT, "/orders")
    done = page.locator("#sms tbody tr", has_text="order 51 in 5 minutes")
    for told in ("Order · #51 · ", "4 people · Ms Li", "Done", "Order 51: booked"):
        await expect(done).to_contain_text(told)
    unclear = page.locator("#sms tbody tr", has_text="order 52 for two cars")
    for told in ("Not clear", "Send one for each, as orders 52-1, 52-2"):
        await expect(unclear).to_contain_text(told)
    form = page.locator("#told-form")
    await form.get_by_label("By e-mail").fill("tea@shop.example")
    await form.get_by_label("Of what").select_option("Problems only")
    await form.get_by_role("button", name="Save").click()
    await expect(page.locator("#told-told")).to_have_text("Saved")
    unit = await MerchantUnit.get(id=tea_room.unit_id)
    assert (unit.told_email, unit.told_phone, unit.told_steps) == (
        "tea@shop.example", None, ToldSteps.PROBLEMS,
    )  # fmt: skip
    await form.get_by_label("By SMS").fill("nobody")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("phone number")


async def test_who_runs_the_place_sees_demand_and_no_names(
    open_house: House, page: Page, tea_room: TeaRoom
) -> None:
    await tea_room.take("31")
    await sign_in(page, open_house, OPERATOR, "/orders")
    await expect(page.get_by_role("img", name=re.compile("1 merchants' bookings"))).to_be_visible()
    row = page.locator("#parked tbody tr", has_text="SLI31")
    await expect(row).to_contain_text("Booked")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await tea_room.take("32")
    await expect(page.locator("#parked")).to_contain_text("SLI32")
    await expect(page.get_by_role("img", name=re.compile("2 merchants' bookings"))).to_be_visible()
    await page.get_by_text("The same as a table").click()
    await expect(page.locator("#hours-table")).to_contain_text("Bays in service")
    await expect(page.locator("main")).not_to_contain_text("Li Wei")
    await expect(page.locator("main")).not_to_contain_text("+4917")


async def test_it_fits_a_phone_in_both_languages_and_in_the_dark(
    open_house: House, browser: Browser, tea_room: TeaRoom
) -> None:
    await tea_room.take("41")
    size = {"width": PHONE, "height": 800}
    for who, table in ((MERCHANT, "#today"), (OPERATOR, "#parked")):
        async with window(browser, viewport=size, color_scheme="dark", locale="de-DE") as page:
            await sign_in(page, open_house, who, "/orders")
            await expect(page.locator(table)).to_contain_text("SLI41")
            for details in await page.locator("main details:visible").all():
                await details.evaluate("each => { each.open = true; }")
            assert await fits(page)
            await page.get_by_role("button", name="Switch to Chinese").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("订单停车")
            assert await fits(page)
            assert await unlabelled(page) == []
