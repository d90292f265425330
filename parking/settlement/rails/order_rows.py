"""Rail orders as rows: claimed, put off, ended."""

from datetime import datetime, timedelta

from parking.settlement.kinds import RailOrderState
from parking.settlement.payments.records import (
    ORDER_COLUMNS,
    SELECT_ORDERS,
    OrderRecord,
    order_record,
)
from parking.settlement.payments.rows import REASON_CHARACTERS_MAX
from parking.storage.sql import Sql, database

ORDERS_AT_ONCE_MAX = 8
"""So many are claimed together, and asked of their rails at the same time."""
LEASE = timedelta(minutes=10)
"""So long a claimed order is left to its worker; longer than any rail is waited for."""


async def claim_orders(now: datetime) -> list[OrderRecord]:
    """Due orders that nobody else does meanwhile; a worker that dies leaves them due again."""
    sql = database()
    locked = "" if sql.dialect == "sqlite" else " FOR UPDATE SKIP LOCKED"
    rows = await sql.fetch(
        f"UPDATE rail_order AS o SET due_at = $2, attempts = o.attempts + 1 WHERE o.id IN ("
        f"SELECT id FROM rail_order WHERE state = 'DUE' AND due_at <= $1 ORDER BY due_at, id"
        f" LIMIT {ORDERS_AT_ONCE_MAX}{locked}) RETURNING {_returned(sql)}",
        now,
        now + LEASE,
    )
    return [order_record(row) for row in rows]


def _returned(sql: Sql) -> str:
    # SQLite knows no alias in RETURNING.
    return ORDER_COLUMNS.replace("o.", "") if sql.dialect == "sqlite" else ORDER_COLUMNS


async def order_by_id(sql: Sql, order_id: int) -> OrderRecord | None:
    """One order."""
    row = await sql.fetch_one(f"{SELECT_ORDERS} WHERE o.id = $1", order_id)
    return None if row is None else order_record(row)


async def order_called(sql: Sql, key: str) -> OrderRecord | None:
    """The order of this key."""
    row = await sql.fetch_one(f"{SELECT_ORDERS} WHERE o.key = $1", key)
    return None if row is None else order_record(row)


async def end_order(
    sql: Sql,
    order: OrderRecord,
    state: RailOrderState,
    at: datetime,
    *,
    reference: str | None = None,
    error: str = "",
) -> bool:
    """Write how a due order ended; False when somebody else did before."""
    done_at = at if state is RailOrderState.DONE else None
    written = await sql.execute(
        "UPDATE rail_order SET state = $2, done_at = $3, last_error = $4,"
        " rail_reference = COALESCE($5, rail_reference) WHERE id = $1 AND state = 'DUE'",
        order.id, state, done_at, error[:REASON_CHARACTERS_MAX], reference,
    )  # fmt: skip
    return written == 1


async def put_off(
    order: OrderRecord, due_at: datetime, error: str, *, attempts: int, generation: int
) -> None:
    """Try again then."""
    await database().execute(
        "UPDATE rail_order SET due_at = $2, last_error = $3, attempts = $4, generation = $5"
        " WHERE id = $1 AND state = 'DUE'",
        order.id, due_at, error[:REASON_CHARACTERS_MAX], attempts, generation,
    )  # fmt: skip
