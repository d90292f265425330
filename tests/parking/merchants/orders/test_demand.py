"""Demand against supply: each slot counts what touches it."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.errors import InvalidInput, NotFound
from parking.merchants.kinds import Reason
from parking.merchants.models import MerchantOrder
from parking.merchants.orders.demand import demand_at, slots_of
from parking.windows import Window
from tests.support.mall import Mall

NOW = datetime(2026, 1, 5, tzinfo=UTC)


async def test_what_is_ordered_waits_and_was_turned_away(mall: Mall) -> None:
    now = mall.clock.now()
    orders = [await mall.take(mall.ordered(str(number))) for number in range(9)]
    await MerchantOrder.filter(id=orders[8].id).update(
        state="REFUSED", reason_code=Reason.FULL, place_id=None
    )
    window = Window(now + timedelta(hours=1), now + timedelta(hours=7))
    found = await demand_at(mall.operator, mall.garage.place_id, window)
    assert [each.booked for each in found] == [0, 4, 4, 4, 4, 0]
    assert [(each.waiting, each.refused, each.taken, each.bays) for each in found[1:3]] == [
        (2, 1, 4, 4), (2, 1, 4, 4)
    ]  # fmt: skip
    for viewer in (mall.merchant, mall.lot_operator, mall.stranger):
        with pytest.raises(NotFound):
            await demand_at(viewer, mall.garage.place_id, window)


def test_slots_cover_the_window() -> None:
    window = Window(NOW, NOW + timedelta(minutes=100))
    found = slots_of(window, 30)
    assert [each.duration for each in found] == [timedelta(minutes=m) for m in (30, 30, 30, 10)]
    assert (found[0].starts_at, found[-1].ends_at) == (window.starts_at, window.ends_at)
    for minutes in (0, 14):
        with pytest.raises(InvalidInput):
            slots_of(window, minutes)
    with pytest.raises(InvalidInput):
        slots_of(Window(NOW, NOW + timedelta(days=400)), 60)
