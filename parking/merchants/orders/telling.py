"""Telling guest and merchant (CLAIMS D9, D14, D18): a worker writes notices from orders' events.

An event that is not told yet stays in the database, so no crash swallows it, and nothing that goes
wrong with a notice touches the order (D21). A notice's key is the event's, so it exists once. Of
several steps in a row only the last is told: nobody is sent to a bay that has changed meanwhile.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from parking.clock import Clock, rfc3339
from parking.merchants.kinds import OrderSource, OrderState, OrderStep, Reason, ToldSteps
from parking.merchants.orders.again import EVENT, IS_TRIED, tried
from parking.merchants.orders.contacts import contacts_of, is_problem, reason_for
from parking.merchants.orders.guest_texts import rationed
from parking.merchants.orders.news import OUTDATING, News, local, news_of, why
from parking.merchants.orders.record import order_by_id
from parking.merchants.queries import unit_by_id
from parking.merchants.records import SELECT_SENDERS, OrderRecord, UnitRecord
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_event, add_notice
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.records import Event, Notice
from parking.notices.templates import best_locale
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import retried, transaction

TOLD_AT_ONCE_MAX = 200
"""So many events are told in one go."""
ANSWERED = timedelta(minutes=2)
"""An SMS is answered by what came of it; what happens later than this is told by an SMS more."""
_ASKED_FOR = (OrderStep.RECEIVED, OrderStep.CHANGED)

LinkOf: TypeAlias = Callable[[ReservationRecord], str]
"""The whole address of a booking's page, which opens without signing in."""

_UNTOLD = f"""
SELECT e.id FROM merchant_order_event e
 WHERE e.told_at IS NULL AND {IS_TRIED.format(row="e", now="$1")}
 ORDER BY e.id LIMIT {TOLD_AT_ONCE_MAX}
"""


class Told(NamedTuple):
    """An event with all that is said of it."""

    key: str
    step: OrderStep
    version: int
    news: News
    order: OrderRecord
    unit: UnitRecord
    at: datetime
    zone: ZoneInfo
    place: str
    space: str
    booked: ReservationRecord | None
    until: datetime | None = None


async def tell_orders(clock: Clock, link_of: LinkOf) -> int:
    """Write the notices of all events that are not told yet; how many events. Any number of workers
    may call it."""
    rows = await database().fetch(_UNTOLD, clock.now())
    for row in rows:
        tell = partial(_tell, row["id"], clock, link_of)
        await tried(EVENT, row["id"], partial(retried, tell), clock)
    return len(rows)


async def _tell(event_id: int, clock: Clock, link_of: LinkOf) -> None:
    async with transaction() as sql:
        now = clock.now()
        written = await sql.execute(
            "UPDATE merchant_order_event SET told_at = $2 WHERE id = $1 AND told_at IS NULL",
            event_id,
            now,
        )
        told = await _told(sql, event_id) if written else None
        if told is not None:
            await _tell_system(sql, told, now)
            if await _was_let_in(sql, told):
                await _tell_guest(sql, told, link_of, now)
                await _tell_contacts(sql, told, now)


async def _told(sql: Sql, event_id: int) -> Told | None:
    """None where there is nothing to tell (any more)."""
    row = await sql.fetch_one(
        "SELECT order_id, version, kind, at, detail FROM merchant_order_event WHERE id = $1",
        event_id,
    )
    assert row is not None, "events are never deleted"
    order = await order_by_id(sql, row["order_id"])
    assert order is not None, "orders are never deleted"
    news = news_of(row["kind"], order.reason_code, order.reservation_state)
    if news == News(None, None) or await _is_outdated(sql, order, row["version"]):
        return None
    unit = await unit_by_id(sql, order.unit_id)
    assert unit is not None, "an order keeps its unit"
    detail = json.loads(row["detail"])
    place, space, zone = await _where(sql, order, detail)
    booked = None
    if order.reservation_id is not None:
        booked = await locked_reservation(sql, order.reservation_id)
    key = f"order:{order.id}:{row['version']}"
    step, at = OrderStep(row["kind"]), as_time(row["at"])
    until = datetime.fromisoformat(detail["until"]) if step is OrderStep.LATE else None
    return Told(key, step, row["version"], news, order, unit, at, zone, place, space, booked, until)


async def _was_let_in(sql: Sql, told: Told) -> bool:
    """Whether any place has agreed to the merchant's orders: anybody can make an organisation, and
    is not to have the platform write to whatever number they like. Who was told of a bay hears that
    it is gone."""
    if told.order.reason_code != Reason.NO_CONTRACT:
        return True
    rows = await sql.fetch(
        "SELECT 1 AS yes FROM merchant_order_event WHERE order_id = $1"
        f" AND kind {sql.any_of('$2')} LIMIT 1",
        told.order.id,
        [OrderStep.BOOKED.value, OrderStep.WAITLISTED.value],
    )
    return bool(rows)


async def _is_outdated(sql: Sql, order: OrderRecord, version: int) -> bool:
    rows = await sql.fetch(
        "SELECT 1 AS later FROM merchant_order_event WHERE order_id = $1 AND version > $2"
        f" AND kind {sql.any_of('$3')} LIMIT 1",
        order.id,
        version,
        sorted(each.value for each in OUTDATING),
    )
    return bool(rows)


async def _where(
    sql: Sql, order: OrderRecord, detail: Mapping[str, Any]
) -> tuple[str, str, ZoneInfo]:
    """The names of place and space, and the zone of its clocks; of what was given back, too."""
    place_id = order.place_id or detail.get("place")
    row = await sql.fetch_one(
        "SELECT p.name, p.time_zone, (SELECT s.number FROM space s WHERE s.id = $2) AS number"
        " FROM place p WHERE p.id = COALESCE($1, (SELECT u.place_id FROM merchant_unit_place u"
        " WHERE u.unit_id = $3 ORDER BY u.rank LIMIT 1))",
        place_id,
        order.space_id,
        order.unit_id,
    )
    if row is None:
        return "", "", ZoneInfo("UTC")
    return row["name"], row["number"] or "", ZoneInfo(row["time_zone"])


async def _tell_guest(sql: Sql, told: Told, link_of: LinkOf, now: datetime) -> None:
    order, topic = told.order, told.news.guest
    if topic is None or not order.guest_phone:
        return
    locale = best_locale(order.guest_locale or told.unit.locale)
    fields = _fields(told, why(order.reason_code, locale))
    booked = told.booked
    if booked is not None:
        fields |= {"link": link_of(booked), "until": local(booked.hold_until, told.zone)}
    telling = Telling(
        key=told.key, topic=topic, fields=fields, locale=locale, person_id=order.person_id,
        about=f"order:{order.id}", useful_until=order.ends_at,
    )  # fmt: skip
    reach = Reach(phone=order.guest_phone)
    reach = await rationed(sql, reach, order.organisation_id, booked, now)
    await tell_person(sql, reach, telling, now)


async def _tell_system(sql: Sql, told: Told, now: datetime) -> None:
    """The merchant's webhooks."""
    order, topic = told.order, told.news.merchant
    if topic is None:
        return
    event = Event(
        key=told.key, organisation_id=order.organisation_id, topic=topic, data=_data(told),
        about=f"order:{order.id}",
    )  # fmt: skip
    await add_event(sql, event, now)


async def _tell_contacts(sql: Sql, told: Told, now: datetime) -> None:
    """The unit's contacts, and who wrote an SMS and has had the answer to that."""
    order, topic = told.order, told.news.merchant
    if topic is None:
        return
    is_by_sms = order.source is OrderSource.SMS
    contacts = contacts_of(
        told.unit,
        await _senders(sql, told.unit.id) if is_by_sms else (),
        is_problem=await _is_problem(sql, told, topic),
        is_answered=is_by_sms and told.at <= order.stamp + ANSWERED,
    )
    for channel, address in contacts:
        await add_notice(sql, _to_contact(told, topic, channel, address), now)


def _to_contact(told: Told, topic: NoticeTopic, channel: NoticeChannel, address: str) -> Notice:
    # A unit has one e-mail address, which may be too long for a key.
    whom = "email" if channel is NoticeChannel.EMAIL else address
    return Notice(
        key=f"{told.key}/{whom}", channel=channel, recipient=address, topic=topic,
        fields=_fields(told, reason_for(told.unit, told.order)), locale=told.unit.locale,
        organisation_id=told.order.organisation_id, about=f"order:{told.order.id}",
        useful_until=told.order.ends_at,
    )  # fmt: skip


async def _is_problem(sql: Sql, told: Told, topic: NoticeTopic) -> bool:
    if told.unit.told_steps is ToldSteps.ALL:
        return False  # nobody asks
    return is_problem(topic, told.step, had_a_bay=await _had_a_bay(sql, told))


async def _had_a_bay(sql: Sql, told: Told) -> bool:
    """Whether the order was booked until the step, and no newer message asked for it."""
    if told.step is not OrderStep.BOOKED:
        return False
    row = await sql.fetch_one(
        "SELECT kind, detail FROM merchant_order_event WHERE order_id = $1 AND version = $2",
        told.order.id,
        told.version - 1,
    )
    if row is None or row["kind"] in _ASKED_FOR:
        return False
    was = json.loads(row["detail"]).get("state")
    return bool(row["kind"] == OrderStep.REPLACED or was == OrderState.BOOKED)


def _fields(told: Told, reason: str) -> dict[str, str]:
    order = told.order
    starts = order.starts_at or order.service_at
    return {
        "merchant": told.unit.name,
        "order": order.order_ref,
        "place": told.place,
        "space": told.space,
        "starts": local(starts, told.zone),
        "ends": local(order.ends_at, told.zone),
        "until": local(told.until, told.zone),
        "reason": reason,
    }


def _data(told: Told) -> dict[str, Any]:
    """What a webhook says: enough to know the order by; the rest is asked for."""
    order = told.order
    return {
        "orderRef": order.order_ref,
        "unit": told.unit.external_id or told.unit.name,
        "state": order.state,
        "version": order.version,
        "place": told.place,
        "space": told.space,
        "startsAt": None if order.starts_at is None else order.starts_at.isoformat(),
        "endsAt": None if order.ends_at is None else order.ends_at.isoformat(),
        "reasonCode": order.reason_code,
        **({} if told.until is None else {"keptUntil": rfc3339(told.until)}),
    }


async def _senders(sql: Sql, unit_id: int) -> list[str]:
    rows = await sql.fetch(
        f"{SELECT_SENDERS} WHERE n.unit_id = $1 AND n.revoked_at IS NULL ORDER BY n.id", unit_id
    )
    return [row["number"] for row in rows]
