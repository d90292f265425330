"""What fails rests for a while: however many orders always fail, those behind them go on."""

import pytest

from parking.accounts.viewer import Viewer
from parking.merchants.kinds import OrderState
from parking.merchants.models import MerchantOrder, MerchantOrderEvent
from parking.merchants.orders import due, follow, place, take, telling
from parking.merchants.orders.again import TRIED_AGAIN_AFTER
from parking.merchants.orders.due import carry_out_due
from parking.merchants.orders.follow import follow_orders
from parking.merchants.orders.record import order_by_id
from parking.merchants.orders.telling import tell_orders
from parking.merchants.orders.work import Work
from parking.merchants.records import OrderRecord
from parking.reservations.cancel import cancel
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.storage.faults import Contended
from parking.storage.sql import Sql
from tests.support.mall import Mall
from tests.support.orders import killed

POISONED = ("0", "1")
FEW = "LIMIT 2"
"""As many in one go as there are poisoned ones."""


class Poison(Exception):
    """What nobody thought of."""


def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((due, "_DUE"), (follow, "_CHANGED"), (telling, "_UNTOLD")):
        statement = getattr(module, name).replace("LIMIT 200", FEW)
        assert FEW in statement
        monkeypatch.setattr(module, name, statement)


async def recorded(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> list[OrderRecord]:
    """Three orders that a crash left before they were carried out."""
    with monkeypatch.context() as patch:
        patch.setattr(take, "carry_out", killed)
        return [await mall.take(mall.ordered(ref)) for ref in (*POISONED, "2")]


def poison(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    placing = place._carry_out

    async def placed(work: Work) -> None:
        if work.order.order_ref in POISONED:
            raise fault
        await placing(work)

    monkeypatch.setattr(place, "_carry_out", placed)


async def states(orders: list[OrderRecord]) -> list[OrderState]:
    found = {each.id: each.state for each in await MerchantOrder.all()}
    return [found[each.id] for each in orders]


P, B = OrderState.PENDING, OrderState.BOOKED


async def test_orders_that_always_fail_hold_up_nobody(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    orders = await recorded(mall, monkeypatch)
    with monkeypatch.context() as patch:
        poison(patch, Poison())
        assert [await carry_out_due(mall.desk) for _ in range(3)] == [2, 1, 0]
    assert await states(orders) == [P, P, B]
    mall.clock.advance(seconds=TRIED_AGAIN_AFTER.total_seconds())
    await carry_out_due(mall.desk)
    assert await states(orders) == [B, B, B]


async def test_unless_they_rest_they_do(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    few_at_once(monkeypatch)
    orders = await recorded(mall, monkeypatch)
    poison(monkeypatch, Poison())
    for _ in range(3):
        await carry_out_due(mall.desk)
        await MerchantOrder.all().update(try_at=None)
    assert await states(orders) == [P, P, P]


async def test_who_finds_others_in_the_way_does_not_rest(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = await recorded(mall, monkeypatch)
    with monkeypatch.context() as patch:
        poison(patch, Contended("busy"))
        await carry_out_due(mall.desk)
    await carry_out_due(mall.desk)
    assert await states(orders) == [B, B, B]


async def test_bookings_that_cannot_be_followed_hold_up_nobody(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    orders = [await mall.take(mall.ordered(ref)) for ref in (*POISONED, "2")]
    for order in orders:
        assert order.reservation_id is not None
        guest = Viewer(person_id=order.person_id)
        await cancel(guest, order.reservation_id, clock=mall.clock, bus=mall.bus)
    reading = locked_reservation

    async def read(sql: Sql, reservation_id: int) -> ReservationRecord:
        if reservation_id in [each.reservation_id for each in orders[:2]]:
            raise Poison
        return await reading(sql, reservation_id)

    monkeypatch.setattr(follow, "locked_reservation", read)
    for _ in range(2):
        await follow_orders(mall.desk)
    assert await states(orders) == [B, B, OrderState.CANCELLED]


async def test_events_that_cannot_be_told_hold_up_nobody(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    for ref in (*POISONED, "2"):
        await mall.take(mall.ordered(ref))
    reading = order_by_id

    async def read(sql: Sql, order_id: int) -> OrderRecord | None:
        found = await reading(sql, order_id)
        assert found is not None
        if found.order_ref in POISONED:
            raise Poison
        return found

    monkeypatch.setattr(telling, "order_by_id", read)
    for _ in range(4):
        await tell_orders(mall.clock, lambda booked: f"https://berth.example/b/{booked.id}")
    untold = await MerchantOrderEvent.filter(told_at=None).count()
    assert untold == 2 * len(POISONED)
