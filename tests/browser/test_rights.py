"""From a printed code to a stay that cost less, alone: a photograph of the sheet is read by a
decoder, its page grants a right to a vehicle, the car parks before real devices, the code at the
exit is photographed, the right is redeemed and the car leaves. All money is right to the cent."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.async_api import Browser, Page, expect

from parking.accounts.models import Organisation, Role
from parking.clock import TestClock
from parking.ledger.accounts import merchant
from parking.rights.checks import verify_rights
from parking.rights.kinds import RedemptionState, RightState
from parking.rights.models import AssignedRight, Redemption, RightsContract
from parking.settlement.models import Settlement
from parking.storage.sql import database
from schema.ids import global_id
from tests.browser.conftest import EXPECT_MS, House, window
from tests.browser.everything import (
    PATIENT_MS,
    Everything,
    booked,
    devices,
    person,
    publish,
    running,
)
from tests.browser.leasing import sign_in
from tests.browser.test_whole_path import shown_code
from tests.support.estate import OPENED
from tests.support.wallets import PLENTY, give_credit, in_account, in_wallet

PHONE = {"width": 360, "height": 740}
PLATE = "B-TE 123"
WORD = "morning tea"
STAY_MINUTES = 90
PRICE_MINOR = 200
"""What the tea room pays of a right at most; the rest is the garage's own gift."""


@pytest.fixture
async def everything(house: House, clock: TestClock) -> AsyncIterator[Everything]:
    expect.set_options(timeout=PATIENT_MS)
    async with running(house, clock) as made:
        yield made
    expect.set_options(timeout=EXPECT_MS)


def photographed(sheet: bytes) -> str:
    """What a phone reads that is held askew, not quite in focus, at arm's length."""
    picture = Image.open(BytesIO(sheet)).convert("L")
    picture.thumbnail((1200, 1200))
    askew = picture.rotate(9, expand=True, fillcolor=170, resample=Image.Resampling.BICUBIC)
    [found] = zxingcpp.read_barcodes(askew.filter(ImageFilter.GaussianBlur(1.1)))
    return found.text


async def printed(all_of_it: Everything, who: str, noun: str, code: str) -> bytes:
    """The sheet of a code, as a picture."""
    headers = {"authorization": f"Bearer {all_of_it.tokens[who]}"}
    async with httpx.AsyncClient(timeout=60) as client:
        sheet = await client.get(
            f"{all_of_it.program.url}/rights/{noun}/{code}/sheet.png", headers=headers
        )
    assert sheet.status_code == 200, sheet.text
    return sheet.content


async def tea_room(all_of_it: Everything) -> tuple[int, bytes, bytes]:
    """A shop with a contract at the garage: its id, the sheet on its counter, and the exit's."""
    shop = await Organisation.create(name="Tea room", created_at=OPENED)
    await give_credit(shop.id)
    await give_credit(all_of_it.house.estate.organisation_id)
    all_of_it.tokens["shop"] = await person(
        "Mei", "mei@x.example", all_of_it.program, (shop.id, Role.MERCHANT)
    )
    ask, ids, issuer = all_of_it.ask, all_of_it.ids, global_id("Organisation", shop.id)
    offered = await ask("operator", """mutation ($i: OfferRightsContractInput!, $key: String!) {
      offerRightsContract(input: $i, idempotencyKey: $key) {
      ... on RightsContractOffered { contract { id } } ... on Refusal { code message } } }""",
      i={"issuerId": issuer, "placeId": ids["place"], "quota": 10, "budgetMinor": 5_000,
         "priceMinor": PRICE_MINOR, "worthMaxMinor": 2_000})  # fmt: skip
    contract = offered["contract"]["id"]
    await ask("shop", """mutation ($id: ID!, $key: String!) { acceptRightsContract(contractId: $id,
      version: 1, idempotencyKey: $key) { __typename ... on Refusal { code message } } }""",
      id=contract)  # fmt: skip
    made = await ask("shop", """mutation ($i: CreateRightSpecificationInput!, $key: String!) {
      createRightSpecification(input: $i, idempotencyKey: $key) {
      ... on RightSpecificationCreated { specification { id } }
      ... on Refusal { code message } } }""",
      i={"organisationId": issuer, "name": "An hour with your tea", "kind": "MINUTES",
         "value": 60, "currency": "EUR"})  # fmt: skip
    codes = await ask("shop", """mutation ($i: CreateGrantCodesInput!, $key: String!) {
      createGrantCodes(input: $i, idempotencyKey: $key) {
      ... on GrantCodesCreated { grantCodes { id } } ... on Refusal { code message } } }""",
      i={"specificationId": made["specification"]["id"], "contractId": contract})  # fmt: skip
    exits = await ask("operator", """mutation ($p: ID!, $key: String!) { createExitCode(placeId: $p,
      label: "North", idempotencyKey: $key) { ... on ExitCodeCreated { exitCode { id } }
      ... on Refusal { code message } } }""", p=ids["place"])  # fmt: skip
    counter = await printed(all_of_it, "shop", "codes", codes["grantCodes"][0]["id"])
    return shop.id, counter, await printed(all_of_it, "operator", "exits", exits["exitCode"]["id"])


async def enrolled(all_of_it: Everything, page: Page) -> str:
    """The driver adds the vehicle and chooses a code, signed in; what the page shows once."""
    await page.clock.install(time=all_of_it.clock.now())
    await sign_in(page, all_of_it.house, "d@x.example", "/vehicles")
    await page.get_by_label("Country").select_option("DE")
    await page.get_by_label("Plate").fill(PLATE)
    await page.locator("#add").get_by_role("button", name="Add a vehicle").click()
    vehicle = page.locator("#vehicles .vehicle")
    await vehicle.get_by_text("Choose a code").click()
    await vehicle.get_by_label("Your word").fill(WORD)
    await vehicle.get_by_role("button", name="Make the code").click()
    await expect(page.locator(".new-code")).to_contain_text("Shown only now.")
    code = await page.locator(".new-code output").inner_text()
    await page.get_by_role("button", name="I have noted it").click()
    await expect(page.locator(".new-code")).to_have_count(0)
    return code


async def until(found: Any) -> Any:
    """What a worker does by and by."""
    async with asyncio.timeout(PATIENT_MS / 1000):
        while (value := await found()) is None:  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.1)
    return value


async def paid(shop: int, all_of_it: Everything) -> None:
    """Two hours for 5.00, of which the right took one: the driver pays 2.50, the tea room 2.00 as
    contracted, the garage gives 0.50; the owner and the platform get theirs of all of it."""
    found = await until(Settlement.first)
    assert (found.cost_minor, found.owner_minor, found.platform_minor) == (500, 425, 75)
    used = await until(Redemption.filter(state=RedemptionState.FINISHED).first)
    assert (used.issuer_minor, used.operator_minor) == (PRICE_MINOR, 50)
    driver = (await AssignedRight.all().get()).person_id
    garage = all_of_it.house.estate.organisation_id
    assert await in_wallet(driver) == PLENTY - 250
    assert await in_account(merchant(shop, "EUR")) == -PRICE_MINOR
    assert await in_account(merchant(garage, "EUR")) == -50
    assert (await AssignedRight.all().get()).state is RightState.USED
    contract = await RightsContract.all().get()
    assert (contract.granted, contract.committed_minor, contract.spent_minor) == (1, 0, 200)
    assert await verify_rights(database()) == []


async def test_a_printed_code_is_scanned_granted_redeemed_and_paid(
    everything: Everything, page: Page, browser: Browser
) -> None:
    await publish(everything)
    shop, at_counter, at_exit = await tea_room(everything)
    sensor, reader = await devices(everything)
    code = await enrolled(everything, page)
    link = await booked(everything, PLATE)
    assert (await reader.scan(await shown_code(everything, link))).is_open
    sensor.change(is_occupied=True)

    async with window(browser, viewport=PHONE, is_mobile=True, has_touch=True) as phone:
        await phone.goto(photographed(at_counter))
        await expect(phone.get_by_role("heading", level=1)).to_have_text(
            "1 h of parking free (worth up to €20.00)"
        )
        await phone.get_by_label("Your vehicle code").fill(code.upper())
        await phone.get_by_role("button", name="Get it for my vehicle").tap()
        await expect(phone.locator("#done")).to_contain_text("Your vehicle has it now")
        await expect(page.locator("#vehicles")).to_contain_text("1 h of parking free")

        everything.clock.advance(minutes=STAY_MINUTES)
        await page.clock.fast_forward(STAY_MINUTES * 60_000)
        await phone.goto(photographed(at_exit))
        await phone.get_by_label("Your vehicle code").fill(code)
        await phone.get_by_role("button", name="Show what I pay").tap()
        await expect(phone.locator("#plan")).to_contain_text("€5.00")
        await expect(phone.locator("#plan .used")).to_contain_text("-€2.50")
        await expect(phone.locator("#plan .left")).to_have_text("€2.50")
        await phone.get_by_role("button", name="Use and leave").tap()
        await expect(phone.locator("#done")).to_contain_text("Used. Have a good drive.")
        await expect(page.locator("#vehicles")).to_contain_text("In the present stay")

    sensor.change(is_occupied=False)
    await sensor.drain()
    everything.clock.advance(minutes=2)
    await paid(shop, everything)
    await expect(page.locator("#vehicles")).to_contain_text("It holds no rights now.")
