"""Following orders: what there is, then each change, to each what they may see."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.merchants.kinds import OrderState
from parking.merchants.orders.live import (
    OrdersUpdate,
    one_order,
    orders_at_place,
    orders_of_merchant,
    own_orders,
    stream_orders,
)
from parking.occupancy.state import UpdateKind
from tests.support.mall import Mall

LIMIT_SECONDS = 30


async def following(stream: AsyncIterator[OrdersUpdate]) -> OrdersUpdate:
    async with asyncio.timeout(LIMIT_SECONDS):
        return await anext(stream)


async def test_merchant_place_and_guest_follow_an_order(mall: Mall) -> None:
    first = await mall.take(mall.ordered())
    guest = Viewer(person_id=first.person_id)
    streams = [
        stream_orders(viewer, which, mall.bus)
        for viewer, which in (
            (mall.merchant, orders_of_merchant(mall.merchant, mall.merchant_id)),
            (mall.operator, await orders_at_place(mall.operator, mall.garage.place_id)),
            (guest, own_orders(guest)),
            (guest, await one_order(guest, first.id)),
        )
    ]
    for stream in streams:
        told = await following(stream)
        assert (told.kind, [each.id for each in told.orders]) == (UpdateKind.SNAPSHOT, [first.id])
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    for number, stream in enumerate(streams):
        told = await following(stream)
        assert told.kind is UpdateKind.DELTA
        if number == 1:
            assert (told.orders, told.gone) == ([], (first.id,))
        else:
            assert [each.state for each in told.orders] == [OrderState.CANCELLED]


async def test_strangers_follow_nothing(mall: Mall) -> None:
    order = await mall.take(mall.ordered())
    with pytest.raises(NotFound):
        orders_of_merchant(mall.operator, mall.merchant_id)
    with pytest.raises(NotFound):
        await orders_at_place(mall.merchant, mall.garage.place_id)
    with pytest.raises(NotFound):
        await one_order(mall.stranger, order.id)
    with pytest.raises(NotFound):
        own_orders(Viewer(api_key_id=1))
