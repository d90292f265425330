"""What becomes of a right after its stay: used up, or held again with what is left."""

import pytest

from parking.accounts.models import Role
from parking.errors import Conflict, NotFound
from parking.rights.checks import verify_rights
from parking.rights.kinds import RightKind
from parking.rights.models import AssignedRight, Redemption, RightsContract
from parking.rights.redeeming import finish
from parking.rights.redeeming.why import Why
from parking.rights.terms import Leftover, Terms
from parking.settlement.models import Validation
from parking.settlement.validations import return_validation
from parking.storage.sql import database
from tests.parking.rights.redeeming.desk import Desk
from tests.support.leasing import somebody
from tests.support.wallets import give_credit

_K = RightKind
STAYS = Terms(leftover=Leftover.STAYS, per_vehicle_day_max=9)

LEFT = [
    (_K.MINUTES, 150, STAYS, ("HELD", 30)),
    (_K.MINUTES, 150, Terms(), ("USED", 30)),
    (_K.MINUTES, 60, STAYS, ("USED", 0)),
    (_K.AMOUNT, 500, STAYS, ("HELD", 100)),
    (_K.AMOUNT, 500, Terms(), ("USED", 100)),
    (_K.AMOUNT, 300, STAYS, ("USED", 0)),
    (_K.PERCENT, 50, STAYS, ("USED", 50)),
]


@pytest.mark.parametrize(("kind", "value", "terms", "wanted"), LEFT)
async def test_what_is_left_stays_or_lapses_as_specified(
    desk: Desk, kind: RightKind, value: int, terms: Terms, wanted: tuple[str, int]
) -> None:
    right = await desk.right(kind, value, terms=terms)
    await desk.park()
    await desk.redeem()
    await desk.leave()
    assert await desk.state(right) == wanted
    await desk.audit()
    desk.clock.advance(hours=30)
    await desk.expire()
    assert (await desk.state(right))[0] == "USED"  # what was used in part was used
    await desk.audit()


async def test_several_stays_never_cost_more_than_was_promised(both: Desk) -> None:
    """A budget of 5.00, of which 5.00 are promised for one right that several stays use."""
    desk = both
    bounded = await desk.contract(budget_minor=500)
    right = await desk.right(
        _K.MINUTES, 600, terms=STAYS, worth_max_minor=500, contract_id=bounded, hours=100
    )
    assert await desk.counts(bounded) == (1, 500, 0)
    spent = []
    for _ in range(2):
        await desk.park()
        await desk.redeem()
        await desk.leave()
        spent.append((await desk.counts(bounded), await desk.state(right)))
    assert spent == [((1, 100, 400), ("HELD", 480)), ((1, 0, 500), ("USED", 360))]
    assert await desk.owes() == 500
    await desk.audit()


async def test_minutes_do_not_multiply_by_started_hours(desk: Desk) -> None:
    """One minute takes the third hour off; a stay that has room for an hour uses it up for all
    that."""
    right = await desk.right(_K.MINUTES, 60, terms=STAYS)
    await desk.park(121)
    await desk.redeem()
    await desk.leave()
    assert await desk.used(right) == ("FINISHED", 200, 0, 60)
    assert await desk.state(right) == ("USED", 0)
    await desk.audit()


async def test_minutes_of_several_rights_use_what_is_left_of_the_stay(desk: Desk) -> None:
    """Of 90 and 60 in a stay of two hours the first is used up, and a half of the second."""
    first = await desk.right(_K.MINUTES, 60, terms=STAYS)
    second = await desk.right(_K.MINUTES, 90, terms=STAYS)
    await desk.park()
    await desk.redeem()
    await desk.leave()
    assert await desk.state(first) == ("USED", 0)
    assert await desk.state(second) == ("HELD", 30)
    await desk.audit()


async def test_what_is_left_is_used_on_the_same_day(desk: Desk) -> None:
    """One a day is one right, however many stays use of it."""
    right = await desk.right(_K.AMOUNT, 500, terms=Terms(leftover=Leftover.STAYS))
    for space in range(2):
        await desk.park(space=space)
        await desk.redeem()
        await desk.leave(space)
    assert await desk.state(right) == ("USED", 0)
    assert await desk.counts() == (1, 0, 500)
    await desk.audit()


async def test_a_stay_that_costs_nothing_leaves_the_right_whole(desk: Desk) -> None:
    """Its issuer's credit is gone when it is settled: nothing was paid, so nothing was used."""
    right = await desk.right(_K.AMOUNT, 100)
    await desk.park()
    await desk.redeem()
    await give_credit(desk.issuer_id, 0)
    await desk.leave()
    assert await desk.state(right) == ("HELD", 100)
    assert await desk.used(right) == ("FINISHED", 0, 0, 0)
    assert await desk.counts() == (1, 100, 0)
    await desk.audit()


async def test_what_lapsed_in_the_meantime_is_let_go(both: Desk) -> None:
    """It is promised in time, so its stay takes it; taken back after its time it is gone."""
    desk = both
    used = await desk.right(_K.AMOUNT, 100, hours=3)
    await desk.park()
    await desk.redeem()
    desk.clock.advance(hours=1)
    assert await desk.expire() == 0
    await desk.leave()
    assert await desk.state(used) == ("USED", 0)
    back = await desk.right(_K.AMOUNT, 50, hours=3)
    await desk.park(space=1)
    [redeemed] = (await desk.redeem()).redemption_ids
    desk.clock.advance(hours=3)
    await desk.cancel(redeemed)
    assert await desk.state(back) == ("HELD", 50)
    assert await desk.expire() == 1
    assert await desk.state(back) == ("EXPIRED", 50)
    assert await desk.counts() == (1, 0, 100)
    await desk.audit()


async def test_a_redemption_is_taken_back_while_the_stay_goes_on(both: Desk) -> None:
    desk = both
    right = await desk.right(_K.FREE)
    booked = await desk.park()
    [first] = (await desk.redeem()).redemption_ids
    with pytest.raises(NotFound):
        await desk.cancel(first, desk.till.stage.lease.other)
    with pytest.raises(NotFound):
        await desk.cancel(999)
    await desk.cancel(first)
    assert (await desk.state(right), await desk.promises(booked)) == (("HELD", 0), [])
    with pytest.raises(Conflict, match="CANCELLED already"):
        await desk.cancel(first)
    [second] = (await desk.redeem()).redemption_ids
    await desk.till.stage.go()
    with pytest.raises(Conflict, match="the stay is over"):
        await desk.cancel(second)
    await desk.till.settle()
    assert await desk.finish() == 1
    assert await desk.used(right) == ("FINISHED", 400, 0, 0)
    with pytest.raises(Conflict):
        await desk.cancel(second)
    await desk.audit()


async def test_a_promise_that_its_issuer_takes_back_returns_the_right(both: Desk) -> None:
    desk = both
    right = await desk.right(_K.FREE)
    booked = await desk.park()
    await desk.redeem()
    merchant = await somebody("Mei", {desk.issuer_id: Role.MERCHANT})
    promise = await Validation.get(right_id=right)
    await return_validation(merchant, promise.id, clock=desk.clock, bus=desk.bus)
    assert [each.why for each in (await desk.plan()).unused] == [Why.TAKEN_BACK]
    assert (await desk.finish(), await desk.finish()) == (1, 0)
    assert (await desk.state(right), (await desk.used(right))[0]) == (("HELD", 0), "CANCELLED")
    await desk.leave()
    assert (await desk.till.settlement(booked)).validation_minor == 0
    await desk.audit()


async def test_a_right_that_cannot_be_worked_out_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one go looks at; the control makes one go of a run."""
    monkeypatch.setattr(finish, "FINISHED_AT_ONCE_MAX", 1)
    bad = await desk.right(_K.AMOUNT, 10)
    good = await desk.right(_K.AMOUNT, 20)
    await desk.park()
    await desk.redeem()
    await AssignedRight.filter(id=bad).update(terms="{}")
    await desk.till.stage.go()
    await desk.till.settle()
    with monkeypatch.context() as control, pytest.raises(KeyError):
        control.setattr(finish, "FINISHED_PAGES_MAX", 1)
        await desk.finish()
    assert (await desk.state(good))[0] == "REDEEMED"
    with pytest.raises(KeyError):
        await desk.finish()
    assert ((await desk.state(good))[0], (await desk.state(bad))[0]) == ("USED", "REDEEMED")


async def test_the_check_finds_what_does_not_fit(both: Desk) -> None:
    desk = both
    right = await desk.right(_K.AMOUNT, 100)
    await desk.park()
    await desk.redeem()
    await desk.leave()
    await desk.audit()
    await RightsContract.filter(id=desk.contract_id).update(granted=7, spent_minor=1)
    await Redemption.filter(assigned_right_id=right).update(issuer_minor=99)
    found = await verify_rights(database())
    assert sorted(each.code for each in found) == ["REDEMPTION"] + ["RIGHTS_CONTRACT"] * 2
