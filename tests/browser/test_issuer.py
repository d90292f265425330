"""The page of rights in a real browser: a shop that gives parking, and who runs the place."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from parking.rights.granting.grant import grant_right
from parking.rights.kinds import ContractState, GrantCodeState, RedemptionWay, SignalKind
from parking.rights.models import (
    ExitCode,
    GrantCode,
    PlaceRightsRule,
    RightsContract,
    RightSpecification,
    RightsSignal,
)
from parking.rights.redeeming.redeem import redeem
from parking.vehicles.queries import enrolments_of_person
from tests.api.sheets.printed import picture, read
from tests.browser.conftest import OPERATOR, House, window
from tests.browser.granting import open_shop as open_giving_shop
from tests.browser.issuing import MERCHANT, Shop, join, open_shop
from tests.browser.leasing import CLOCK, sign_in
from tests.browser.test_money import fits, unlabelled

PHONE = 320


@pytest.fixture
async def shop(open_house: House) -> Shop:
    return await open_shop(open_house)


async def test_a_shop_makes_what_it_gives_and_prints_codes(
    open_house: House, page: Page, shop: Shop
) -> None:
    await sign_in(page, open_house, MERCHANT, "/rights")
    await expect(page.locator("#contracts")).to_contain_text("0 of 100 rights given")
    await expect(page.locator("#pulse")).to_have_text("Live")
    await page.get_by_text("Something new to give").click()
    await page.get_by_label("Name").fill("Three euros off")
    await page.get_by_label("Kind").select_option("AMOUNT")
    await page.get_by_role("textbox", name="Amount").fill("3.00")
    await page.locator("#specification-form summary").click()
    await page.get_by_role("checkbox", name="Sat").check()
    await page.get_by_label("At these hours").fill("11:30-14:30, 18:00-02:00")
    await page.get_by_label("Usable for (hours)").fill("4")
    await page.locator("#specification-form").get_by_role("button", name="Make").click()
    await expect(page.locator("#specifications")).to_contain_text("€3.00 off parking")
    made = await RightSpecification.get(name="Three euros off")
    assert (made.value, '"valid_minutes":240' in made.terms) == (300, True)
    assert '[["11:30","14:30"],["18:00","02:00"]]' in made.terms
    await page.get_by_text("New codes").click()
    await page.locator("#c-specification").select_option(label="Three euros off")
    await page.get_by_label("Your own words").fill("Slip")
    await page.get_by_label("How many codes").fill("3")
    await page.get_by_label("Each for so many vehicles").fill("1")
    await page.locator("#codes-form").get_by_role("button", name="Make").click()
    rows = page.locator("#codes tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("0 of 1")
    await page.get_by_label("Paper").first.select_option("SMALL_LABEL")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Print all").click()
    assert (await downloading.value).suggested_filename == "codes.pdf"
    assert await unlabelled(page) == []


async def test_a_code_is_printed_replaced_and_revoked_with_a_reason(
    open_house: House, page: Page, shop: Shop
) -> None:
    old = await GrantCode.get(id=await shop.code(label="Window"))
    await sign_in(page, open_house, MERCHANT, "/rights")
    await page.get_by_label("File").first.select_option("png")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Print", exact=True).click()
    file = await (await downloading.value).path()
    assert read(picture(file.read_bytes())) == [f"{open_house.url}/g/{old.public_id}"]
    codes = page.locator("#codes")
    await codes.locator("summary", has_text="Replace").click()
    await codes.get_by_label("Reason").last.fill("somebody copied it")
    await codes.get_by_role("button", name="Replace").click()
    await page.get_by_label("Only those that still give").uncheck()
    await expect(codes.locator("tbody tr")).to_have_count(2)
    await expect(codes).to_contain_text("somebody copied it")
    await old.refresh_from_db()
    assert (old.state, old.replaced_by_id is None) == (GrantCodeState.REVOKED, False)
    await codes.locator("summary", has_text="Revoke").click()
    await codes.get_by_label("Reason").first.fill("the shop is closed")
    await codes.get_by_role("button", name="Revoke").click()
    await expect(codes.locator("tbody tr").first).to_contain_text("the shop is closed")
    assert await GrantCode.filter(state=GrantCodeState.ACTIVE).count() == 0


async def test_what_is_no_amount_and_what_is_refused_is_told(
    open_house: House, page: Page, shop: Shop
) -> None:
    await sign_in(page, open_house, MERCHANT, "/rights")
    await page.get_by_text("Something new to give").click()
    form = page.locator("#specification-form")
    await form.get_by_label("Name").fill("Odd")
    await form.locator("#s-value").fill("an hour")
    await form.get_by_role("button", name="Make").click()
    await expect(page.locator("#problem-text")).to_contain_text("an hour is no whole number")
    await form.locator("#s-value").fill("0")
    await form.get_by_role("button", name="Make").click()
    await expect(page.locator("#problem-text")).to_contain_text("Kind: it is 0")
    assert await form.get_by_label("Name").input_value() == "Odd"


async def look_again(page: Page) -> None:
    """Somebody comes back to the window."""
    await page.evaluate("dispatchEvent(new Event('focus'))")


async def test_a_contract_is_offered_accepted_declined_and_limited(
    open_house: House, page: Page, browser: Browser
) -> None:
    shop = await open_shop(open_house, is_accepted=False)
    await sign_in(page, open_house, MERCHANT, "/rights")
    await expect(page.locator("#pulse")).to_have_text("Live")
    issuer_id = await page.locator("#organisation-id").text_content()
    async with window(browser, viewport={"width": 1280, "height": 900}) as other:
        await sign_in(other, open_house, OPERATOR, "/rights?side=operator")
        await other.get_by_text("Offer a contract").click()
        form = other.locator("#contract-form")
        await form.get_by_label("Id of the issuer").fill(issuer_id or "")
        await form.get_by_label("in all").fill("12.50")
        await form.get_by_label("for one").fill("1.50")
        await form.get_by_role("button", name="Offer").click()
        await expect(other.locator("#problem-text")).to_contain_text("worth at most, whoever pays:")
        await form.get_by_label("worth at most").fill("6")
        await form.get_by_role("button", name="Offer").click()
        await expect(other.locator("#offered > li")).to_have_count(2)
        offers = page.locator("#contracts > li")
        await look_again(page)
        await expect(offers).to_have_count(2)
        await offers.first.get_by_role("button", name="Accept").click()
        await expect(offers.first).to_contain_text("In force")
        await offers.last.locator("summary", has_text="Decline").click()
        await offers.last.get_by_label("Reason").fill("too dear")
        await offers.last.get_by_role("button", name="Decline").click()
        await expect(offers.last).to_contain_text("too dear")
        await look_again(other)
        await expect(other.locator("#offered > li").first).to_contain_text("In force")
        await expect(other.locator("#offered > li").last).to_contain_text("too dear")
        await other.locator("#offered summary", has_text="limits").click()
        await other.locator("#offered").get_by_label("Rights at most").fill("20")
        await other.locator("#offered").get_by_role("button", name="Save").click()
        await look_again(page)
        await expect(offers.first).to_contain_text("0 of 20 rights given")
        assert await unlabelled(other) == []
    found = await RightsContract.all().order_by("id")
    assert [(each.state, each.quota, each.budget_minor) for each in found] == [
        (ContractState.DECLINED, 100, 5000), (ContractState.ACTIVE, 20, 1250),
    ]  # fmt: skip
    assert shop.contract_id == found[0].id


async def test_who_runs_the_place_has_exit_codes_and_a_rule(open_house: House, page: Page) -> None:
    await sign_in(page, open_house, OPERATOR, "/rights?side=operator")
    await expect(page.locator("#today")).to_contain_text("Nothing was redeemed today")
    await page.get_by_label("Where it hangs").fill("North barrier")
    await page.get_by_role("button", name="New exit code").click()
    exits = page.locator("#exits > li")
    await expect(exits).to_contain_text("North barrier")
    code = await ExitCode.get(label="North barrier")
    await page.locator("#exit-form-file").select_option("png")
    async with page.expect_download() as downloading:
        await exits.get_by_role("button", name="Print").click()
    file = await (await downloading.value).path()
    assert read(picture(file.read_bytes())) == [f"{open_house.url}/x/{code.public_id}"]
    await page.get_by_label("Rights of all issuers in one stay").fill("2")
    await page.get_by_label("Drivers must prove").check()
    await page.locator("#rule-form").get_by_role("button", name="Save").click()
    await exits.get_by_role("button", name="Revoke").click()
    await expect(page.locator("#exits")).to_contain_text("No exit code yet")
    rule = await PlaceRightsRule.get(place_id=open_house.estate.place_id)
    assert (rule.per_stay_max, rule.needs_proof) == (2, True)


async def test_what_drivers_are_given_and_redeem_appears_by_itself(
    open_house: House, page: Page, browser: Browser
) -> None:
    giving = await open_giving_shop(open_house)
    await join(giving.issuing.merchant, giving.issuing.issuer_id)
    booked, _ = await giving.parked()
    assert open_house.program is not None
    with_bus = {"viewer": booked.driver, "clock": CLOCK, "bus": open_house.program.bus}
    [vehicle] = await enrolments_of_person(booked.driver, limit=1)
    await sign_in(page, open_house, MERCHANT, "/rights")
    await expect(page.locator("#figures")).to_contain_text("Nothing was given yet")
    await expect(page.locator("#pulse")).to_have_text("Live")
    async with window(browser, viewport={"width": 1280, "height": 900}) as other:
        await sign_in(other, open_house, OPERATOR, "/rights?side=operator")
        await expect(other.locator("#pulse")).to_have_text("Live")
        scanned = (await GrantCode.get(id=giving.grant_code_id)).public_id
        await grant_right(scanned, vehicle, keys=open_house.program.keys.pictures, **with_bus)
        await expect(page.locator("#figures")).to_contain_text("Given1Held1")
        place = open_house.estate.place_id
        await redeem(vehicle, place, RedemptionWay.EXIT_CODE, **with_bus)
        today = other.locator("#today tbody tr")
        await expect(today).to_contain_text("SAB12")
        await expect(today).to_contain_text("1 h of parking free (worth up to €10,000.00) Tea room")
        await expect(page.locator("#figures")).to_contain_text("In a stay now1")


async def test_signals_are_looked_at(open_house: House, page: Page, shop: Shop) -> None:
    signal = await RightsSignal.create(
        kind=SignalKind.MANY_VEHICLES, organisation_id=shop.issuer_id, detail="{}",
        operator_id=open_house.estate.organisation_id, place_id=open_house.estate.place_id,
        at=CLOCK.now(), grant_code_id=await shop.code(label="Window"),
    )  # fmt: skip
    await sign_in(page, open_house, MERCHANT, "/rights")
    await expect(page.locator("#signals")).to_contain_text("Many vehicles in a minute")
    await page.get_by_role("button", name="I have seen it").click()
    await expect(page.locator("#signals-card")).to_be_hidden()
    await signal.refresh_from_db()
    assert signal.seen_at is not None


async def test_whoever_has_nothing_to_do_with_rights_is_told_so(
    open_house: House, page: Page
) -> None:
    await page.goto(f"{open_house.url}/rights")
    await expect(page.locator("#empty")).to_contain_text("Sign in")
    await sign_in(page, open_house, "new@example.org", "/rights")
    await expect(page.locator("#empty")).to_contain_text("no organisation")
    await expect(page.locator("#view")).to_be_hidden()


async def test_it_fits_a_phone_in_both_languages_and_in_the_dark(
    open_house: House, browser: Browser, shop: Shop
) -> None:
    await shop.code(label="A label without any spaces " + "x" * 60)
    size = {"width": PHONE, "height": 800}
    for who, path in ((MERCHANT, "/rights"), (OPERATOR, "/rights?side=operator")):
        async with window(browser, viewport=size, color_scheme="dark", locale="de-DE") as page:
            await sign_in(page, open_house, who, path)
            await expect(page.locator("main")).to_contain_text(re.compile(r"\d,\d\d\s€"))
            for details in await page.locator("main details:visible").all():
                await details.evaluate("each => { each.open = true; }")
            assert await fits(page)
            await page.get_by_role("button", name="Switch to Chinese").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("停车优惠")
            assert await fits(page)
            assert await unlabelled(page) == []
