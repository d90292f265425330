"""A booking's money by its link: what its holder sees, and when they are told."""

from hashlib import sha256
from typing import Any

import orjson

from parking.reservations.links import link_token, renew_link
from parking.settlement.credits import credit_charge
from parking.settlement.receipts import recompute_receipt
from tests.schema.town import Town

MONEY = "{ amountMinor currency }"
SEE = f"""query ($t: String!) {{ bookingByLink(token: $t) {{
  money {{ rail state secured {MONEY} hasAction settlement {{ outcome at
    cost {MONEY} validation {MONEY} toppedUp {MONEY} receivable {MONEY} refund {MONEY} }} }}
  receipts {{ number kind amount {MONEY} body digest issuedAt }} }} }}"""
LIVE = """subscription ($t: String!) { bookingByLink(token: $t) {
  ... on BookingLinkUpdate { version state } ... on Refusal { code } } }"""


def token(town: Town, name: str) -> str:
    return link_token(town.services.keys.links[0], town.keys[name], 1)


async def see(town: Town, name: str, who: str = "anonymous") -> Any:
    return (await town.ask(who, SEE, t=token(town, name)))["bookingByLink"]


async def test_the_holder_sees_what_was_secured_and_what_came_of_it(settled: Town) -> None:
    coming = (await see(settled, "coming"))["money"]
    assert (coming["rail"], coming["state"]) == ("wallet", "OPEN")
    assert (coming["secured"]["amountMinor"], coming["settlement"]) == (480, None)
    assert (await see(settled, "coming"))["receipts"] == []
    paid = (await see(settled, "paid"))["money"]
    told = paid["settlement"]
    assert (paid["state"], told["outcome"], told["cost"]["amountMinor"]) == (
        "SETTLED", "COMPLETED", 480,
    )  # fmt: skip
    assert paid["hasAction"] is True


async def test_the_receipt_proves_itself_and_names_its_credits(settled: Town) -> None:
    operator = settled.viewers["operator"]
    await credit_charge(
        operator, settled.keys["charge"], 10, "Sorry", clock=settled.clock, bus=settled.bus
    )
    bill, credit = (await see(settled, "paid"))["receipts"]
    assert (bill["kind"], credit["kind"]) == ("CHARGE", "CREDIT")
    assert recompute_receipt(bill["body"]).cost_minor == bill["amount"]["amountMinor"] == 480
    assert credit["amount"]["amountMinor"] == -10
    for each in (bill, credit):
        assert sha256(each["body"].encode()).hexdigest() == each["digest"]
    assert orjson.loads(credit["body"])["corrects"] == bill["number"]


async def test_a_link_shows_the_same_to_everybody_and_nothing_once_it_is_renewed(
    settled: Town,
) -> None:
    """Whoever holds it, signed in or not, sees this booking's money, and no other's."""
    mine, others = await see(settled, "paid"), await see(settled, "others-paid")
    for who in ("driver", "stranger", "operator", "key"):
        assert await see(settled, "paid", who) == mine
    assert mine["receipts"][0]["number"] != others["receipts"][0]["number"]
    driver = settled.viewers["driver"]
    await renew_link(driver, settled.keys["coming"], clock=settled.clock, bus=settled.bus)
    assert await see(settled, "coming") is None


async def test_the_holder_is_told_when_it_is_settled(settled: Town) -> None:
    results = await settled.subscribe("anonymous", LIVE, t=token(settled, "paid"))
    first = (await anext(results)).data["bookingByLink"]
    operator = settled.viewers["operator"]
    await credit_charge(
        operator, settled.keys["charge"], 10, "Sorry", clock=settled.clock, bus=settled.bus
    )
    assert (await anext(results)).data["bookingByLink"] == first
    await results.aclose()
