"""A merchant's messages have one limit, whatever way they come."""

from datetime import timedelta

import pytest

from parking.accounts.attempts import Limit
from parking.accounts.models import Role
from parking.errors import TooManyTries
from parking.merchants.kinds import OrderSource, OrderState
from parking.merchants.models import MerchantOrder, MerchantOrderEvent
from parking.merchants.new_unit import NewUnit
from parking.merchants.orders import take
from parking.merchants.orders.take import take_order
from parking.merchants.units import create_unit
from tests.support.leasing import somebody
from tests.support.mall import Mall
from tests.support.operators import make_organisation

MOST = 3
FEW = Limit("order_of_organisation", MOST, timedelta(minutes=5))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take, "MESSAGES_PER_ORGANISATION", FEW)


async def test_over_it_nothing_is_recorded_until_its_time_is_over(mall: Mall) -> None:
    for ref in range(MOST):
        await mall.take(mall.ordered(str(ref)))
    with pytest.raises(TooManyTries) as over:
        await mall.take(mall.ordered("9"))
    assert over.value.retry_after_seconds == 300
    with pytest.raises(TooManyTries):
        await mall.cancel("0")
    assert await MerchantOrder.filter(order_ref="9").count() == 0
    assert await MerchantOrderEvent.filter(kind="order_cancelled").count() == 0
    mall.clock.advance(minutes=5)
    assert (await mall.take(mall.ordered("9"))).state is OrderState.BOOKED


async def test_repeats_count_and_every_unit_does(mall: Mall) -> None:
    other = await mall.unit(name="Bar")
    await mall.take(mall.ordered("1"))
    await mall.take(mall.ordered("1"))
    await mall.take(mall.ordered("2"), unit_id=other)
    with pytest.raises(TooManyTries):
        await mall.take(mall.ordered("3"))


async def test_each_merchant_has_its_own(mall: Mall) -> None:
    for ref in range(MOST):
        await mall.take(mall.ordered(str(ref)))
    other = await make_organisation("Noodle house")
    cook = await somebody("Nan", {other: Role.MERCHANT})
    bar = NewUnit(other, mall.campus_id, name="Bar", place_ids=[mall.lot.place_id])
    unit = await create_unit(cook, bar, clock=mall.clock)
    ordered, now = mall.ordered("1"), mall.clock.now()
    made = await take_order(cook, unit, ordered, OrderSource.API, now, mall.desk)
    assert (await mall.order(made)).version > 1
