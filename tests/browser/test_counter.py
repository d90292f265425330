"""The screen at a counter in a real browser. Its clock is the test's, so nothing waits."""

from playwright.async_api import Browser, Page, expect

from parking.rights.codes.manage import revoke_grant_code
from parking.rights.codes.rotating import read_picture
from parking.rights.kinds import GrantCodeKind
from parking.rights.limits import ROTATION
from parking.rights.models import GrantCode
from schema.ids import global_id
from tests.api.sheets.printed import picture, read
from tests.browser.conftest import EXPECT_MS, House, window
from tests.browser.issuing import MERCHANT, Shop, open_shop
from tests.browser.leasing import CLOCK, sign_in

STEP_MS = int(ROTATION.total_seconds() * 1000)
LANDSCAPE = {"width": 800, "height": 360}
PHONE = {"width": 320, "height": 640}


async def open_screen(house: House, page: Page) -> tuple[Shop, int]:
    """The shop's rotating code on a screen; its id."""
    shop = await open_shop(house)
    code = await shop.code(GrantCodeKind.ROTATING, label="Till 1")
    await page.clock.install()
    await sign_in(page, house, MERCHANT, f"/counter/{global_id('GrantCode', code)}")
    await expect(page.locator("#screen")).to_have_attribute("data-state", "shown")
    return shop, code


async def shown(page: Page) -> str:
    """What a phone reads from the screen: the code behind `/g/`."""
    [link] = read(picture(await page.screenshot()))
    return link.rpartition("/g/")[2]


async def test_the_screen_shows_a_code_that_is_good_now_and_the_next_in_time(
    open_house: House, page: Page
) -> None:
    _, code = await open_screen(open_house, page)
    assert open_house.program is not None
    scanned = read_picture(open_house.program.keys.pictures, await shown(page), CLOCK.now())
    assert scanned.is_fresh
    assert scanned.public_id == (await GrantCode.get(id=code)).public_id
    await expect(page.locator("#gives")).to_have_text(
        "1 h of parking free (worth up to €10.00) · 免费停车 1 小时（最多抵 €10.00）"
    )
    await expect(page.locator("#where")).to_have_text("Harbour garage · from Tea room · Till 1")
    async with page.expect_response(lambda told: told.url.endswith("/picture")):
        await page.clock.fast_forward(STEP_MS + 1000)


async def test_without_a_connection_it_says_so_and_shows_no_stale_code(
    open_house: House, page: Page
) -> None:
    await open_screen(open_house, page)
    await page.context.set_offline(True)
    await expect(page.locator("#pulse")).to_have_text("Connection lost")
    await page.clock.fast_forward(2 * STEP_MS)
    await expect(page.locator("#told")).to_contain_text("The code comes back by itself")
    await expect(page.locator("#code")).to_be_hidden()
    assert read(picture(await page.screenshot())) == []
    await page.context.set_offline(False)
    await expect(page.locator("#code")).to_be_visible()
    await expect(page.locator("#pulse")).to_have_text("Live")


async def test_a_revoked_code_goes_off_the_screen(open_house: House, page: Page) -> None:
    shop, code = await open_screen(open_house, page)
    assert open_house.program is not None
    bus = open_house.program.bus
    await revoke_grant_code(shop.merchant, code, "the shop moves", clock=CLOCK, bus=bus)
    await page.clock.fast_forward(STEP_MS + 1000)
    await expect(page.locator("#told")).to_have_text("This code was revoked.")
    await expect(page.locator("#code")).to_be_hidden()


async def test_it_is_read_from_any_screen_light_or_dark(open_house: House, page: Page) -> None:
    await open_screen(open_house, page)
    for size in (LANDSCAPE, PHONE):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("dark", "light"):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            assert await shown(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    await page.get_by_role("button", name="Switch to Chinese").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "扫码领取停车优惠 · Scan for parking"
    )


async def test_to_others_it_shows_nothing(open_house: House, browser: Browser) -> None:
    shop = await open_shop(open_house)
    code = await shop.code()
    path = f"/counter/{global_id('GrantCode', code)}"
    async with window(browser) as page:
        await page.goto(f"{open_house.url}{path}")
        await expect(page.locator("#told")).to_contain_text("Sign in as the issuer")
        await page.get_by_role("link", name="Sign in").click(timeout=EXPECT_MS)
        await sign_in(page, open_house, "new@example.org", path)
        await expect(page.locator("#told")).to_contain_text("There is no such code")
