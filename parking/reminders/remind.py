"""Telling what is due by the clock, for the worker: each of it once, whatever number of workers.

What is decided is noted in the transaction that writes the notices, so a crash loses none. A later
step of the booking makes what was due of no account: the booking is read again there.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, rfc3339
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.merchants.kinds import OrderStep
from parking.merchants.orders.news import local
from parking.merchants.orders.record import order_by_id, record_order
from parking.merchants.orders.telling import LinkOf
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Telling
from parking.notices.rules import QuietHours, quiet_ahead
from parking.reminders.find import (
    Facts,
    decide_once,
    facts_of,
    quiet_hours,
    reach_now,
    untold_before_quiet,
    untold_in_time,
)
from parking.reminders.rules import (
    BEFORE_QUIET,
    REMINDER,
    Anchor,
    Rule,
    is_known,
    kept_until,
    reminded_before_quiet,
    rules,
)
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.records import ReservationRecord
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction
from parking.windows import Window

KEPT = timedelta(days=30)
"""So long it is remembered what was told; much longer than anything is looked for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminding:
    """What reminding is done with. `bus` carries the merchant's news."""

    clock: Clock
    bus: Bus
    link_of: LinkOf
    limits: BookingLimits = DEFAULTS


async def remind(work: Reminding) -> int:
    """Tell who is due by `rules`; of how many bookings it was decided."""
    decided = 0
    for rule in rules(work.limits):
        for reservation_id in await untold_in_time(rule, work.clock.now()):
            decided += await safely(partial(_tell, reservation_id, rule, work), rule.topic)
    return decided


async def remind_before_quiet(work: Reminding) -> int:
    """Remind people whose quiet hours begin soon of what begins in them; of how many bookings
    it was decided."""
    decided = 0
    for start, until, zone in await quiet_hours():
        quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(until), zone)
        ahead = quiet_ahead(quiet, work.clock.now(), BEFORE_QUIET)
        starts = None if ahead is None else reminded_before_quiet(*ahead)
        if starts is not None:
            found = await untold_before_quiet(REMINDER, starts, start, until, zone)
            for reservation_id in found:
                telling = partial(_tell, reservation_id, REMINDER, work, starts)
                decided += await safely(telling, REMINDER.topic)
    return decided


async def prune_reminders(now: datetime) -> int:
    """Forget what was told long ago; how many. For the worker."""
    return await database().execute("DELETE FROM reminder WHERE at < $1", now - KEPT)


async def safely(work: Callable[[], Awaitable[bool]], topic: NoticeTopic) -> bool:
    """Whether one booking was decided, in a transaction of its own; the others are not at fault for
    what fails."""
    try:
        return await retried(work)
    except Exception:
        log.exception("a notice of %s failed; it is tried again", topic)
        return False


async def _tell(
    reservation_id: int, rule: Rule, work: Reminding, ahead: Window | None = None
) -> bool:
    """Whether it is decided now. `ahead`: the starts, its end too, that are told of now, before the
    rule's own time."""
    async with HeldBus(work.bus) as held, transaction() as sql:
        now = work.clock.now()
        facts = await facts_of(sql, reservation_id)
        anchor_at = anchor_of(facts.booked, rule)
        is_time = (
            rule.is_open(anchor_at, now)
            if ahead is None
            else ahead.starts_at <= anchor_at <= ahead.ends_at
        )
        if not (is_time and is_due(rule, facts)):
            return False
        if not await decide_once(sql, reservation_id, rule.topic, rule.anchor, now):
            return False
        is_needed = ahead is not None or is_news(rule, facts, anchor_at)
        until = useful_until(rule, facts.booked, work.limits)
        if is_needed and now < until:
            reach = await reach_now(sql, facts, now)
            await tell_person(sql, reach, telling(rule, facts, until, work.link_of), now)
            if rule.topic is NoticeTopic.PARKING_LATE and facts.order is not None:
                await _tell_merchant(sql, held, facts.order.id, until, now)
        return True


def anchor_of(booked: ReservationRecord, rule: Rule) -> datetime:
    """The instant that the rule counts from."""
    return booked.starts_at if rule.anchor is Anchor.START else booked.ends_at


def is_due(rule: Rule, facts: Facts) -> bool:
    """Whether the rule is about the booking as it is; what is about to change is not told of."""
    is_settled = facts.order is None or facts.order.is_settled
    is_seen = facts.is_free or not rule.needs_free
    return facts.booked.state is rule.state and is_settled and is_seen


def is_news(rule: Rule, facts: Facts, anchor_at: datetime) -> bool:
    """Whether the driver needs to be told: they do not know, and nobody late has come meanwhile."""
    if rule.topic is NoticeTopic.PARKING_LATE:
        says_so = facts.order is not None and facts.order.has_arrived
        return not (facts.is_admitted or says_so)
    return not is_known(rule, anchor_at, facts.agreed_at)


def useful_until(rule: Rule, booked: ReservationRecord, limits: BookingLimits) -> datetime:
    """When nobody needs to know it any more."""
    if rule.topic is NoticeTopic.PARKING_LATE:
        return kept_until(booked.window, limits)
    return anchor_of(booked, rule)


def telling(rule: Rule, facts: Facts, until: datetime, link_of: LinkOf) -> Telling:
    """What is said. Its key is the instant's, so that a later end is told of as well."""
    stamp = int(anchor_of(facts.booked, rule).timestamp())
    return Telling(
        key=f"reservation:{facts.booked.id}:{rule.topic}:{stamp}",
        topic=rule.topic,
        fields=fields(facts, link_of) | {"until": local(until, facts.zone)},
        locale=facts.locale,
        person_id=facts.booked.person_id,
        about=facts.about,
        useful_until=until,
    )


def fields(facts: Facts, link_of: LinkOf) -> dict[str, str]:
    """The values that all texts of a booking share."""
    return {
        "place": facts.place,
        "space": facts.space,
        "starts": local(facts.booked.starts_at, facts.zone),
        "ends": local(facts.booked.ends_at, facts.zone),
        "link": link_of(facts.booked),
    }


async def _tell_merchant(sql: Sql, bus: Bus, order_id: int, until: datetime, now: datetime) -> None:
    """As a step of the order, of which its news tell. Raises `Contended`."""
    order = await order_by_id(sql, order_id)
    assert order is not None, "orders are never deleted"
    detail = {"until": rfc3339(until)}
    await record_order(sql, bus, order, OrderStep.LATE, SYSTEM.actor, now, detail)
