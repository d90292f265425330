"""Reading payments, bound accounts and what rails were asked: only what the viewer may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.settlement.kinds import RailOrderState
from parking.settlement.payments.records import (
    PAYMENT_COLUMNS,
    SELECT_ACCOUNTS,
    SELECT_ORDERS,
    OrderRecord,
    PaymentAccountRecord,
    PaymentRecord,
    account_record,
    order_record,
    payment_record,
)
from parking.settlement.queries import PAGE_ROWS_MAX
from parking.settlement.rules import acts_for_platform, may_see
from parking.storage.sql import database

_PAYMENTS = (
    f"SELECT {PAYMENT_COLUMNS}, r.organisation_id AS lessor_id, h.organisation_id AS operator_id"
    " FROM payment p LEFT JOIN reservation r ON r.id = p.reservation_id"
    " LEFT JOIN place h ON h.id = r.place_id"
)


async def payments_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, PaymentRecord]:
    """The payments of these ids: the viewer's own, and those of bookings whose money they see."""
    sql = database()
    rows = await sql.fetch(f"{_PAYMENTS} WHERE p.id {sql.any_of('$1')}", list(ids))
    return {each.id: each for each in _seen(viewer, rows)}


async def payments_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[PaymentRecord]]:
    """The payments of each of these bookings through outer rails, in order."""
    sql = database()
    rows = await sql.fetch(
        f"{_PAYMENTS} WHERE p.reservation_id {sql.any_of('$1')} ORDER BY p.id",
        list(reservation_ids),
    )
    found: dict[int, list[PaymentRecord]] = {each: [] for each in reservation_ids}
    for payment in _seen(viewer, rows):
        if payment.reservation_id is not None:
            found[payment.reservation_id].append(payment)
    return found


def _seen(viewer: Viewer, rows: list[dict[str, Any]]) -> list[PaymentRecord]:
    seen = []
    for row in rows:
        lessor_id, operator_id = row.pop("lessor_id"), row.pop("operator_id")
        payment = payment_record(row)
        whose = (payment.person_id, lessor_id, operator_id, payment.reservation_id)
        if may_see(viewer, *whose):
            seen.append(payment)
    return seen


async def payment_accounts_by_id(
    viewer: Viewer, ids: Sequence[int]
) -> Mapping[int, PaymentAccountRecord]:
    """The viewer's own bound accounts of these ids, also those that were removed."""
    found = await _own_accounts(viewer)
    wanted = set(ids)
    return {each.id: each for each in found if each.id in wanted}


async def own_payment_accounts(viewer: Viewer) -> list[PaymentAccountRecord]:
    """The viewer's own bound accounts, the default one first; none for API keys and links."""
    found = [each for each in await _own_accounts(viewer) if each.removed_at is None]
    return sorted(found, key=lambda each: (not each.is_default, each.id))


async def _own_accounts(viewer: Viewer) -> list[PaymentAccountRecord]:
    if viewer.person_id is None or viewer.link_of is not None:
        return []
    rows = await database().fetch(
        f"{SELECT_ACCOUNTS} WHERE a.person_id = $1 ORDER BY a.id", viewer.person_id
    )
    return [account_record(row) for row in rows]


async def rail_orders_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, OrderRecord]:
    """What rails were asked to do, for the platform's own people only."""
    if not acts_for_platform(viewer):
        return {}
    sql = database()
    rows = await sql.fetch(f"{SELECT_ORDERS} WHERE o.id {sql.any_of('$1')}", list(ids))
    return {each.id: each for each in map(order_record, rows)}


async def find_rail_orders(
    viewer: Viewer, state: RailOrderState | None = None, *, limit: int, before_id: int = 0
) -> list[OrderRecord]:
    """A page of them, the newest first; none unless the viewer is the platform."""
    if not acts_for_platform(viewer):
        return []
    where = Conditions(database())
    if state is not None:
        where.add(f"o.state = {where.argument(state)}")
    if before_id:
        where.add(f"o.id < {where.argument(before_id)}")
    rows = await database().fetch(
        f"{SELECT_ORDERS} WHERE {where} ORDER BY o.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [order_record(row) for row in rows]
