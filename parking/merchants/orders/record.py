"""Taking a step with an order: the row, its next version and its event in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from parking.events.bus import Bus
from parking.merchants.kinds import OrderStep
from parking.merchants.orders.topics import tell_order
from parking.merchants.records import SELECT_ORDERS, OrderRecord, order_record
from parking.storage.faults import Contended
from parking.storage.sql import Sql

_STORED = OrderRecord._fields[1:]
_MARKS = ", ".join(f"${number}" for number in range(1, len(_STORED) + 1))
INSERT_ORDER = (
    f"INSERT INTO merchant_order ({', '.join(_STORED)}) VALUES ({_MARKS})"
    " ON CONFLICT (unit_id, order_ref) DO NOTHING RETURNING id"
)
INSERT_EVENT = """
INSERT INTO merchant_order_event (order_id, version, kind, at, actor, detail)
VALUES ($1, $2, $3, $4, $5, $6)
"""
FREED: Mapping[str, Any] = {
    "reservation_id": None,
    "reservation_state": "",
    "waitlist_entry_id": None,
    "space_id": None,
    "walk_metres": None,
    "look_at": None,
    "arrived_at": None,
}
"""The columns of an order that holds nothing (any more)."""


async def record_received(
    sql: Sql, bus: Bus, made: OrderRecord, actor: str, detail: Mapping[str, Any]
) -> OrderRecord:
    """A new order with its first event. Raises `Contended` when somebody else was faster."""
    values = [getattr(made, name) for name in _STORED]
    rows = await sql.fetch(INSERT_ORDER, *values)
    if not rows:
        raise Contended(f"order {made.order_ref!r} was made meanwhile; run it again")
    order = made._replace(id=rows[0]["id"])
    await _write_event(sql, order, OrderStep.RECEIVED, actor, order.created_at, detail)
    await tell_order(sql, bus, order.created_at, order)
    return order


async def record_order(
    sql: Sql,
    bus: Bus,
    order: OrderRecord,
    step: OrderStep,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
    **changes: Any,
) -> OrderRecord:
    """Write the changed columns, the next version and the event; the order as it is then.

    `bus` has to hold its messages until the commit (`HeldBus`). Raises `Contended` when somebody
    else took a step in between: a newer message, or another worker.
    """
    after = order._replace(version=order.version + 1, changed_at=at, **changes)
    names = [*changes, "version", "changed_at"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=3))
    written = await sql.execute(
        f"UPDATE merchant_order SET {assignments} WHERE id = $1 AND version = $2",
        order.id,
        order.version,
        *(getattr(after, name) for name in names),
    )
    if written != 1:
        raise Contended(f"order {order.id} has changed since it was read; run it again")
    await _write_event(sql, after, step, actor, at, detail or {})
    await tell_order(sql, bus, at, after, (order.place_id,))
    return after


async def set_look_at(sql: Sql, order: OrderRecord, look_at: datetime | None) -> None:
    """When its lock is looked at next: nobody's business, so no version."""
    await sql.execute(
        "UPDATE merchant_order SET look_at = $3 WHERE id = $1 AND version = $2",
        order.id,
        order.version,
        look_at,
    )


async def order_by_id(sql: Sql, order_id: int) -> OrderRecord | None:
    """An order, whoever asks: for verbs and the worker, which decide themselves."""
    row = await sql.fetch_one(f"{SELECT_ORDERS} WHERE o.id = $1", order_id)
    return None if row is None else order_record(row)


async def order_by_reservation(sql: Sql, reservation_id: int) -> OrderRecord | None:
    """The order whose parking a booking is, whoever asks; None for a booking of anybody else."""
    row = await sql.fetch_one(
        f"{SELECT_ORDERS} WHERE o.reservation_id = $1 ORDER BY o.id DESC LIMIT 1", reservation_id
    )
    return None if row is None else order_record(row)


async def order_by_ref(sql: Sql, unit_id: int, order_ref: str) -> OrderRecord | None:
    """An order by its name at the merchant."""
    row = await sql.fetch_one(
        f"{SELECT_ORDERS} WHERE o.unit_id = $1 AND o.order_ref = $2", unit_id, order_ref
    )
    return None if row is None else order_record(row)


async def _write_event(
    sql: Sql,
    order: OrderRecord,
    step: OrderStep,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any],
) -> None:
    told = {"state": order.state.value, **detail}
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    await sql.execute(INSERT_EVENT, order.id, order.version, step.value, at, actor, text)
