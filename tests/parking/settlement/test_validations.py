"""A merchant's promise: paid inside the settlement, and only there."""

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.settlement.kinds import ValidationKind
from parking.settlement.models import Validation
from parking.settlement.validations import add_validation, return_validation
from tests.parking.settlement.till import Till, whole
from tests.support.leasing import somebody
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit, in_wallet

_K = ValidationKind


@pytest.fixture
async def tea_room(till: Till) -> int:
    """A merchant's organisation, which the platform trusts."""
    del till
    made = await make_organisation("Tea room")
    await give_credit(made)
    return made


@pytest.fixture
async def merchant(tea_room: int) -> Viewer:
    return await somebody("Mei", {tea_room: Role.MERCHANT})


async def promise(
    till: Till, who: Viewer, organisation_id: int, booked: int, kind: ValidationKind, value: int = 0
) -> int:
    stage = till.stage
    return await add_validation(
        who, organisation_id, booked, kind, value, "tea", clock=stage.clock, bus=stage.bus
    )


KINDS = [
    (_K.MINUTES, 60, 200, (400, 200, 0, 0, 300, 40, 60, 0, 200)),
    (_K.MINUTES, 300, 400, (400, 400, 0, 0, 300, 40, 60, 0, 400)),
    (_K.AMOUNT, 150, 150, (400, 150, 0, 0, 300, 40, 60, 0, 150)),
    (_K.PERCENT, 25, 100, (400, 100, 0, 0, 300, 40, 60, 0, 100)),
    (_K.FREE, 0, 400, (400, 400, 0, 0, 300, 40, 60, 0, 400)),
]


@pytest.mark.parametrize(("kind", "value", "paid", "wanted"), KINDS)
async def test_the_merchant_pays_and_the_driver_gets_it_back(
    till: Till,
    tea_room: int,
    merchant: Viewer,
    kind: ValidationKind,
    value: int,
    paid: int,
    wanted: tuple[int, ...],
) -> None:
    booked = await till.book()
    made = await promise(till, merchant, tea_room, booked, kind, value)
    await till.stay(minutes=119)
    await till.settle()
    assert (await till.moved(booked))["in"] == {
        f"merchant:{tea_room}:validation": -paid, "escrow": paid,
    }  # fmt: skip
    found = await till.settlement(booked)
    assert whole(found) == wanted
    row = await Validation.get(id=made)
    assert (row.paid_minor, row.settlement_id) == (paid, found.id)
    assert await in_wallet(till.stage.lease.driver) == 1_600 + paid


async def test_a_merchants_minutes_pay_for_overstaying_too(
    till: Till, tea_room: int, merchant: Viewer
) -> None:
    booked = await till.book()
    await promise(till, merchant, tea_room, booked, _K.MINUTES, 60)
    await till.stay(minutes=150)
    await till.settle()
    assert whole(await till.settlement(booked))[:4] == (400, 200, 0, 0)


async def test_without_a_stay_the_merchant_pays_nothing(
    till: Till, tea_room: int, merchant: Viewer
) -> None:
    booked = await till.book()
    made = await promise(till, merchant, tea_room, booked, _K.FREE)
    await till.miss()
    await till.settle()
    assert (await Validation.get(id=made)).paid_minor == 0
    assert (await till.settlement(booked)).validation_minor == 0


async def test_what_was_taken_back_is_not_paid(till: Till, tea_room: int, merchant: Viewer) -> None:
    stage, booked = till.stage, await till.book()
    made = await promise(till, merchant, tea_room, booked, _K.FREE)
    with pytest.raises(Conflict) as refusal:
        await promise(till, merchant, tea_room, booked, _K.FREE)
    assert refusal.value.code == "ALREADY_VALIDATED"
    await return_validation(merchant, made, clock=stage.clock, bus=stage.bus)
    with pytest.raises(Conflict):
        await return_validation(merchant, made, clock=stage.clock, bus=stage.bus)
    await promise(till, merchant, tea_room, booked, _K.AMOUNT, 10)
    await till.stay(minutes=119)
    await till.settle()
    assert (await till.settlement(booked)).validation_minor == 10
    with pytest.raises(Conflict):
        await return_validation(merchant, made + 1, clock=stage.clock, bus=stage.bus)
    with pytest.raises(Conflict):
        await promise(till, merchant, tea_room, booked, _K.FREE)
    assert await Validation.filter(settlement_id__isnull=False).count() == 1


async def test_only_the_merchants_own_people_promise(
    till: Till, tea_room: int, merchant: Viewer
) -> None:
    lease, booked = till.stage.lease, await till.book()
    attendant = await somebody("Anna", {tea_room: Role.ATTENDANT})
    link = Viewer(person_id=merchant.person_id, roles=merchant.roles, link_of=booked)
    for who, refusal in (
        (lease.driver, NotFound), (lease.owner, NotFound), (attendant, NotPermitted),
        (link, NotPermitted),
    ):  # fmt: skip
        with pytest.raises(refusal):
            await promise(till, who, tea_room, booked, _K.FREE)
    made = await promise(till, merchant, tea_room, booked, _K.FREE)
    with pytest.raises(NotFound):
        await return_validation(lease.owner, made, clock=till.stage.clock, bus=till.stage.bus)
    with pytest.raises(Conflict):
        await promise(till, merchant, tea_room, 999, _K.FREE)


BAD = [(_K.MINUTES, 0), (_K.AMOUNT, -1), (_K.PERCENT, 101), (_K.MINUTES, 10**9)]


@pytest.mark.parametrize(("kind", "value"), BAD)
async def test_values_have_limits(
    till: Till, tea_room: int, merchant: Viewer, kind: ValidationKind, value: int
) -> None:
    with pytest.raises(InvalidInput):
        await promise(till, merchant, tea_room, 1, kind, value)
