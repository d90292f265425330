"""A contract without a budget gets one while its rights are in stays: what they cost is booked."""

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict
from parking.rights.contracts import raise_contract_limits
from parking.rights.kinds import GrantCodeState, RightKind
from parking.rights.models import GrantCode
from parking.rights.terms import Leftover, Terms
from tests.parking.rights.redeeming.desk import Desk
from tests.support.leasing import somebody

STAYS = Terms(leftover=Leftover.STAYS, per_vehicle_day_max=9)


async def limit(desk: Desk, who: Viewer, contract_id: int, budget_minor: int | None) -> None:
    await raise_contract_limits(
        who, contract_id, budget_minor=budget_minor, clock=desk.clock, bus=desk.bus
    )


async def operator_of(desk: Desk) -> Viewer:
    """Who runs the place; no code of the shop is in use any more, so only rights are in the way."""
    await GrantCode.all().update(state=GrantCodeState.REVOKED)
    return await somebody("Oskar", {desk.operator_id: Role.OPERATOR})


async def test_none_while_what_is_held_may_cost_anything(both: Desk) -> None:
    """Of an operator's own contract, the only one without a limit of each right's worth. Else it
    could cost more than the budget, and its use could never be booked."""
    desk = both
    own = await desk.contract(desk.operator_id, worth_max_minor=None)
    right = await desk.right(RightKind.FREE, contract_id=own)
    await desk.park()
    await desk.redeem()
    operator = await operator_of(desk)
    with pytest.raises(Conflict) as refused:
        await limit(desk, operator, own, 1)
    assert refused.value.code == "BUDGET_NEEDS_LIMIT"
    await desk.leave()
    assert await desk.state(right) == ("USED", 0)
    assert await desk.counts(own) == (1, 0, 400)
    await limit(desk, operator, own, 400)
    await desk.audit()


async def test_what_is_promised_already_may_be_held_and_used(both: Desk) -> None:
    desk = both
    priced = await desk.contract(price_minor=150)
    rights = [
        await desk.right(RightKind.FREE, contract_id=priced),
        await desk.right(RightKind.AMOUNT, 100),
        await desk.right(RightKind.PERCENT, 50, worth_max_minor=50),
    ]
    operator = await operator_of(desk)
    await desk.park()
    await desk.redeem()
    await limit(desk, operator, priced, 150)
    await limit(desk, operator, desk.contract_id, 150)
    await desk.leave()
    assert [(await desk.state(each))[0] for each in rights].count("REDEEMED") == 0
    await desk.audit()


async def test_none_while_a_price_is_paid_again_for_what_is_left(desk: Desk) -> None:
    """What was promised of a price is used up by the first stay; without a budget the next one
    costs the price once more."""
    priced = await desk.contract(price_minor=150)
    await desk.right(RightKind.MINUTES, 600, terms=STAYS, contract_id=priced)
    await desk.park()
    await desk.redeem()
    await desk.leave()
    assert await desk.counts(priced) == (1, 0, 150)
    await desk.park()
    await desk.redeem()
    operator = await operator_of(desk)
    with pytest.raises(Conflict):
        await limit(desk, operator, priced, 150)
    await desk.leave()
    assert await desk.counts(priced) == (1, 0, 300)
    await desk.audit()
