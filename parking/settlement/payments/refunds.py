"""Giving back to where it came from: from the driver's wallet, over the payments of a booking."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from parking.events.bus import Bus
from parking.ledger.accounts import Account, driver, external
from parking.ledger.transfers import Movement, transfer
from parking.settlement.debts import collect_debts
from parking.settlement.kinds import RailOrderKind
from parking.settlement.payments.records import (
    SELECT_PAYMENTS,
    OrderRecord,
    PaymentRecord,
    payment_record,
)
from parking.settlement.payments.rows import order_rail
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql

REFUND = "refund"
REFUND_RETURNED = "refund_returned"

_FUNDED = f"""
{SELECT_PAYMENTS} WHERE p.reservation_id = $1 AND p.currency = $2
   AND p.state IN ('AUTHORISED', 'CAPTURED') AND p.secured_at IS NOT NULL ORDER BY p.id DESC
"""
_ORDERED = """
SELECT o.payment_id, SUM(o.amount_minor) AS minor FROM rail_order o
  JOIN payment p ON p.id = o.payment_id
 WHERE p.reservation_id = $1 AND o.kind = 'REFUND' AND o.key NOT LIKE $2
 GROUP BY o.payment_id
"""


class Part(NamedTuple):
    """What goes back by one payment."""

    payment: PaymentRecord
    amount_minor: int


async def give_back(
    sql: Sql,
    reservation_id: int,
    person_id: int,
    currency: str,
    amount_minor: int,
    key: str,
    at: datetime,
) -> int:
    """Send what lies in the driver's wallet back over the payments that funded the booking, in the
    caller's transaction; how much of `amount_minor`. The rest came from the wallet, and stays.

    `key` names the reason, such as `refund:12`, and the transfer out of the wallet; the same again
    does nothing more. Each payment's rail gets an order named `{key}:{payment}`. Raises
    InsufficientFunds when the wallet has less.
    """
    funded = [payment_record(row) for row in await sql.fetch(_FUNDED, reservation_id, currency)]
    rows = await sql.fetch(_ORDERED, reservation_id, f"{key}:%")
    before = {row["payment_id"]: int(row["minor"]) for row in rows}
    parts = spread(amount_minor, funded, before)
    if parts:
        await transfer(sql, _movement(parts, person_id, currency, key, reservation_id), at)
    for payment, part in parts:
        await order_rail(
            sql, RailOrderKind.REFUND, f"{key}:{payment.id}", payment.rail, currency, part, at,
            payment_id=payment.id,
        )  # fmt: skip
    return sum(part.amount_minor for part in parts)


def _movement(
    parts: Iterable[Part], person_id: int, currency: str, key: str, reservation_id: int
) -> Movement:
    entries: dict[Account, int] = {}
    for payment, amount in parts:
        outside, wallet = external(payment.rail, currency), driver(person_id, currency)
        entries[outside] = entries.get(outside, 0) + amount
        entries[wallet] = entries.get(wallet, 0) - amount
    return Movement(key, REFUND, entries, f"reservation:{reservation_id}")


def spread(
    amount_minor: int, funded: Iterable[PaymentRecord], before: Mapping[int, int]
) -> list[Part]:
    """Over which payments an amount goes back, in their order: never more than each brought in,
    less what was sent back `before`. Pure."""
    parts, left = [], amount_minor
    for payment in funded:
        part = min(left, payment.amount_minor - before.get(payment.id, 0))
        if part > 0:
            parts.append(Part(payment, part))
            left -= part
    return parts


async def return_to_wallet(
    sql: Sql, order: OrderRecord, person_id: int, at: datetime, bus: Bus
) -> None:
    """What a rail does not give back stays the driver's, in their wallet."""
    public_id = back_of(order.key)
    entries = {
        external(order.rail, order.currency): -order.amount_minor,
        driver(person_id, order.currency): order.amount_minor,
    }
    reason = "the payment service does not give it back"
    movement = Movement(public_id, REFUND_RETURNED, entries, f"person:{person_id}", reason)
    await transfer(sql, movement, at)
    await collect_debts(sql, person_id, order.currency, public_id, at, bus)
    await tell_money(sql, bus, at, person_money_topic(person_id), currency=order.currency)


def back_of(key: str) -> str:
    """The public id of the transfer that returns a refund to the wallet."""
    return f"{key}:back"
