"""Following orders: a merchant's, those sent to a place, a guest's own, or one.

A message says only that something has changed: the rows are read again, so what the bus lost,
repeated or reordered costs nothing, and each follower is shown what they may see."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.merchants.orders.queries import ANY, OrderFilter, find_orders, orders_by_id
from parking.merchants.orders.topics import (
    order_topic,
    organisation_orders_topic,
    person_orders_topic,
    place_orders_topic,
)
from parking.merchants.records import OrderRecord
from parking.merchants.rules import may_read_orders, may_watch
from parking.occupancy.state import UpdateKind
from parking.storage.sql import database

SNAPSHOT_MAX = 100
"""So many orders a snapshot tells, the newest first."""


@dataclass(frozen=True, slots=True)
class OrdersUpdate:
    """A SNAPSHOT has the newest orders; a DELTA those that are new or have changed, and the ids of
    those that are not among them any more: sent to another place, or cancelled."""

    kind: UpdateKind
    orders: list[OrderRecord]
    gone: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose orders are followed."""

    topic: str
    wanted: OrderFilter = ANY
    order_id: int | None = None


def orders_of_merchant(viewer: Viewer, organisation_id: int) -> Followed:
    """What a merchant orders. Raises NotFound."""
    if not may_read_orders(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    wanted = OrderFilter(organisation_id=organisation_id)
    return Followed(organisation_orders_topic(organisation_id), wanted)


async def orders_at_place(viewer: Viewer, place_id: int) -> Followed:
    """What merchants order at a place, for who runs it. Raises NotFound."""
    row = await database().fetch_one("SELECT organisation_id FROM place WHERE id = $1", place_id)
    if row is None or not may_watch(viewer, row["organisation_id"]):
        raise NotFound("there is no such place")
    return Followed(place_orders_topic(place_id), OrderFilter(place_id=place_id))


def own_orders(viewer: Viewer) -> Followed:
    """What was ordered for the viewer. Raises NotFound for API keys, links and nobody."""
    if viewer.person_id is None or viewer.is_stand_in:
        raise NotFound("only a guest has orders of their own; sign in")
    return Followed(person_orders_topic(viewer.person_id), OrderFilter(person_id=viewer.person_id))


async def one_order(viewer: Viewer, order_id: int) -> Followed:
    """One order. Raises NotFound."""
    if order_id not in await orders_by_id(viewer, [order_id]):
        raise NotFound("there is no such order")
    return Followed(order_topic(order_id), order_id=order_id)


async def stream_orders(viewer: Viewer, which: Followed, bus: Bus) -> AsyncIterator[OrdersUpdate]:
    """The newest first; then each that is new or has a new version. After a gap of the bus the
    newest again."""
    async with bus.subscribe(which.topic) as messages:
        versions: dict[int, int] = {}
        yield await _snapshot(viewer, which, versions)
        async for message in messages:
            if message.body is None:
                yield await _snapshot(viewer, which, versions)
                continue
            told = await _delta(viewer, which, json.loads(message.body)["order_id"], versions)
            if told.orders or told.gone:
                yield told


async def _delta(
    viewer: Viewer, which: Followed, order_id: int, versions: dict[int, int]
) -> OrdersUpdate:
    order = (await orders_by_id(viewer, [order_id])).get(order_id)
    if order is None or not _is_wanted(order, which.wanted):
        is_known = versions.pop(order_id, None) is not None
        return OrdersUpdate(UpdateKind.DELTA, [], (order_id,) if is_known else ())
    if versions.get(order_id, 0) >= order.version:
        return OrdersUpdate(UpdateKind.DELTA, [])
    versions[order_id] = order.version
    return OrdersUpdate(UpdateKind.DELTA, [order])


def _is_wanted(order: OrderRecord, wanted: OrderFilter) -> bool:
    return wanted.place_id in (None, order.place_id)


async def _snapshot(viewer: Viewer, which: Followed, versions: dict[int, int]) -> OrdersUpdate:
    if which.order_id is None:
        found = await find_orders(viewer, which.wanted, limit=SNAPSHOT_MAX)
    else:
        found = list((await orders_by_id(viewer, [which.order_id])).values())
    versions.clear()
    versions.update((each.id, each.version) for each in found)
    return OrdersUpdate(UpdateKind.SNAPSHOT, found)
