"""What a merchant promises is worth what the platform trusts it with."""

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import Conflict, InvalidInput, NotPermitted, Refusal
from parking.ledger.accounts import merchant
from parking.ledger.refusals import TransferDiffers
from parking.money import Money
from parking.settlement.kinds import ValidationKind
from parking.settlement.merchants import record_merchant_payment, set_merchant_credit
from parking.settlement.validations import add_validation
from tests.parking.settlement.till import Till
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit, in_account


@pytest.fixture
async def tea_room(till: Till) -> int:
    """An organisation such as anybody can make."""
    del till
    return await make_organisation("Tea room")


async def promise(till: Till, tea_room: int, booked: int) -> None:
    """All of the stay."""
    own = Viewer(till.stage.lease.driver.person_id, roles={tea_room: frozenset({Role.OPERATOR})})
    await add_validation(
        own, tea_room, booked, ValidationKind.FREE, clock=till.stage.clock, bus=till.stage.bus
    )


async def settled(till: Till, tea_room: int) -> int:
    """A stay of 4.00 that the tea room has promised; what the driver paid of it."""
    before, booked = await till.wallet(), await till.book()
    await promise(till, tea_room, booked)
    await till.stay(minutes=119)
    await till.settle()
    return before - await till.wallet()


async def pay(till: Till, tea_room: int, amount_minor: int, key: str) -> None:
    await record_merchant_payment(
        SYSTEM, tea_room, Money(amount_minor, "EUR"), key, clock=till.stage.clock
    )


async def test_nobody_parks_on_the_promise_of_an_organisation_of_their_own(
    till: Till, tea_room: int
) -> None:
    with pytest.raises(Conflict) as refused:
        await promise(till, tea_room, await till.book())
    assert refused.value.code == "NO_CREDIT"


async def test_what_the_credit_does_not_reach_for_the_driver_pays(
    till: Till, tea_room: int
) -> None:
    await give_credit(tea_room, 500)
    assert await settled(till, tea_room) == 0
    assert await settled(till, tea_room) == 300
    assert await in_account(merchant(tea_room, "EUR")) == -500
    await till.audit()


async def test_who_has_paid_may_promise_again(till: Till, tea_room: int) -> None:
    await give_credit(tea_room, 400)
    assert await settled(till, tea_room) == 0
    for _ in range(2):
        await pay(till, tea_room, 400, "invoice 7")
    assert await in_account(merchant(tea_room, "EUR")) == 0
    with pytest.raises(TransferDiffers):
        await pay(till, tea_room, 500, "invoice 7")
    assert await settled(till, tea_room) == 0
    await till.audit()


async def test_credit_is_not_lowered_below_what_is_owed(till: Till, tea_room: int) -> None:
    await give_credit(tea_room, 1_000)
    await settled(till, tea_room)
    with pytest.raises(Conflict) as refused:
        await give_credit(tea_room, 399)
    assert refused.value.code == "CREDIT_IN_USE"
    await give_credit(tea_room, 400)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "refusal"),
    [(-1, "EUR", InvalidInput), (10**12, "EUR", InvalidInput), (1, "ABC", InvalidInput)],
)
async def test_credit_has_limits(
    tea_room: int, amount_minor: int, currency: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await give_credit(tea_room, amount_minor, currency)


async def test_only_the_platform_gives_credit(till: Till, tea_room: int) -> None:
    operator = Viewer(person_id=1, roles={tea_room: frozenset({Role.OPERATOR})})
    credit, clock = Money(100, "EUR"), till.stage.clock
    with pytest.raises(NotPermitted):
        await set_merchant_credit(operator, tea_room, credit, clock=clock)
    with pytest.raises(NotPermitted):
        await record_merchant_payment(operator, tea_room, credit, "x", clock=clock)
