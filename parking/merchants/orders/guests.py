"""What a guest has to know of the order their parking was booked for; and its names, which guest
and operator see without seeing the merchant's units (CLAIMS D9)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.merchants.connectors import link
from parking.merchants.kinds import Payer
from parking.merchants.orders.bays import ways_of
from parking.merchants.orders.queries import orders_by_id
from parking.merchants.orders.record import order_by_reservation
from parking.merchants.queries import links_of, unit_by_id
from parking.merchants.records import OrderRecord, UnitRecord
from parking.merchants.route import Point, by_car, on_foot
from parking.storage.sql import Sql, database


class OrderNames(NamedTuple):
    """Whose order it is: the merchant's organisation and the unit, by name."""

    merchant: str
    unit: str


class GuestOrder(NamedTuple):
    """An order as its guest sees it. `payer`: who pays for the parking as it was booked, whatever
    the unit says by now."""

    order: OrderRecord
    unit: UnitRecord
    merchant: str
    payer: Payer


class GuestWay(NamedTuple):
    """The way by car and on foot. `plan` is the one that the bay is drawn on, as in `Spot`, and
    `levels` the names of its levels."""

    plan: int | None
    drive: Sequence[Point]
    walk: Sequence[Point]
    levels: Mapping[int, str]


async def names_by_order(viewer: Viewer, order_ids: Sequence[int]) -> Mapping[int, OrderNames]:
    """The names of these orders, as far as the viewer sees the orders."""
    seen, sql = await orders_by_id(viewer, order_ids), database()
    rows = await sql.fetch(
        "SELECT o.id, g.name AS merchant, m.name AS unit FROM merchant_order o"
        " JOIN merchant_unit m ON m.id = o.unit_id JOIN organisation g ON g.id = o.organisation_id"
        f" WHERE o.id {sql.any_of('$1')}",
        list(seen),
    )
    return {row["id"]: OrderNames(row["merchant"], row["unit"]) for row in rows}


async def guest_order(reservation_id: int) -> GuestOrder | None:
    """The order whose parking a booking is, for who holds the booking; None for no order's."""
    sql = database()
    order = await order_by_reservation(sql, reservation_id)
    if order is None:
        return None
    unit = await unit_by_id(sql, order.unit_id)
    assert unit is not None, "an order keeps its unit"
    [row] = await sql.fetch(
        "SELECT g.name, EXISTS (SELECT 1 FROM validation v WHERE v.reservation_id = $2"
        " AND v.organisation_id = g.id AND v.returned_at IS NULL) AS pays"
        " FROM organisation g WHERE g.id = $1",
        order.organisation_id,
        reservation_id,
    )
    payer = Payer.MERCHANT if row["pays"] else Payer.GUEST
    return GuestOrder(order, unit, row["name"], payer)


async def guest_way(found: GuestOrder, space_id: int) -> GuestWay:
    """The way from where cars drive in to the bay, and from there on foot to the unit."""
    sql = database()
    [bay] = await sql.fetch(
        "SELECT s.place_id, s.number, s.x_metres, s.y_metres, COALESCE(u.level, 0) AS level"
        " FROM space s LEFT JOIN subplace u ON u.id = s.subplace_id WHERE s.id = $1",
        space_id,
    )
    ways = await ways_of(sql, found.unit, found.order.wanted)
    spot = ways.spot(bay["place_id"], bay["level"], bay["x_metres"], bay["y_metres"])
    links = [link(each) for each in await links_of(sql, found.unit.campus_id)]
    return GuestWay(
        spot.plan,
        by_car(links, spot, bay["number"]),
        on_foot(ways.walks, spot, bay["number"], found.unit.name),
        await level_names(sql, bay["place_id"]),
    )


async def level_names(sql: Sql, place_id: int) -> Mapping[int, str]:
    """Of a place's levels, by number."""
    rows = await sql.fetch(
        "SELECT level, name FROM subplace WHERE place_id = $1 AND kind = 'FLOOR_OR_LEVEL'"
        " ORDER BY id",
        place_id,
    )
    return {row["level"]: row["name"] for row in rows}
