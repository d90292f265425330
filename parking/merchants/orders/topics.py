"""Who hears that an order has changed: a bare id and version, on which they read the row. It is a
row of `money_event`, too, so that no crash swallows it."""

from datetime import datetime

from parking.events.bus import Bus
from parking.merchants.records import OrderRecord
from parking.settlement.topics import tell_money
from parking.storage.sql import Sql


def order_topic(order_id: int) -> str:
    """The steps of one order."""
    return f"order:{order_id}"


def organisation_orders_topic(organisation_id: int) -> str:
    """The steps of a merchant's orders."""
    return f"organisation:{organisation_id}:orders"


def person_orders_topic(person_id: int) -> str:
    """The steps of the orders of a guest."""
    return f"person:{person_id}:orders"


def place_orders_topic(place_id: int) -> str:
    """The steps of the orders that are sent to a place."""
    return f"place:{place_id}:orders"


async def tell_order(
    sql: Sql, bus: Bus, at: datetime, order: OrderRecord, place_ids: tuple[int | None, ...] = ()
) -> None:
    """Tell merchant, guest, and who follows the place; `place_ids` are others that were told of.

    In the caller's transaction; `bus` has to hold its messages until the commit (`HeldBus`).
    """
    places = {each for each in (order.place_id, *place_ids) if each is not None}
    topics = (
        order_topic(order.id),
        organisation_orders_topic(order.organisation_id),
        *(() if order.person_id is None else (person_orders_topic(order.person_id),)),
        *map(place_orders_topic, sorted(places)),
    )
    await tell_money(sql, bus, at, *topics, order_id=order.id, version=order.version)
