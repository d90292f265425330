"""Whom there may be something to tell, and what is known of them. Only what begins or ends about
now is looked at: each query reads a range of a partial index, never the history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from parking.merchants.kinds import OrderState
from parking.merchants.orders.guest_texts import rationed
from parking.notices.reach import Reach
from parking.occupancy.models import Occupancy
from parking.reminders.rules import Anchor, Rule
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step
from parking.storage.sql import Sql, database
from parking.windows import Window

TOLD_AT_ONCE_MAX = 1_000
"""So many are looked at in one go, of each rule; the rest in the next."""

_UNTOLD = """
   AND NOT EXISTS (SELECT 1 FROM reminder m WHERE m.reservation_id = r.id AND m.topic = $3
                      AND m.anchor_at = r.{anchor})
"""
_IN_TIME = """
SELECT r.id FROM reservation r{free}
 WHERE r.state = '{state}' AND r.{anchor} > $1 AND r.{anchor} <= $2{untold}
 ORDER BY r.{anchor} LIMIT {limit}
"""
_FREE = " JOIN space_state f ON f.space_id = r.space_id AND f.occupancy = 'FREE'"
_BEFORE_QUIET = f"""
SELECT r.id FROM reservation r JOIN notice_preference q ON q.person_id = r.person_id
 WHERE r.state = 'CONFIRMED' AND r.starts_at >= $1 AND r.starts_at <= $2
   AND q.quiet_from = $4 AND q.quiet_until = $5 AND q.time_zone = $6
   {_UNTOLD.format(anchor=Anchor.START)}
 ORDER BY r.starts_at LIMIT {TOLD_AT_ONCE_MAX}
"""
_FACTS = """
SELECT p.name, p.time_zone, s.number, st.occupancy, h.phone, h.email, h.locale, q.wechat_open_id,
       (SELECT MAX(e.at) FROM reservation_event e
         WHERE e.reservation_id = r.id AND e.kind = $2) AS admitted_at
  FROM reservation r JOIN place p ON p.id = r.place_id JOIN space s ON s.id = r.space_id
  LEFT JOIN space_state st ON st.space_id = r.space_id
  LEFT JOIN person h ON h.id = r.person_id
  LEFT JOIN notice_preference q ON q.person_id = r.person_id
 WHERE r.id = $1
"""
_ORDER = """
SELECT o.id, o.organisation_id, o.state, o.is_due, o.guest_phone, o.arrived_at,
       COALESCE(NULLIF(o.guest_locale, ''), u.locale) AS locale
  FROM merchant_order o JOIN merchant_unit u ON u.id = o.unit_id
 WHERE o.reservation_id = $1
"""


@dataclass(frozen=True, slots=True)
class BehindOrder:
    """The merchant's order that a booking was made for. `is_settled`: nothing of it is about to
    change; `has_arrived`: the guest says so."""

    id: int
    merchant_id: int
    is_settled: bool
    has_arrived: bool


class Facts(NamedTuple):
    """A booking and whom it concerns. `reach` and `locale` are the guest's of an order, else the
    driver's own."""

    booked: ReservationRecord
    place: str
    space: str
    zone: ZoneInfo
    is_free: bool
    is_admitted: bool
    reach: Reach
    locale: str
    order: BehindOrder | None

    @property
    def about(self) -> str:
        """What a notice is about."""
        if self.order is not None:
            return f"order:{self.order.id}"
        return f"reservation:{self.booked.id}"

    @property
    def agreed_at(self) -> datetime:
        """When the driver last agreed to the booking."""
        return self.booked.confirmed_at or self.booked.created_at


async def untold_in_time(rule: Rule, now: datetime) -> list[int]:
    """The bookings of which a rule may tell now and nobody has decided yet."""
    after, until = rule.anchors(now)
    query = _IN_TIME.format(
        state=rule.state,
        anchor=rule.anchor,
        free=_FREE if rule.needs_free else "",
        untold=_UNTOLD.format(anchor=rule.anchor),
        limit=TOLD_AT_ONCE_MAX,
    )
    return [row["id"] for row in await database().fetch(query, after, until, rule.topic.value)]


async def untold_before_quiet(
    rule: Rule, starts: Window, quiet_from: str, quiet_until: str, zone: str
) -> list[int]:
    """The bookings with these starts, their ends too, of people with these quiet hours."""
    rows = await database().fetch(
        _BEFORE_QUIET, starts.starts_at, starts.ends_at, rule.topic.value, quiet_from, quiet_until,
        zone,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def quiet_hours() -> list[tuple[str, str, str]]:
    """All quiet hours that anybody has: from, until, time zone."""
    rows = await database().fetch(
        "SELECT DISTINCT quiet_from, quiet_until, time_zone FROM notice_preference"
        " WHERE quiet_from IS NOT NULL"
    )
    return [(row["quiet_from"], row["quiet_until"], row["time_zone"]) for row in rows]


async def facts_of(sql: Sql, reservation_id: int) -> Facts:
    """All that is decided by, in a transaction: no step of the booking comes before its end."""
    if sql.dialect != "sqlite":  # there nobody else writes meanwhile
        await sql.fetch("SELECT id FROM reservation WHERE id = $1 FOR SHARE", reservation_id)
    booked = await locked_reservation(sql, reservation_id)
    [row] = await sql.fetch(_FACTS, reservation_id, Step.ADMIT.value)
    order = await sql.fetch_one(_ORDER, reservation_id)
    guest_phone = "" if order is None else order["guest_phone"]
    own = Reach(row["phone"], row["email"], row["wechat_open_id"])
    return Facts(
        booked=booked,
        place=row["name"],
        space=row["number"],
        zone=ZoneInfo(row["time_zone"]),
        is_free=row["occupancy"] == Occupancy.FREE,
        is_admitted=row["admitted_at"] is not None,
        reach=Reach(guest_phone, None, own.wechat_open_id) if guest_phone else own,
        locale=(row["locale"] or "en") if order is None else order["locale"],
        order=None if order is None else _behind(order),
    )


def _behind(row: dict[str, Any]) -> BehindOrder:
    return BehindOrder(
        id=row["id"],
        merchant_id=row["organisation_id"],
        is_settled=row["state"] == OrderState.BOOKED and not row["is_due"],
        has_arrived=row["arrived_at"] is not None,
    )


async def reach_now(sql: Sql, facts: Facts, now: datetime) -> Reach:
    """By what whom it concerns is told something now; who tells it counts that of an order's guest
    (`rationed`)."""
    if facts.order is None:
        return facts.reach
    return await rationed(sql, facts.reach, facts.order.merchant_id, facts.booked, now)


async def decide_once(
    sql: Sql, reservation_id: int, topic: str, anchor: Anchor, at: datetime
) -> bool:
    """Note in the caller's transaction that it is decided; False where somebody else did before.

    The instant is copied as it is stored, so that it is found again.
    """
    written = await sql.execute(
        "INSERT INTO reminder (reservation_id, topic, anchor_at, at)"
        f" SELECT r.id, $2, r.{anchor}, $3 FROM reservation r WHERE r.id = $1"
        " ON CONFLICT (reservation_id, topic, anchor_at) DO NOTHING",
        reservation_id,
        topic,
        at,
    )
    return written == 1
