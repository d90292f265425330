"""Stays of any length with any rights, prices and credit: what was planned is what is settled, and
driver, issuers and operator together pay exactly the cost."""

import random
from contextlib import suppress

from parking.accounts.viewer import SYSTEM
from parking.errors import Conflict
from parking.ledger.accounts import merchant
from parking.rights.kinds import RightKind
from parking.rights.models import PlaceRightsRule
from parking.rights.redeeming.refusals import NothingToRedeem
from parking.rights.terms import Leftover, Terms
from parking.settlement.kinds import ValidationKind
from parking.settlement.models import Validation
from parking.settlement.validations import add_validation
from tests.parking.rights.redeeming.desk import Desk
from tests.support.estate import OPENED
from tests.support.operators import make_organisation
from tests.support.wallets import fill_wallet, give_credit, in_account

STAYS = 9
VALUES = {
    RightKind.MINUTES: (20, 45, 90, 400), RightKind.AMOUNT: (30, 150, 700),
    RightKind.PERCENT: (10, 33, 100), RightKind.FREE: (0,),
}  # fmt: skip


async def test_what_was_planned_is_what_is_settled(desk: Desk) -> None:
    dice, till = random.Random(11), desk.till
    await fill_wallet(desk.driver, 100_000)
    await PlaceRightsRule.create(place_id=desk.place_id, per_stay_max=4, changed_at=OPENED)
    shops = [await make_organisation(f"Shop {number}") for number in range(3)]
    contracts = [await desk.contract(each, price_minor=dice.choice((0, 40, 130, None)),
                                     budget_minor=dice.choice((None, 50_000)), per_stay_max=2)
                 for each in shops]  # fmt: skip
    for _ in range(STAYS):
        for each in (*shops, desk.operator_id):
            await _more_credit(each, dice.choice((0, 90, 100_000)))
        for _ in range(dice.randint(1, 4)):
            await _grant(desk, dice, dice.choice(contracts))
        booked = await desk.park(dice.choice((10, 90, 119, 150, 260)))
        if dice.random() < 0.4:
            await _promise(desk, shops[0], booked, dice.randint(1, 250))
        await desk.plan()
        try:
            due = (await desk.redeem()).plan.due_minor
        except NothingToRedeem:
            due = (await desk.plan()).due_minor
        before = await _owed(desk, shops)
        await desk.leave()
        found = await till.settlement(booked)
        paid = {each: now - before[each] for each, now in (await _owed(desk, shops)).items()}
        assert found.cost_minor - found.validation_minor == due
        assert due + sum(paid.values()) == found.cost_minor
        rows = await Validation.filter(settlement_id=found.id)
        assert sum(row.paid_minor or 0 for row in rows) == found.validation_minor
        await desk.audit()


async def _grant(desk: Desk, dice: random.Random, contract_id: int) -> None:
    kind = dice.choice(list(VALUES))
    terms = Terms(
        leftover=dice.choice(list(Leftover)), stacks=dice.random() < 0.8,
        per_stay_max=dice.randint(1, 2), per_vehicle_day_max=9,
    )  # fmt: skip
    await desk.right(
        kind, dice.choice(VALUES[kind]), terms=terms, contract_id=contract_id, hours=40,
        worth_max_minor=dice.choice((80, 300)),
    )  # fmt: skip


async def _promise(desk: Desk, shop: int, booked: int, minor: int) -> None:
    with suppress(Conflict):  # the shop has no credit
        await add_validation(
            SYSTEM, shop, booked, ValidationKind.AMOUNT, minor, clock=desk.clock, bus=desk.bus
        )


async def _more_credit(organisation_id: int, minor: int) -> None:
    owed = -await in_account(merchant(organisation_id, "EUR"))
    await give_credit(organisation_id, owed + minor)


async def _owed(desk: Desk, shops: list[int]) -> dict[int, int]:
    return {each: await desk.owes(each) for each in (*shops, desk.operator_id)}
