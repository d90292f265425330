"""What a query gives of payments, bound accounts and rail orders: plain rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.settlement.kinds import PaymentState, Purpose, RailOrderKind, RailOrderState
from parking.storage.sql import as_time, as_time_or_none


class PaymentRecord(NamedTuple):
    """Money asked of a bound account. `action` is a secret of the driver's: never log it."""

    id: int
    public_id: str
    state: PaymentState
    purpose: Purpose
    person_id: int
    rail: str
    currency: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    rail_reference: str | None
    action: str
    reason: str
    version: int
    created_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    secured_at: datetime | None
    reservation_id: int | None
    payment_account_id: int | None


class PaymentAccountRecord(NamedTuple):
    """With what a driver pays; `customer` and `reference` are the rail's words."""

    id: int
    person_id: int
    rail: str
    customer: str
    reference: str
    label: str
    is_default: bool
    created_at: datetime
    removed_at: datetime | None


class OrderRecord(NamedTuple):
    """What a rail is asked to do. `generation` is how often the rail answered with an error of its
    own: it remembers that answer under the old key."""

    id: int
    key: str
    kind: RailOrderKind
    state: RailOrderState
    rail: str
    currency: str
    amount_minor: int
    attempts: int
    generation: int
    due_at: datetime
    last_error: str
    rail_reference: str | None
    created_at: datetime
    done_at: datetime | None
    payment_id: int | None
    payout_id: int | None


PAYMENT_COLUMNS = ", ".join(f"p.{name}" for name in PaymentRecord._fields)
SELECT_PAYMENTS = f"SELECT {PAYMENT_COLUMNS} FROM payment p"
"""To be followed by a WHERE; each row is `payment_record`'s."""
ACCOUNT_COLUMNS = ", ".join(f"a.{name}" for name in PaymentAccountRecord._fields)
SELECT_ACCOUNTS = f"SELECT {ACCOUNT_COLUMNS} FROM payment_account a"
"""To be followed by a WHERE; each row is `account_record`'s."""
ORDER_COLUMNS = ", ".join(f"o.{name}" for name in OrderRecord._fields)
SELECT_ORDERS = f"SELECT {ORDER_COLUMNS} FROM rail_order o"
"""To be followed by a WHERE; each row is `order_record`'s."""


def payment_record(row: Mapping[str, Any]) -> PaymentRecord:
    """A row of `SELECT_PAYMENTS`, typed."""
    times = ("expires_at", "secured_at")
    typed: dict[str, Any] = {name: as_time_or_none(row[name]) for name in times}
    typed |= {name: as_time(row[name]) for name in ("created_at", "changed_at")}
    typed |= {"state": PaymentState(row["state"]), "purpose": Purpose(row["purpose"])}
    return PaymentRecord(**{**row, **typed})


def account_record(row: Mapping[str, Any]) -> PaymentAccountRecord:
    """A row of `SELECT_ACCOUNTS`, typed."""
    typed = {
        "is_default": bool(row["is_default"]),
        "created_at": as_time(row["created_at"]),
        "removed_at": as_time_or_none(row["removed_at"]),
    }
    return PaymentAccountRecord(**{**row, **typed})


def order_record(row: Mapping[str, Any]) -> OrderRecord:
    """A row of `SELECT_ORDERS`, typed."""
    typed = {
        "kind": RailOrderKind(row["kind"]),
        "state": RailOrderState(row["state"]),
        "due_at": as_time(row["due_at"]),
        "created_at": as_time(row["created_at"]),
        "done_at": as_time_or_none(row["done_at"]),
    }
    return OrderRecord(**{**row, **typed})
