"""Whether each order of the proof ended as it must: its state, its booking, its history, and what
guest and merchant were told of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from bench.orders_plan import Message, Way, newest
from berth.ledger_work import verify_books
from parking.merchants.kinds import OrderState, Reason
from parking.notices.kinds import NoticeTopic
from parking.storage.sql import as_time, database
from tests.support.mall import Mall

PARKED = ("BOOKED", "WAITLISTED")
SMS_PARTY_MOVED = 5


class Lived(NamedTuple):
    """Numbers of the orders whose guests did something in the evening, once it `is_over`."""

    is_over: bool = False
    came: Collection[int] = ()
    cancelled: Collection[int] = ()
    gave_up: Collection[int] = ()


NOBODY = Lived()


class End(NamedTuple):
    """How an order may end: its state, why, and the state of its booking."""

    state: OrderState
    reason: str = ""
    booking: str = ""


_WAITS = End(OrderState.WAITLISTED)
_QUOTA = End(OrderState.REFUSED, Reason.QUOTA)
_FULL = End(OrderState.REFUSED, Reason.FULL)


def _booked(state: str) -> set[End]:
    """In a bay; also in one whose lock fails, where there was no other."""
    return {End(OrderState.BOOKED, reason, state) for reason in ("", "LOCK_FAILED")}


def ends_of(message: Message, lived: Lived = NOBODY) -> set[End]:
    """The ends that the newest message may lead to."""
    if message.hours is None:
        return {End(OrderState.CANCELLED, Reason.BY_MERCHANT)}
    if not message.is_wanted:
        return {End(OrderState.UNWANTED)}
    if message.hours < 0:
        return {End(OrderState.REFUSED, Reason.PAST)}
    if message.is_crowded and lived.is_over:
        return _ends_of_evening(message.number, lived)
    return {*_booked("CONFIRMED"), _WAITS, *([_QUOTA] if message.is_kiosks else [])}


def _ends_of_evening(number: int, lived: Lived) -> set[End]:
    if number in lived.cancelled:
        return {End(OrderState.CANCELLED, Reason.BY_GUEST)}
    if number in lived.gave_up:
        return {_FULL}
    return _booked("COMPLETED") if number in lived.came else {*_booked("NO_SHOW"), _FULL}


async def judge_ends(
    sent: Sequence[Message], begin: datetime, lived: Lived = NOBODY
) -> tuple[Counter[End], list[str]]:
    """How many ended how, and what is wrong: each in one of the ends that its newest message leads
    to, as that message tells it, and with a booking of its own."""
    rows = await database().fetch(
        "SELECT o.*, r.state AS booked, r.space_id AS bay FROM merchant_order o"
        " LEFT JOIN reservation r ON r.id = o.reservation_id"
    )
    orders, wanted = {row["order_ref"]: row for row in rows}, newest(sent)
    faults = [f"{ref} is not there" for ref in wanted.keys() - orders.keys()]
    faults += [f"{ref} is nobody's" for ref in orders.keys() - wanted.keys()]
    for ref, row in ((ref, row) for ref, row in orders.items() if ref in wanted):
        faults += [f"{ref}: {fault}" for fault in _end_faults(row, wanted[ref], begin, lived)]
    held = Counter(row["reservation_id"] for row in rows if row["reservation_id"])
    faults += [f"booking {key} is of several orders" for key, count in held.items() if count > 1]
    live = await database().fetch(
        "SELECT id FROM reservation WHERE state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
    )
    faults += [f"booking {row['id']} is no order's" for row in live if row["id"] not in held]
    return Counter(map(_end, rows)), faults


def _end(row: Any) -> End:
    return End(OrderState(row["state"]), row["reason_code"], row["booked"] or "")


def _end_faults(row: Any, message: Message, begin: datetime, lived: Lived) -> Iterator[str]:
    end = _end(row)
    if end not in ends_of(message, lived):
        yield f"{tuple(end)} after {message}"
    if row["is_due"]:
        yield "something is still due"
    if end.state is OrderState.BOOKED and row["bay"] != row["space_id"]:
        yield f"booked, but its booking is in bay {row['bay']}"
    if message.hours is not None:
        yield from _untold_of(row, message, begin)


def _untold_of(row: Any, message: Message, begin: datetime) -> Iterator[str]:
    """The newest message counts in all that it says."""
    wanted: dict[str, Any] = {"service_at": begin + timedelta(hours=message.hours or 0)}
    is_moved_by_sms = message.way is Way.SMS and message.step > 0
    wanted["party"] = SMS_PARTY_MOVED if is_moved_by_sms else 2 + message.step
    if message.way is not Way.SMS:
        wanted["stamp"] = begin - timedelta(hours=1) + timedelta(seconds=message.step)
    found = {**row, **{name: as_time(row[name]) for name in ("service_at", "stamp") if row[name]}}
    for name, value in wanted.items():
        if found[name] != value:
            yield f"its {name} is {found[name]}, not {value}"


async def judge_history() -> list[str]:
    """Each version of an order has its one event, and they were written in order."""
    rows = await database().fetch(
        "SELECT e.order_id, e.version, o.version AS last FROM merchant_order_event e"
        " JOIN merchant_order o ON o.id = e.order_id ORDER BY e.order_id, e.id"
    )
    faults = []
    for order_id, events in groupby(rows, key=lambda row: row["order_id"]):
        found = list(events)
        versions, last = [each["version"] for each in found], found[-1]["last"]
        if versions != list(range(1, last + 1)):
            faults.append(f"order {order_id}: events {versions} for version {last}")
    return faults


async def judge_quota(unit_id: int, most: int) -> list[str]:
    """The unit, whose orders are all of one day, never parked more than it may; and none of its
    orders was refused for that while it parked less."""
    rows = await database().fetch(
        "SELECT e.id, e.order_id, e.detail FROM merchant_order_event e"
        " JOIN merchant_order o ON o.id = e.order_id WHERE o.unit_id = $1 ORDER BY e.id",
        unit_id,
    )
    parked: set[int] = set()
    faults = []
    for row in rows:
        detail = row["detail"]
        parked.discard(row["order_id"])
        if Reason.QUOTA in detail and len(parked) < most:
            faults.append(f"event {row['id']}: refused with {len(parked)} of {most} parked")
        if any(f'"state":"{state}"' in detail for state in PARKED):
            parked.add(row["order_id"])
        if len(parked) > most:
            faults.append(f"event {row['id']}: {len(parked)} of {most} parked")
    return faults


_T = NoticeTopic
_BAY = frozenset({_T.PARKING_BOOKED, _T.PARKING_MOVED})
_OFF = frozenset({_T.PARKING_CANCELLED, _T.PARKING_REFUSED})
_SHOP_OFF = frozenset({_T.ORDER_CANCELLED, _T.ORDER_REFUSED})


class Heard(NamedTuple):
    """What guest and merchant may have heard last of an order, and whether they must have."""

    guest: frozenset[NoticeTopic]
    merchant: frozenset[NoticeTopic]
    is_needed: bool = True


def _heard(guest: NoticeTopic, merchant: NoticeTopic) -> Heard:
    return Heard(frozenset({guest}), frozenset({merchant}))


_HEARD: Mapping[tuple[OrderState, str], Heard] = {
    (OrderState.BOOKED, "CONFIRMED"): Heard(_BAY, frozenset({_T.ORDER_BOOKED})),
    (OrderState.BOOKED, "COMPLETED"): Heard(_BAY, frozenset({_T.ORDER_ARRIVED})),
    (OrderState.BOOKED, "NO_SHOW"): _heard(_T.PARKING_MISSED, _T.ORDER_MISSED),
    (OrderState.WAITLISTED, ""): _heard(_T.PARKING_WAITLISTED, _T.ORDER_WAITLISTED),
    (OrderState.REFUSED, ""): _heard(_T.PARKING_REFUSED, _T.ORDER_REFUSED),
}
"""By the states of order and booking."""
_BY_GUEST = Heard(_BAY, frozenset({_T.ORDER_CANCELLED}))
"""The guest did it, and has the booking's own page; the merchant is to know."""
_IS_OFF = Heard(_OFF, _SHOP_OFF, is_needed=False)
"""Whoever knows that there is no parking is not told that it is off; and of what was never asked
for, or was off before it came, nobody hears anything."""
_OF_STATE = frozenset(
    topic for each in (*_HEARD.values(), _IS_OFF) for said in each[:2] for topic in said
)
"""Not those that come by the clock: they say nothing new of an order's state."""


def heard_of(end: End) -> Heard:
    """What is to be heard of an end."""
    if end.reason == Reason.BY_GUEST:
        return _BY_GUEST
    return _HEARD.get((end.state, end.booking), _IS_OFF)


async def judge_news(sent: Sequence[Message]) -> tuple[Counter[str], list[str]]:
    """How many notices of which kind there are, and what is wrong: the last to guest and merchant
    says how the order ended, and the guest's names the bay. And each SMS has its one answer."""
    orders = await database().fetch(
        "SELECT o.id, o.order_ref, o.state, o.reason_code, o.space_id, r.state AS booked, s.number"
        " FROM merchant_order o LEFT JOIN space s ON s.id = o.space_id"
        " LEFT JOIN reservation r ON r.id = o.reservation_id"
    )
    rows = await database().fetch("SELECT about, topic, recipient, body FROM notice ORDER BY id")
    heard: dict[str, list[Any]] = {}
    for row in rows:
        if row["topic"] in _OF_STATE:
            heard.setdefault(row["about"], []).append(row)
    phones = {each.ref: each.phone for each in sent}
    faults = [fault for each in orders for fault in _news_faults(each, heard, phones)]
    return Counter(row["topic"] for row in rows), faults + await _answer_faults()


def _news_faults(
    order: Any, heard: Mapping[str, list[Any]], phones: Mapping[str, str]
) -> Iterator[str]:
    ref, end = order["order_ref"], _end(order)
    news = heard.get(f"order:{order['id']}", [])
    wanted = heard_of(end)
    for who, head, topics in (
        ("guest", "PARKING", wanted.guest),
        ("merchant", "ORDER", wanted.merchant),
    ):
        told = [each for each in news if each["topic"].startswith(head)]
        if not told and wanted.is_needed:
            yield f"{ref}: the {who} was not told that it is {tuple(end)}"
        elif told and told[-1]["topic"] not in topics:
            yield f"{ref}: {tuple(end)}, but the {who} was told last {told[-1]['topic']}"
        elif told and who == "guest":
            yield from _guest_faults(order, end, told, phones.get(ref))


def _guest_faults(order: Any, end: End, told: Sequence[Any], phone: str | None) -> Iterator[str]:
    ref, last = order["order_ref"], told[-1]
    if any(each["recipient"] != phone for each in told):
        yield f"{ref}: somebody else was told"
    is_there = end.state is OrderState.BOOKED and last["topic"] in _BAY
    if is_there and (order["number"] not in last["body"] or "/b/" not in last["body"]):
        yield f"{ref}: told was another bay than {order['number']}: {last['body']}"


async def _answer_faults() -> list[str]:
    rows = await database().fetch(
        "SELECT m.id, m.outcome, (SELECT COUNT(*) FROM notice n WHERE n.topic = 'ANSWER'"
        " AND n.about = 'sms_message:' || m.id) AS answers FROM sms_message m"
    )
    wrong = ("UNCLEAR", "HELP", "STRANGER", "GIVEN_UP")
    faults = [
        f"SMS {row['id']} has {row['answers']} answers" for row in rows if row["answers"] != 1
    ]
    return faults + [
        f"SMS {row['id']} came to {row['outcome'] or 'nothing'}"
        for row in rows
        if not row["outcome"] or row["outcome"].startswith(wrong) or _is_refusal(row["outcome"])
    ]


def _is_refusal(outcome: str) -> bool:
    """`BOOK A-1 REFUSED` is an order's state; with a code behind it the message was refused."""
    words = outcome.split()
    return len(words) > 3 and words[2] == "REFUSED"


async def judge_rest(mall: Mall) -> list[str]:
    """No event is untold, and the books are right."""
    [row] = await database().fetch(
        "SELECT COUNT(*) AS untold FROM merchant_order_event WHERE told_at IS NULL"
    )
    faults = [f"{row['untold']} events are not told"] if row["untold"] else []
    books = await verify_books(mall.clock)
    return faults + [f"{each.code}: {each.message}" for each in books.findings]


def counts(ends: Iterable[End]) -> Counter[OrderState]:
    """How many orders are in each state."""
    return Counter(each.state for each in ends)
