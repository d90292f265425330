"""A card from the form to the confirmed booking, as a page does it; Stripe is a stand-in."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.notices.inbox import LogAndInboxChannel
from parking.settlement.funding import EscrowFunding
from schema.context import Services
from schema.ids import global_id
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.rails.desk import ASKS, DECLINED, Desk, open_desk
from tests.parking.settlement.till import make_till
from tests.schema.conftest import SECRET
from tests.schema.town import LossyBus, Town
from tests.support.leasing import make_lease
from tests.support.stripe_stand_in import localstripe, stand_in

BEGIN = """mutation ($key: String!) {
  it: beginPaymentAccount(rail: "stripe", idempotencyKey: $key) {
  __typename ... on PaymentAccountBegun { reference clientSecret } } }"""
BIND = """mutation ($key: String!, $reference: String!) {
  it: bindPaymentAccount(rail: "stripe", reference: $reference, idempotencyKey: $key) {
    __typename ... on PaymentAccountBound { account { id label isDefault } } } }"""
REMOVE = """mutation ($key: String!, $id: ID!) {
  it: removePaymentAccount(paymentAccountId: $id, idempotencyKey: $key) {
    __typename ... on Refusal { code } } }"""
CONFIRM = """mutation ($key: String!, $id: ID!) {
  it: confirmReservation(reservationId: $id, idempotencyKey: $key) {
    __typename ... on PaymentActionNeeded { code url clientSecret }
    ... on ReservationConfirmed { reservation { escrow { secured { amountMinor } }
      payments { state action account { label } } } } } }"""
PAYMENTS = "query ($id: ID!) { reservation(id: $id) { payments { state action } } }"

REASONS = "query ($id: ID!) { reservation(id: $id) { payments { state reason } } }"


@pytest.fixture(scope="module")
def localstripe_url() -> Iterator[str]:
    with localstripe() as url:
        yield url


@pytest.fixture
async def desk(database: str, clock: TestClock, localstripe_url: str) -> AsyncIterator[Desk]:
    del database
    till = await make_till(Stage(await make_lease(), clock))
    async with stand_in(localstripe_url) as stripe, open_desk(till, stripe) as made:
        yield made


@pytest.fixture
def page(desk: Desk, clock: TestClock) -> Town:
    """The schema, as the driver's page asks it."""
    bus = LossyBus()
    services = Services(
        clock=clock, bus=bus, keys=derive_keys(SECRET), channel=LogAndInboxChannel(clock),
        standings=Standings(clock), sealer=Sealer(SECRET.encode()), rails=desk.rails,
        funding=EscrowFunding(desk.rails),
    )  # fmt: skip
    lease = desk.till.stage.lease
    return Town(services, clock, bus, viewers={"driver": desk.driver, "owner": lease.owner})


async def do(page: Town, call: str, key: str, **given: Any) -> dict[str, Any]:
    done: dict[str, Any] = (await page.ask("driver", call, key=key, **given))["it"]
    return done


async def test_a_card_is_bound_asked_for_and_pays(desk: Desk, page: Town) -> None:
    begun = await do(page, BEGIN, "begin")
    assert await do(page, BEGIN, "begin") == begun, "the same key, the same binding"
    early = await do(page, BIND, "early", reference=begun["reference"])
    assert early["__typename"] == "PaymentDeclined", "nothing was told to the rail yet"
    await desk.fill_form(begun["reference"], begun["clientSecret"], ASKS)
    bound = await do(page, BIND, "bind", reference=begun["reference"])
    assert await do(page, BIND, "bind", reference=begun["reference"]) == bound
    assert bound["account"]["isDefault"]
    booked = global_id("Reservation", await desk.hold())
    asked = await do(page, CONFIRM, "confirm", id=booked)
    assert (asked["__typename"], asked["url"]) == ("PaymentActionNeeded", None)
    told = await page.ask("driver", PAYMENTS, id=booked)
    assert told["reservation"]["payments"] == [
        {"state": "ACTION_NEEDED", "action": asked["clientSecret"]}
    ]
    await desk.agree(asked["clientSecret"])
    confirmed = (await do(page, CONFIRM, "confirm", id=booked))["reservation"]
    assert confirmed["escrow"]["secured"]["amountMinor"] == 400
    [payment] = confirmed["payments"]
    assert (payment["state"], payment["action"]) == ("AUTHORISED", None)
    assert payment["account"]["label"] == bound["account"]["label"]
    removed = await do(page, REMOVE, "remove", id=bound["account"]["id"])
    assert removed == {"__typename": "Conflict", "code": "PAYMENT_ACCOUNT_IN_USE"}


async def test_what_a_bank_says_is_told_to_its_customer_only(desk: Desk, page: Town) -> None:
    await desk.bind(DECLINED)
    booked = global_id("Reservation", await desk.hold())
    assert (await do(page, CONFIRM, "confirm", id=booked))["__typename"] == "PaymentDeclined"
    [told] = (await page.ask("driver", REASONS, id=booked))["reservation"]["payments"]
    [seen] = (await page.ask("owner", REASONS, id=booked))["reservation"]["payments"]
    assert (told["state"], seen["state"]) == ("DECLINED", "DECLINED")
    assert (bool(told["reason"]), seen["reason"]) == (True, "")
