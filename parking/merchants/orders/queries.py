"""Reading orders: only what the viewer may see, in batches and in pages, the newest first.

Who runs the place of an order sees it without its guest's name and phone (`rules.may_see_guest`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.merchants.kinds import OrderState
from parking.merchants.records import (
    ORDER_COLUMNS,
    OrderEventRecord,
    OrderRecord,
    order_event_record,
    order_record,
)
from parking.merchants.rules import (
    is_guest,
    may_order,
    may_see_guest,
    reading_organisations,
    watching_organisations,
)
from parking.places.conditions import Conditions
from parking.storage.sql import database

PAGE_ROWS_MAX = 10_001
FIRST_LINK = 1
"""The generation of a link that nobody has renewed."""

_SELECT = f"SELECT {ORDER_COLUMNS} FROM merchant_order o LEFT JOIN place p ON p.id = o.place_id"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are asked for; None asks for nothing. Services in `[from, until)`, aware."""

    organisation_id: int | None = None
    unit_id: int | None = None
    place_id: int | None = None
    order_ref: str | None = None
    reservation_id: int | None = None
    person_id: int | None = None
    states: Sequence[OrderState] | None = None
    service_from: datetime | None = None
    service_until: datetime | None = None


ANY = OrderFilter()
_EQUAL = ("organisation_id", "unit_id", "place_id", "order_ref", "reservation_id", "person_id")


async def orders_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, OrderRecord]:
    """The orders of these ids that the viewer may see, in one statement."""
    where = Conditions(database())
    where.add(f"o.id {where.any_of(ids)}")
    return {each.id: each for each in await _read(viewer, where, "")}


async def find_orders(
    viewer: Viewer, wanted: OrderFilter = ANY, *, limit: int, before_id: int = 0
) -> list[OrderRecord]:
    """A page of orders, the newest first, going on before an id."""
    where = Conditions(database())
    for name in _EQUAL:
        if getattr(wanted, name) is not None:
            where.add(f"o.{name} = {where.argument(getattr(wanted, name))}")
    if wanted.states is not None:
        where.add(f"o.state {where.any_of([each.value for each in wanted.states])}")
    if wanted.service_from is not None:
        where.add(f"o.service_at >= {where.argument(wanted.service_from)}")
    if wanted.service_until is not None:
        where.add(f"o.service_at < {where.argument(wanted.service_until)}")
    if before_id:
        where.add(f"o.id < {where.argument(before_id)}")
    return await _read(viewer, where, f" ORDER BY o.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}")


async def events_of(
    viewer: Viewer, order_ids: Sequence[int]
) -> Mapping[int, list[OrderEventRecord]]:
    """What happened to each of these orders that the viewer may see, in order."""
    seen = await orders_by_id(viewer, order_ids)
    sql = database()
    rows = await sql.fetch(
        "SELECT id, order_id, version, kind, at, actor, detail FROM merchant_order_event"
        f" WHERE order_id {sql.any_of('$1')} ORDER BY order_id, version",
        list(seen),
    )
    found: dict[int, list[OrderEventRecord]] = {order_id: [] for order_id in seen}
    for row in rows:
        found[row["order_id"]].append(order_event_record(row))
    return found


async def waits_at(viewer: Viewer, order_ids: Sequence[int]) -> Mapping[int, list[int]]:
    """The places where each of these orders that the viewer may see is in the queue, best first."""
    seen, sql = await orders_by_id(viewer, order_ids), database()
    rows = await sql.fetch(
        "SELECT o.id, w.place_id FROM merchant_order o"
        " JOIN waitlist_entry w ON w.wish_id = o.waitlist_entry_id"
        f" WHERE o.id {sql.any_of('$1')} AND o.state = 'WAITLISTED'"
        " AND w.state IN ('WAITING', 'OFFERED') ORDER BY w.id",
        list(seen),
    )
    found: dict[int, list[int]] = {order_id: [] for order_id in seen}
    for row in rows:
        found[row["id"]].append(row["place_id"])
    return found


async def links_of(viewer: Viewer, order_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Of what the link of each order's booking is made: reservation and generation. For who sends
    the merchant's orders, and the guest; not once the guest has renewed it, for that makes it
    worthless for everybody who had it."""
    seen = await orders_by_id(viewer, order_ids)
    orders = {
        each.reservation_id: each.id
        for each in seen.values()
        if each.reservation_id is not None
        and (may_order(viewer, each.organisation_id) or is_guest(viewer, each))
    }
    sql = database()
    rows = await sql.fetch(
        "SELECT id, link_generation FROM reservation"
        f" WHERE link_generation = $2 AND id {sql.any_of('$1')}",
        list(orders),
        FIRST_LINK,
    )
    return {orders[row["id"]]: (row["id"], row["link_generation"]) for row in rows}


async def _read(viewer: Viewer, where: Conditions, rest: str) -> list[OrderRecord]:
    _visible(where, viewer)
    rows = await database().fetch(f"{_SELECT} WHERE {where}{rest}", *where.arguments)
    return [shown(viewer, order_record(row)) for row in rows]


def shown(viewer: Viewer, order: OrderRecord) -> OrderRecord:
    """The order as the viewer may see it."""
    if may_see_guest(viewer, order):
        return order
    return order._replace(guest_name="", guest_phone="", person_id=None)


def _visible(where: Conditions, viewer: Viewer) -> None:
    """The same as `rules.may_see_order`, for the database."""
    if viewer.is_system:
        return
    said = ["1 = 0"]
    merchants, operators = reading_organisations(viewer), watching_organisations(viewer)
    if merchants:
        said.append(f"o.organisation_id {where.any_of(merchants)}")
    if operators:
        said.append(f"p.organisation_id {where.any_of(operators)}")
    if viewer.person_id is not None and not viewer.is_stand_in:
        said.append(f"o.person_id = {where.argument(viewer.person_id)}")
    where.add(" OR ".join(said))
