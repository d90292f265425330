"""The guest of a merchant's order on a phone: from the SMS to the bay, and a longer stay."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from parking.accounts.models import Person
from parking.clock import TestClock
from parking.merchants.models import MerchantOrder
from tests.browser.conftest import EXPECT_MS, House, window
from tests.browser.everything import PATIENT_MS, Everything, devices, publish, running
from tests.browser.test_money import PHONE, fits, unlabelled
from tests.browser.visiting import GUEST, open_upstairs, write
from tests.support.wallets import fill_wallet

SIZE = {"width": PHONE, "height": 700}


@pytest.fixture
async def everything(house: House, clock: TestClock) -> AsyncIterator[Everything]:
    expect.set_options(timeout=PATIENT_MS)
    async with running(house, clock) as made:
        yield made
    expect.set_options(timeout=EXPECT_MS)


async def test_a_guest_finds_the_way_says_so_and_stays_longer(
    everything: Everything, browser: Browser
) -> None:
    await publish(everything)
    await open_upstairs(everything)
    await devices(everything)
    link = await write(everything, f"order 7 in 20 minutes, 2 people, Ms Li, {GUEST}, plate S-LI 7")
    async with window(browser, viewport=SIZE) as page:
        await page.goto(link)
        visit, way = page.locator(".visit"), page.locator(".way")
        await expect(visit).to_contain_text("Tea house · Order 7")
        await expect(page.locator("#lock")).to_have_text("Raised: the bay is kept free")
        for told in ("Drive in at Harbour Street.", "Park in bay A-01", "Walk 15 m to lift A.",
                     "Take lift A to level 2.", "Walk 32 m to Tea room."):  # fmt: skip
            await expect(way).to_contain_text(told)
        await expect(way.get_by_role("img")).to_have_count(2)
        await page.get_by_role("button", name="I am here").click()
        await expect(page.locator(".notice.good")).to_contain_text("The lock is going down")
        await expect(page.locator("#lock")).to_have_text("Lowered: drive in")
        await expect(page.get_by_role("button", name="I am here")).to_have_count(0)
        assert (await MerchantOrder.get(order_ref="7")).arrived_at == everything.clock.now()
        await fill_wallet((await Person.get(phone=GUEST)).id)
        await expect(page.locator("main")).to_contain_text("What you add, you pay.")
        await page.get_by_role("button", name="+1 h").click()
        await page.get_by_role("button", name="Extend for €2.50").click()
        await expect(page.locator(".notice.good")).to_contain_text("Extended.")
        assert await fits(page)
        assert await unlabelled(page) == []
        await page.goto(f"{link}?lang=zh")
        await expect(visit).to_contain_text("已于")
        await expect(way).to_contain_text("乘电梯 A 到 2 层。")
        assert await fits(page)
