"""Who pays for rights never pays whatever a lessor asks: a right is worth no more than issuer and
operator have agreed to, in all stays together."""

import json

import pytest

from parking.accounts.models import Role
from parking.errors import InvalidInput
from parking.rates.models import RateTable
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.granting.grant import grant_right
from parking.rights.kinds import RightKind
from parking.rights.models import AssignedRight, GrantCode
from parking.rights.new_contract import NewContract
from parking.rights.specifications import create_specification
from parking.rights.terms import Leftover, Terms
from parking.vehicles.find import holder_of
from tests.parking.rights.granting.counter import KEYS
from tests.parking.rights.redeeming.desk import Desk
from tests.support.leasing import HOURLY, somebody
from tests.support.wallets import fill_wallet, in_wallet

DEAR_MINOR, COST_MINOR = 500_000, 1_000_000
"""5,000.00 an hour; two hours of it."""
WORTH_MINOR = 800
TERMS = {RightKind.MINUTES: Terms(leftover=Leftover.STAYS, per_vehicle_day_max=9)}


async def ask_a_fortune(desk: Desk) -> None:
    """The lessor, who is neither issuer nor operator, sets its price."""
    text = json.dumps(HOURLY).replace('"amountMinor": 200', f'"amountMinor": {DEAR_MINOR}')
    await RateTable.all().update(document=text)
    await fill_wallet(desk.driver, 3 * COST_MINOR)


async def granted(desk: Desk, price_minor: int | None, kind: RightKind, value: int = 0) -> int:
    """A right of a contract that both sides have agreed to; its specification names no limit."""
    both = {"clock": desk.clock, "bus": desk.bus}
    operator = await somebody("Oskar", {desk.operator_id: Role.OPERATOR})
    merchant = await somebody("Mei", {desk.issuer_id: Role.MERCHANT})
    new = NewContract(
        desk.issuer_id, desk.place_id, price_minor=price_minor, worth_max_minor=WORTH_MINOR
    )
    agreed = await offer_contract(operator, new, **both)
    await accept_contract(merchant, agreed, 1, **both)
    terms = TERMS.get(kind, Terms())
    given = NewSpecification(desk.issuer_id, "A gift", kind, "EUR", value, terms=terms)
    made = await create_specification(merchant, given, clock=desk.clock)
    [code] = await create_grant_codes(merchant, NewGrantCode(made, agreed), 1, **both)
    text = (await GrantCode.get(id=code)).public_id
    viewer = holder_of(desk.car)
    return (await grant_right(text, desk.car, viewer=viewer, **both, keys=KEYS)).right_id


async def stay(desk: Desk) -> None:
    """Two hours, with whatever rights help."""
    await desk.park()
    await desk.redeem()
    await desk.leave()


@pytest.mark.parametrize("price_minor", [1, None])
async def test_a_dear_bay_takes_no_more_than_was_agreed(
    desk: Desk, price_minor: int | None
) -> None:
    await ask_a_fortune(desk)
    right, before = await granted(desk, price_minor, RightKind.FREE), await in_wallet(desk.driver)
    await stay(desk)
    by_issuer = WORTH_MINOR if price_minor is None else price_minor
    assert await desk.used(right) == ("FINISHED", by_issuer, WORTH_MINOR - by_issuer, 0)
    assert await desk.owes() == by_issuer
    assert await in_wallet(desk.driver) == before - COST_MINOR + WORTH_MINOR
    await desk.audit()


async def test_also_for_a_right_that_says_more_itself(desk: Desk) -> None:
    """However the row came to be: the contract's word is asked again when it is used."""
    await ask_a_fortune(desk)
    right = await granted(desk, 1, RightKind.FREE)
    assert (await AssignedRight.get(id=right)).worth_max_minor == WORTH_MINOR
    await AssignedRight.filter(id=right).update(worth_max_minor=None)
    await stay(desk)
    assert await desk.used(right) == ("FINISHED", 1, WORTH_MINOR - 1, 0)


async def test_nor_in_several_stays_together(desk: Desk) -> None:
    right = await granted(desk, 1, RightKind.MINUTES, 600)
    paid = []
    for _ in range(2):
        await stay(desk)
        paid.append(sum(each or 0 for each in (await desk.used(right))[1:3]))
    assert paid == [400, 400]
    assert (await desk.state(right))[0] != "HELD"
    await desk.audit()


async def test_nobody_agrees_to_pay_whatever_it_comes_to(desk: Desk) -> None:
    operator = await somebody("Oskar", {desk.operator_id: Role.OPERATOR})
    for issuer_id, price_minor in ((desk.issuer_id, None), (desk.operator_id, 1)):
        new = NewContract(issuer_id, desk.place_id, price_minor=price_minor)
        with pytest.raises(InvalidInput) as refused:
            await offer_contract(operator, new, clock=desk.clock, bus=desk.bus)
        assert refused.value.field == "worth_max_minor"
