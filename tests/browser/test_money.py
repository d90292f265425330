"""Money in a real browser: the owner's earnings, the wallet, the daily close, the platform, the
receipt."""

import re
from datetime import timedelta

from playwright.async_api import Browser, Page, expect

from parking.accounts.models import Membership, Role
from parking.ledger.accounts import platform, receivable
from parking.ledger.transfers import Movement, transfer
from parking.settlement.disputes.models import Dispute
from parking.settlement.disputes.steps import open_dispute
from parking.settlement.kinds import DisputeState, RailOrderKind, RailOrderState
from parking.settlement.models import PayoutTerms, RailOrder
from parking.storage.transactions import transaction
from tests.browser.conftest import OPERATOR, House, window
from tests.browser.leasing import CLOCK, book, sign_in
from tests.browser.settling import DRIVER, OWNER, PLATFORM, end_stay, make_platform, paid
from tests.support.estate import OPENED
from tests.support.wallets import in_wallet

PHONE = 320


async def fits(page: Page) -> bool:
    """Whether nothing reaches beyond a narrow phone."""
    return bool(await page.evaluate("document.documentElement.scrollWidth") <= PHONE)


async def unlabelled(page: Page) -> list[str]:
    """Fields that no label names, and images that no text does."""
    found: list[str] = await page.evaluate("""() => [
      ...[...document.querySelectorAll("input, select, textarea")]
        .filter((field) => field.type !== "hidden" && !field.labels.length && !field.ariaLabel),
      ...document.querySelectorAll("svg[role=img]:not([aria-label]), img:not([alt])"),
    ].map((each) => each.outerHTML.slice(0, 80))""")
    return found


async def test_the_owner_sees_what_was_earned_and_is_owed(open_house: House, page: Page) -> None:
    settled = await paid(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(
        page.get_by_role("img", name=re.compile("Earnings over time, €3.40"))
    ).to_be_visible()
    await expect(page.locator("#owed")).to_contain_text("€3.40")
    await expect(page.locator("#bills")).to_contain_text(settled.number)
    assert await page.locator("#chart .bar").count() == 31
    for name, wanted in (("Settlements as CSV", "settlements"), ("Statement as CSV", "statement")):
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name=name).click()
        file = await downloading.value
        assert file.suggested_filename.startswith(wanted)
        assert "3.40" in (await file.path()).read_text()
    await page.locator("#by").select_option("MONTH")
    await expect(page.locator("#chart .bar").nth(3)).to_have_count(0)
    assert await unlabelled(page) == []


async def test_earnings_come_by_themselves(open_house: House, page: Page) -> None:
    booked = await book(open_house)
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(page.locator("#chart")).to_contain_text("Nothing was earned")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await end_stay(open_house, booked)
    await expect(page.locator("#owed")).to_contain_text("€3.40")


async def test_the_owner_sets_terms_and_gives_something_back(open_house: House, page: Page) -> None:
    settled = await paid(open_house)
    await Membership.create(
        person_id=settled.booked.owner.person_id, organisation_id=settled.booked.lessor_id,
        role=Role.OPERATOR, created_at=OPENED,
    )  # fmt: skip
    await sign_in(page, open_house, OWNER, "/owner")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await page.get_by_label("Weekday 1–7").fill("3")
    await page.locator("#terms").get_by_role("button", name="Save").click()
    await expect(page.locator("#terms")).to_contain_text("Paid next")
    assert (await PayoutTerms.get(organisation_id=settled.booked.lessor_id)).day == 3
    bills = page.locator("#bills")
    await bills.get_by_text("Give back").first.click()
    await bills.get_by_label("How much (EUR)").fill("1.50")
    await bills.get_by_label("Reason").fill("the gate was stuck")
    before = await in_wallet(settled.booked.driver)
    await bills.get_by_role("button", name="Give back").click()
    await expect(bills).to_contain_text("-€1.50")
    assert await in_wallet(settled.booked.driver) == before + 150


async def test_the_wallet_is_filled_and_pays_what_is_owed(open_house: House, page: Page) -> None:
    settled = await paid(open_house)
    driver = settled.booked.driver
    assert driver.person_id is not None
    await owe(driver.person_id, 250)
    await sign_in(page, open_house, DRIVER, "/wallet?amount=250%26currency=EUR")
    await expect(page.locator("#balances")).to_contain_text("You owe")
    await expect(page.locator("#balances")).to_contain_text("€2.50")
    await expect(page.get_by_label("Amount")).to_have_value("2.50")
    await page.get_by_label("Amount").fill("1.234")
    await page.get_by_role("button", name="Top up").click()
    await expect(page.locator("#problem-text")).to_contain_text("1.234 is no amount in EUR")
    await page.get_by_label("Amount").fill("2.50")
    await page.get_by_role("button", name="Top up").click()
    await expect(page.locator("#balances")).not_to_contain_text("You owe")
    await expect(page.locator("#lines tbody tr").last).to_contain_text("Debt paid")
    await expect(page.locator("#receipts")).to_contain_text(settled.number)
    assert await unlabelled(page) == []


async def test_a_driver_disagrees_and_the_lessor_answers(
    open_house: House, page: Page, browser: Browser
) -> None:
    await paid(open_house)
    await sign_in(page, open_house, DRIVER, "/wallet")
    await expect(page.locator("#pulse")).to_have_text("Live")
    receipts = page.locator("#receipts")
    await receipts.locator("summary").click()
    await receipts.get_by_label("How much should come back (EUR)").fill("1")
    await receipts.get_by_label("Reason").fill("the bay was wet")
    await receipts.get_by_role("button", name="Send").click()
    await expect(page.locator("#disputes")).to_contain_text("€1.00 disputed")
    async with window(browser) as other:
        await sign_in(other, open_house, OWNER, "/owner")
        await expect(other.locator("#pulse")).to_have_text("Live")
        disputes = other.locator("#disputes")
        await expect(disputes).to_contain_text("the bay was wet")
        await disputes.locator("summary", has_text="Add a statement").click()
        await disputes.get_by_label("Reason").fill("it was dry")
        await disputes.get_by_role("button", name="Send").click()
        await expect(disputes).to_contain_text("What was said (1)")


async def owe(person_id: int, amount_minor: int) -> None:
    """The person owes something to the platform."""
    entries = {receivable(person_id, "EUR"): -amount_minor, platform("EUR"): amount_minor}
    async with transaction() as sql:
        await transfer(sql, Movement("owed", "test", entries), CLOCK.now())


async def test_a_place_is_closed_for_the_day(open_house: House, page: Page) -> None:
    await paid(open_house)
    await sign_in(page, open_house, OPERATOR, "/close")
    await expect(page.locator("#sums")).to_contain_text("€4.00")
    await expect(page.locator("#spaces tbody tr")).to_have_count(1)
    await expect(page.locator("#spaces tbody tr")).to_contain_text("A-01")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Download CSV").click()
    assert "A-01" in (await (await downloading.value).path()).read_text()
    await page.get_by_role("button", name="Day before").click()
    await expect(page.locator("#spaces")).to_contain_text("Nothing was settled")
    assert await unlabelled(page) == []


async def test_the_platform_decides_and_asks_rails_again(open_house: House, page: Page) -> None:
    settled = await paid(open_house)
    await make_platform()
    assert open_house.program is not None
    bus = open_house.program.bus
    await open_dispute(
        settled.booked.driver, settled.settlement_id, 100, "Too <b>dear</b>", clock=CLOCK, bus=bus
    )
    order = await RailOrder.create(
        key="stuck", kind=RailOrderKind.REFUND, state=RailOrderState.NEEDS_PERSON, rail="wallet",
        amount_minor=100, currency="EUR", created_at=CLOCK.now(), last_error="Ask the bank.",
        due_at=CLOCK.now() + timedelta(days=1),
    )  # fmt: skip
    await sign_in(page, open_house, PLATFORM, "/platform")
    await expect(page.locator("#totals")).to_contain_text("€4.00")
    disputes = page.locator("#disputes")
    await expect(disputes).to_contain_text("Too <b>dear</b>")
    await disputes.locator("summary", has_text="Decide").click()
    await disputes.get_by_label("To the driver (EUR)").fill("0.40")
    await disputes.get_by_label("Why").fill("it was raining")
    await disputes.get_by_role("button", name="Decide").click()
    await expect(disputes).to_contain_text("No disputes")
    found = await Dispute.all().get()
    assert (found.state, found.to_driver_minor) == (DisputeState.DECIDED, 40)
    await expect(page.locator("#orders")).to_contain_text("Ask the bank.")
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.locator("#orders")).to_contain_text("None.")
    await order.refresh_from_db()
    assert order.state is RailOrderState.DUE
    assert await unlabelled(page) == []


async def test_to_others_a_page_says_so(open_house: House, page: Page) -> None:
    await sign_in(page, open_house, "new@example.org", "/platform")
    await expect(page.locator("#empty")).to_contain_text("role PLATFORM")
    await page.goto(f"{open_house.url}/close")
    await expect(page.locator("#empty")).to_contain_text("run no place")
    await expect(page.locator("#view")).to_be_hidden()


async def test_the_receipt_by_its_number_asks_for_who_one_is(open_house: House, page: Page) -> None:
    settled = await paid(open_house)
    path = f"/receipts/{settled.number}"
    await page.goto(open_house.url + path)
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    await sign_in(page, open_house, DRIVER, path)
    await expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="PDF").click()
    assert (await downloading.value).suggested_filename == f"receipt-{settled.number}.pdf"


async def test_the_bookings_page_tells_by_itself_that_it_is_settled(
    open_house: House, page: Page
) -> None:
    booked = await book(open_house)
    await page.goto(booked.url)
    await expect(page.locator("#pulse")).to_have_text("Live")
    await end_stay(open_house, booked)
    await page.get_by_role("link", name="Read the receipt").click()
    await expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("€3.40")


PAGES = (("/wallet", DRIVER, "钱包"), ("/close", OPERATOR, "日结"),
         ("/platform", PLATFORM, "平台"), ("/owner", OWNER, "我的车位"))  # fmt: skip


async def test_they_fit_a_phone_in_both_languages_and_in_the_dark(
    open_house: House, browser: Browser
) -> None:
    await paid(open_house)
    await make_platform()
    size = {"width": PHONE, "height": 800}
    for path, who, chinese in PAGES:
        async with window(browser, viewport=size, color_scheme="dark", locale="de-DE") as page:
            await sign_in(page, open_house, who, path)
            await expect(page.locator("#view")).to_contain_text(re.compile(r"\d,\d\d\s€"))
            assert await fits(page)
            await page.get_by_role("button", name="Switch to Chinese").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(chinese)
            assert await fits(page)
