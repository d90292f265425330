"""Demand against supply, for who runs a place: what merchants' orders take of it hour by hour, what
waits, what was turned away for want of a bay, and how many bays there are."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.merchants.kinds import OrderState, Reason
from parking.merchants.rules import may_watch
from parking.storage.sql import Sql, as_time, database
from parking.windows import Window

SLOT_MINUTES_MIN = 15
SLOTS_MAX = 24 * 7 * 4

_ORDERS = """
SELECT o.state, o.starts_at, o.ends_at FROM merchant_order o
 WHERE o.place_id = $1 AND o.state IN ('BOOKED', 'WAITLISTED')
   AND o.starts_at < $3 AND o.ends_at > $2
UNION ALL
SELECT o.state, o.starts_at, o.ends_at FROM merchant_order o
  JOIN merchant_unit_place u ON u.unit_id = o.unit_id AND u.rank = 0 AND u.place_id = $1
 WHERE o.state = 'REFUSED' AND o.reason_code = $4 AND o.starts_at < $3 AND o.ends_at > $2
"""
_TAKEN = """
SELECT 'TAKEN' AS state, r.starts_at, r.ends_at FROM reservation r
 WHERE r.place_id = $1 AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
   AND r.starts_at < $3 AND r.ends_at > $2
"""
_BAYS = """
SELECT COUNT(*) AS bays FROM space s JOIN space_state st ON st.space_id = s.id
 WHERE s.place_id = $1 AND s.retired_at IS NULL AND st.service = 'OPEN'
"""


class Slot(NamedTuple):
    """`[starts_at, ends_at)` in UTC: bookings of merchants' orders (`booked`) and of everybody
    (`taken`) that touch it, orders that wait or were refused because all was full, and the bays in
    service now."""

    starts_at: datetime
    ends_at: datetime
    booked: int
    waiting: int
    refused: int
    taken: int
    bays: int


async def demand_at(
    viewer: Viewer, place_id: int, window: Window, slot_minutes: int = 60
) -> list[Slot]:
    """The slots of a window, for who runs the place. An order that is refused counts where its
    guests would have parked first. Raises NotFound and InvalidInput."""
    sql = database()
    place = await sql.fetch_one("SELECT organisation_id FROM place WHERE id = $1", place_id)
    if place is None or not may_watch(viewer, place["organisation_id"]):
        raise NotFound("there is no such place")
    slots = slots_of(window, slot_minutes)
    rows = await _rows(sql, place_id, window)
    [counted] = await sql.fetch(_BAYS, place_id)
    return [_slot(each, rows, int(counted["bays"])) for each in slots]


def slots_of(window: Window, slot_minutes: int) -> list[Window]:
    """The window cut into slots; the last may be shorter. Pure. Raises InvalidInput."""
    length = timedelta(minutes=slot_minutes)
    if slot_minutes < SLOT_MINUTES_MIN or window.duration > length * SLOTS_MAX:
        message = f"at least {SLOT_MINUTES_MIN} minutes a slot, and at most {SLOTS_MAX} slots"
        raise InvalidInput("slot_minutes", message)
    found, starts = [], window.starts_at
    while starts < window.ends_at:
        found.append(Window(starts, min(starts + length, window.ends_at)))
        starts += length
    return found


async def _rows(sql: Sql, place_id: int, window: Window) -> list[tuple[str, Window]]:
    edges = (place_id, window.starts_at, window.ends_at)
    orders = await sql.fetch(_ORDERS, *edges, Reason.FULL.value)
    taken = await sql.fetch(_TAKEN, *edges)
    return [_row(each) for each in [*orders, *taken]]


def _row(row: Mapping[str, Any]) -> tuple[str, Window]:
    return row["state"], Window(as_time(row["starts_at"]), as_time(row["ends_at"]))


def _slot(slot: Window, rows: Iterable[tuple[str, Window]], bays: int) -> Slot:
    within = [state for state, window in rows if window.overlaps(slot)]
    return Slot(
        slot.starts_at,
        slot.ends_at,
        booked=within.count(OrderState.BOOKED),
        waiting=within.count(OrderState.WAITLISTED),
        refused=within.count(OrderState.REFUSED),
        taken=within.count("TAKEN"),
        bays=bays,
    )
