"""Rights that lapse, are revoked, or go to another vehicle: what comes back to the contract."""

from typing import Any

import pytest

from berth.jobs import worker_jobs
from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import Refusal
from parking.rights.checks import verify_rights
from parking.rights.codes.manage import reissue_grant_code
from parking.rights.granting import expire
from parking.rights.granting.expire import expire_rights
from parking.rights.granting.revoke import revoke_right
from parking.rights.granting.transfer import transfer_right
from parking.rights.kinds import RightKind, RightState
from parking.rights.models import AssignedRight, GrantCode, PlaceRightsRule, RightsContract
from parking.rights.statistics import statistics_of_codes
from parking.rights.terms import Terms
from parking.storage.sql import database
from parking.vehicles.records import EnrolmentRecord
from tests.parking.rights.granting.counter import Counter, another_car
from tests.support.estate import OPENED
from tests.support.operators import api_key


async def state_of(right_id: int) -> str:
    return (await AssignedRight.get(id=right_id)).state.value


async def set_right(right_id: int, **values: Any) -> None:
    await AssignedRight.filter(id=right_id).update(**values)


async def lapse(counter: Counter) -> int:
    return await expire_rights(counter.shop.clock, counter.shop.bus)


async def revoke(
    counter: Counter, right_id: int, by: Viewer | None = None, reason: str = "copied"
) -> str:
    """OK, or the refusal's code."""
    try:
        await revoke_right(by or counter.shop.merchant, right_id, reason, **counter.shop.with_bus)
    except Refusal as refusal:
        return refusal.code
    return "OK"


async def passable(counter: Counter, **terms: Any) -> int:
    """A right that may go to another vehicle."""
    shop = counter.shop
    made = await shop.specification(
        RightKind.MINUTES, 30, terms=Terms(is_transferable=True, **terms)
    )
    counter.code_id = await shop.code(specification_id=made)
    return (await counter.scan()).right_id


async def give(
    counter: Counter, right_id: int, to: EnrolmentRecord, by: Viewer | None = None
) -> int | str:
    """The id of the right there, or the refusal's code."""
    try:
        return await transfer_right(
            by or counter.shop.driver, right_id, to, **counter.shop.with_bus
        )
    except Refusal as refusal:
        return refusal.code


async def test_what_lapses_gives_back_what_it_took_once(counter: Counter) -> None:
    granted = await counter.scan()
    counter.shop.clock.advance(minutes=24 * 60 - 1)
    assert await lapse(counter) == 0
    counter.shop.clock.advance(minutes=1)
    [job] = [
        each
        for each in worker_jobs(counter.shop.clock, counter.shop.bus)
        if each.name == "lapsed_rights"
    ]
    assert [await job.run(), await job.run()] == [1, 0]
    assert await state_of(granted.right_id) == "EXPIRED"
    assert await counter.counts() == (0, 0, 0)
    assert await verify_rights(database()) == []
    [entry] = await database().fetch("SELECT actor FROM audit_entry WHERE verb = 'expire_right'")
    assert entry["actor"] == "system"


async def test_uses_of_a_reissued_code_come_back_to_the_one_in_its_place(counter: Counter) -> None:
    """Also where that was reissued in its turn; every count is of the code's own rights."""
    counter.code_id = await counter.shop.code(uses_max=3)
    first = await counter.scan()
    second = await counter.scan(car=await another_car())
    last = counter.code_id
    for _ in range(2):
        last = await reissue_grant_code(
            counter.shop.merchant, last, "copied", **counter.shop.with_bus
        )
    await counter.scan(last, car=await another_car())
    assert await counter.told(last, car=await another_car()) == "GRANT_CODE_EXHAUSTED"
    assert await revoke(counter, first.right_id) == "OK"
    assert await counter.told(last, car=await another_car()) == "NEW"
    assert await counter.told(last, car=await another_car()) == "GRANT_CODE_EXHAUSTED"
    assert await revoke(counter, second.right_id) == "OK"
    code = await GrantCode.get(id=last)
    assert (code.uses, code.uses_max) == (2, 3)
    assert await counter.counts() == (2, 300, 0)
    assert await verify_rights(database()) == []


async def test_many_lapse_in_small_lots(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expire, "EXPIRED_TOGETHER_MAX", 2)
    for _ in range(5):
        await counter.scan(car=await another_car())
    counter.shop.clock.advance(days=1)
    assert await lapse(counter) == 5
    assert await counter.counts() == (0, 0, 0)


async def test_what_cannot_lapse_holds_up_nobody(counter: Counter) -> None:
    await counter.scan()
    await RightsContract.all().update(granted=0)  # nothing of ours writes that
    other = await counter.shop.contract(per_stay_max=2)
    code = await counter.shop.code(contract_id=other)
    good = await counter.scan(code, car=await another_car())
    counter.shop.clock.advance(days=1)
    assert await lapse(counter) == 1
    assert await state_of(good.right_id) == "EXPIRED"


async def test_a_right_that_is_promised_to_a_stay_waits_for_it(counter: Counter) -> None:
    granted = await counter.scan()
    await set_right(granted.right_id, state=RightState.REDEEMED)
    counter.shop.clock.advance(days=2)
    assert await lapse(counter) == 0
    assert await counter.counts() == (1, 150, 1)


async def test_one_that_was_partly_used_counts_for_good(counter: Counter) -> None:
    granted = await counter.scan()
    await set_right(granted.right_id, value=20)
    counter.shop.clock.advance(days=1)
    assert await lapse(counter) == 1
    assert await state_of(granted.right_id) == "USED"
    assert await counter.counts() == (1, 0, 1)
    assert await verify_rights(database()) == []


async def test_an_issuer_takes_back_what_is_not_redeemed(counter: Counter) -> None:
    granted = await counter.scan()
    assert await revoke(counter, granted.right_id) == "OK"
    right = await counter.right(granted.right_id)
    assert (right.state, right.reason, right.version) == (RightState.REVOKED, "copied", 2)
    assert await counter.counts() == (0, 0, 0)
    assert await revoke(counter, granted.right_id) == "WRONG_STATE"
    assert await counter.told() == "ALREADY_GRANTED_TODAY"


async def test_not_while_a_stay_counts_on_it(counter: Counter) -> None:
    granted = await counter.scan()
    await set_right(granted.right_id, state=RightState.REDEEMED)
    assert await revoke(counter, granted.right_id) == "RIGHT_REDEEMED"
    assert await counter.counts() == (1, 150, 1)


async def test_who_revokes(counter: Counter) -> None:
    granted, shop = await counter.scan(), counter.shop
    everybody = {
        "driver": shop.driver, "operator": shop.operator, "attendant": shop.attendant,
        "stranger": Viewer(person_id=999_999),
        "reading key": api_key(shop.issuer_id, Scope.RIGHTS_READ),
        "another issuer": Viewer(person_id=9, roles={99: frozenset({Role.MERCHANT})}),
    }  # fmt: skip
    told = {name: await revoke(counter, granted.right_id, who) for name, who in everybody.items()}
    assert told == {
        "driver": "NOT_FOUND", "operator": "NOT_FOUND", "attendant": "NOT_FOUND",
        "stranger": "NOT_FOUND", "reading key": "NOT_PERMITTED", "another issuer": "NOT_FOUND",
    }  # fmt: skip
    assert await revoke(counter, granted.right_id, shop.merchant, " ") == "INVALID_INPUT"
    till = api_key(shop.issuer_id, Scope.RIGHTS_WRITE)
    assert await revoke(counter, granted.right_id, till) == "OK"


async def test_a_right_goes_to_another_vehicle_with_what_is_left(counter: Counter) -> None:
    first, friend = await passable(counter), await another_car()
    await set_right(first, value=10)
    moved = await give(counter, first, friend)
    assert isinstance(moved, int)
    there, here = await counter.right(moved), await counter.right(first)
    assert (here.state, here.version) == (RightState.MOVED, 2)
    assert (there.state, there.value, there.granted_value) == (RightState.HELD, 10, 30)
    assert (there.enrolment_id, there.person_id) == (friend.id, friend.person_id)
    assert (there.valid_until, there.commit_minor) == (here.valid_until, 150)
    assert await counter.counts() == (1, 150, 1)
    [figures] = (await statistics_of_codes(counter.shop.merchant, [counter.code_id])).values()
    assert (figures.granted, figures.held) == (1, 1)
    assert await verify_rights(database()) == []


async def test_who_gave_one_away_has_had_it_and_who_got_it_has_it(counter: Counter) -> None:
    first, friend = await passable(counter), await another_car()
    moved = await give(counter, first, friend)
    assert await counter.told() == "ALREADY_GRANTED_TODAY"
    again = await counter.scan(car=friend)
    assert (again.right_id, again.is_new) == (moved, False)


async def test_it_goes_back_and_forth_as_a_new_one_each_time(counter: Counter) -> None:
    first, friend = await passable(counter), await another_car()
    second = await give(counter, first, friend)
    assert isinstance(second, int)
    third = await give(counter, second, counter.car, Viewer(person_id=friend.person_id))
    assert isinstance(third, int)
    assert (await counter.right(third)).ordinal == 1
    assert await counter.counts() == (1, 150, 1)


async def test_what_does_not_go(counter: Counter) -> None:
    kept, friend = (await counter.scan()).right_id, await another_car()
    assert await give(counter, kept, friend) == "NOT_TRANSFERABLE"
    counter.car = await another_car()
    first = await passable(counter)
    owner = Viewer(person_id=counter.car.person_id)
    stranger = Viewer(person_id=friend.person_id)
    assert await give(counter, first, friend, stranger) == "NOT_FOUND"
    assert await give(counter, first, friend, counter.shop.merchant) == "NOT_FOUND"
    assert await give(counter, first, counter.car, owner) == "SAME_VEHICLE"
    gone = friend._replace(removed_at=OPENED)
    assert await give(counter, first, gone, owner) == "NOT_FOUND"
    await PlaceRightsRule.create(
        place_id=counter.shop.place_id, per_stay_max=3, needs_proof=True, changed_at=OPENED
    )
    assert await give(counter, first, friend, owner) == "PROOF_NEEDED"
    await set_right(first, state=RightState.REDEEMED)
    assert await give(counter, first, friend, owner) == "RIGHT_REDEEMED"
    await set_right(first, state=RightState.HELD)
    counter.shop.clock.advance(days=1)
    assert await give(counter, first, friend, owner) == "WRONG_STATE"
