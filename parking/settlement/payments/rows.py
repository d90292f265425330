"""Rows of payments and rail orders: found, made, changed; decisions are elsewhere."""

from datetime import datetime
from typing import Any

from parking.errors import NotFound
from parking.settlement.kinds import Purpose, RailOrderKind
from parking.settlement.payments.records import (
    SELECT_ACCOUNTS,
    SELECT_PAYMENTS,
    PaymentAccountRecord,
    PaymentRecord,
    account_record,
    payment_record,
)
from parking.settlement.payments.rules import AUTHORISED_FOR, BOOKED
from parking.settlement.rails.port import Ask
from parking.storage.faults import Contended
from parking.storage.sql import Sql

REASON_CHARACTERS_MAX = 500

_INSERT_PAYMENT = """
INSERT INTO payment (public_id, state, purpose, person_id, rail, currency, amount_minor,
                     created_at, changed_at, reservation_id, payment_account_id)
VALUES ($1, 'CREATED', $2, $3, $4, $5, $6, $7, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING id
"""
_INSERT_ORDER = """
INSERT INTO rail_order (key, kind, state, rail, currency, amount_minor, due_at, created_at,
                        payment_id, payout_id)
VALUES ($1, $2, 'DUE', $3, $4, $5, $6, $6, $7, $8)
ON CONFLICT (key) DO NOTHING
"""


async def payment_by_id(sql: Sql, payment_id: int) -> PaymentRecord:
    """Raises NotFound."""
    row = await sql.fetch_one(f"{SELECT_PAYMENTS} WHERE p.id = $1", payment_id)
    if row is None:
        raise NotFound("there is no such payment")
    return payment_record(row)


async def payment_called(sql: Sql, public_id: str) -> PaymentRecord | None:
    """The payment of this public id."""
    row = await sql.fetch_one(f"{SELECT_PAYMENTS} WHERE p.public_id = $1", public_id)
    return None if row is None else payment_record(row)


async def payment_at_rail(sql: Sql, rail: str, reference: str) -> PaymentRecord | None:
    """The payment that the rail calls so."""
    row = await sql.fetch_one(
        f"{SELECT_PAYMENTS} WHERE p.rail = $1 AND p.rail_reference = $2", rail, reference
    )
    return None if row is None else payment_record(row)


async def waiting_payment(sql: Sql, reservation_id: int) -> PaymentRecord | None:
    """The one payment that waits to go into this reservation's escrow (`payment_under_way`)."""
    row = await sql.fetch_one(
        f"{SELECT_PAYMENTS} WHERE p.reservation_id = $1 AND p.secured_at IS NULL"
        " AND p.state IN ('CREATED', 'ACTION_NEEDED', 'AUTHORISED')"
        " AND p.purpose IN ('BOOKING', 'EXTENSION')",
        reservation_id,
    )
    return None if row is None else payment_record(row)


async def insert_payment(
    sql: Sql,
    public_id: str,
    purpose: Purpose,
    account: PaymentAccountRecord,
    currency: str,
    amount_minor: int,
    at: datetime,
    reservation_id: int | None = None,
) -> int | None:
    """A payment that is still to be asked for; its id, or None when there is one already: of this
    public id, or one that its reservation waits for."""
    rows = await sql.fetch(
        _INSERT_PAYMENT, public_id, purpose, account.person_id, account.rail, currency,
        amount_minor, at, reservation_id, account.id,
    )  # fmt: skip
    return int(rows[0]["id"]) if rows else None


async def change_payment(
    sql: Sql, payment: PaymentRecord, at: datetime, **changes: Any
) -> PaymentRecord:
    """Write the changed columns and the next version. Raises Contended when somebody else changed
    the payment since it was read: run the whole transaction again."""
    changes |= {"changed_at": at, "version": payment.version + 1}
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(changes, start=3))
    written = await sql.execute(
        f"UPDATE payment SET {assignments} WHERE id = $1 AND version = $2",
        payment.id,
        payment.version,
        *changes.values(),
    )
    if written != 1:
        raise Contended(f"payment {payment.id} has changed since it was read; run it again")
    return payment._replace(**changes)


async def account_by_id(sql: Sql, account_id: int | None) -> PaymentAccountRecord:
    """Also one that was removed. Raises NotFound."""
    row = await sql.fetch_one(f"{SELECT_ACCOUNTS} WHERE a.id = $1", account_id)
    if row is None:
        raise NotFound("there is no such payment account")
    return account_record(row)


async def order_rail(  # noqa: PLR0913 - the columns of a row
    sql: Sql,
    kind: RailOrderKind,
    key: str,
    rail: str,
    currency: str,
    amount_minor: int,
    at: datetime,
    *,
    payment_id: int | None = None,
    payout_id: int | None = None,
) -> None:
    """Have a rail asked after the commit (`run_rail_orders`), once under this key."""
    await sql.execute(
        _INSERT_ORDER, key, kind, rail, currency, amount_minor, at, payment_id, payout_id
    )


def ask_of(payment: PaymentRecord, account: PaymentAccountRecord) -> Ask:
    """The payment as its rail is asked for it."""
    return Ask(
        key=payment.public_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        customer=account.customer,
        method=account.reference,
        asked_at=payment.created_at,
        reference=payment.rail_reference,
        is_captured=payment.purpose not in BOOKED,
        is_attended=payment.purpose is not Purpose.SHORTAGE,
    )


def expiry_of(payment: PaymentRecord, told_until: datetime | None, at: datetime) -> datetime:
    """Until when the ledger keeps what the rail has reserved."""
    until = told_until or payment.expires_at
    return until if until is not None and until > at else at + AUTHORISED_FOR
