"""Who sees which orders, and what of them."""

from datetime import timedelta

from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.merchants.kinds import Demand, OrderState
from parking.merchants.orders.queries import (
    OrderFilter,
    events_of,
    find_orders,
    links_of,
    orders_by_id,
)
from parking.reservations.models import Reservation
from tests.support.mall import Mall
from tests.support.operators import api_key


async def test_merchant_guest_and_operator_see_an_order_and_nobody_else(mall: Mall) -> None:
    order = await mall.take(mall.ordered())
    guest = Viewer(person_id=order.person_id)
    keys = [api_key(mall.merchant_id, each) for each in (Scope.ORDERS_READ, Scope.ORDERS_WRITE)]
    for viewer in (mall.merchant, guest, *keys, SYSTEM):
        assert await orders_by_id(viewer, [order.id]) == {order.id: order}
    seen = (await orders_by_id(mall.operator, [order.id]))[order.id]
    assert (seen.guest_name, seen.guest_phone, seen.person_id) == ("", "", None)
    assert seen.plate == "SLI1"
    link = Viewer(person_id=order.person_id, link_of=order.reservation_id)
    strangers = (mall.stranger, mall.lot_operator, ANONYMOUS, link)
    for viewer in (*strangers, api_key(mall.merchant_id, Scope.RIGHTS_READ)):
        assert await orders_by_id(viewer, [order.id]) == {}
        assert await find_orders(viewer, limit=9) == []
        assert await events_of(viewer, [order.id]) == {}
    events = (await events_of(mall.operator, [order.id]))[order.id]
    assert [each.version for each in events] == [1, 2]


async def test_orders_are_found_by_what_they_are(mall: Mall) -> None:
    first = await mall.take(mall.ordered("1"))
    second = await mall.take(mall.ordered("2", 30))
    mall.clock.advance(minutes=1)
    third = await mall.cancel("3")
    now = mall.clock.now()

    async def found(**wanted: object) -> list[int]:
        page = await find_orders(mall.merchant, OrderFilter(**wanted), limit=9)  # type: ignore[arg-type]
        return [each.id for each in page]

    assert await found() == [third.id, second.id, first.id]
    assert await found(states=[OrderState.BOOKED]) == [second.id, first.id]
    assert await found(service_until=now + timedelta(days=1)) == [first.id]
    assert await found(service_from=now + timedelta(days=1)) == [second.id]
    assert await found(order_ref="2", unit_id=mall.unit_id) == [second.id]
    assert await found(place_id=mall.lot.place_id) == []
    page = await find_orders(mall.merchant, limit=1, before_id=third.id)
    assert [each.id for each in page] == [second.id]


async def test_the_guests_link_is_for_who_sends_orders_until_it_is_renewed(mall: Mall) -> None:
    order = await mall.take(mall.ordered())
    waiting = await mall.take(mall.ordered("2", demand=Demand.NO))
    guest, sending = (
        Viewer(person_id=order.person_id),
        api_key(mall.merchant_id, Scope.ORDERS_WRITE),
    )
    for viewer in (mall.merchant, guest, sending):
        told = await links_of(viewer, [order.id, waiting.id])
        assert told == {order.id: (order.reservation_id, 1)}
    reading = api_key(mall.merchant_id, Scope.ORDERS_READ)
    for viewer in (mall.operator, mall.lot_operator, mall.stranger, reading, ANONYMOUS):
        assert await links_of(viewer, [order.id]) == {}
    await Reservation.filter(id=order.reservation_id).update(link_generation=2)
    for viewer in (mall.merchant, guest, sending):
        assert await links_of(viewer, [order.id]) == {}
