"""Whether each order of the proof ended as it must: its state, its bay, what its guest was told."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bench.orders_plan import Message, newest
from berth.ledger_work import verify_books
from parking.merchants.kinds import OrderState
from parking.places.models import Space
from parking.reservations.limits import DEFAULTS
from parking.reservations.rules import Step
from parking.storage.sql import as_time, database
from tests.support.mall import Mall

ENDED = {Step.CANCEL, Step.LAPSE, Step.MISS, Step.END, Step.DECLINE}
BREAKS = Mapping[int, int]
"""Bays whose lock fails since the booking's event of this id."""
TOLD = {
    OrderState.BOOKED: ("PARKING_BOOKED", "PARKING_MOVED"),
    OrderState.WAITLISTED: ("PARKING_WAITLISTED",),
    OrderState.REFUSED: ("PARKING_REFUSED",),
    OrderState.CANCELLED: ("PARKING_CANCELLED", "PARKING_REFUSED"),
    OrderState.UNWANTED: ("PARKING_CANCELLED", "PARKING_REFUSED"),
}
"""What a guest heard last: whoever knows that there is no parking is not told that it is off. Of
who never asked for any, nothing at all."""
_EVENTS = """
SELECT e.id, e.kind, e.at, e.detail, e.reservation_id, r.space_id, r.place_id, r.starts_at,
       r.blocked_until, r.waitlist_entry_id
  FROM reservation_event e JOIN reservation r ON r.id = e.reservation_id ORDER BY e.id
"""


class Held(NamedTuple):
    """A bay that somebody has; `until`: an offer lapses then."""

    space_id: int
    starts_at: datetime
    blocked_until: datetime
    until: datetime | None


class Chosen(NamedTuple):
    """What the bays came to."""

    bays: int
    moved: int
    faults: list[str]


async def judge_bays(mall: Mall, walks: Mapping[int, float], breaks: BREAKS) -> Chosen:
    """Go through all that ever happened to bookings, in the order in which it was written, and
    find the nearest bay by brute force each time that one was chosen for an order."""
    rows = await database().fetch(_EVENTS)
    numbers = {(each.place_id, each.number): each.id for each in await Space.all()}
    first = _first_bays(rows, numbers)
    held: dict[int, Held] = {}
    chosen, moved, faults = 0, 0, []
    for row in rows:
        key, is_move = row["reservation_id"], row["kind"] == Step.MOVE
        if row["kind"] in ENDED:
            held.pop(key, None)
        elif is_move or key not in held:
            now = _held(row, first) if not is_move else _moved(row, numbers, held[key])
            held.pop(key, None)
            if row["waitlist_entry_id"] is None:
                fault = _fault(mall, walks, breaks, row, now, held.values(), is_move=is_move)
                chosen, moved = chosen + 1, moved + is_move
                faults += [fault] if fault else []
            held[key] = now
    return Chosen(chosen, moved, faults)


def _first_bays(rows: Sequence[Any], numbers: Mapping[Any, int]) -> dict[int, int]:
    """Where bookings that moved were at first."""
    found: dict[int, int] = {}
    for row in rows:
        if row["kind"] == Step.MOVE:
            number = json.loads(row["detail"])["from"]
            found.setdefault(row["reservation_id"], numbers[row["place_id"], number])
    return found


def _held(row: Any, first: Mapping[int, int]) -> Held:
    space_id = first.get(row["reservation_id"], row["space_id"])
    is_offer = row["waitlist_entry_id"] is not None
    until = as_time(row["at"]) + DEFAULTS.offer if is_offer else None
    return Held(space_id, as_time(row["starts_at"]), as_time(row["blocked_until"]), until)


def _moved(row: Any, numbers: Mapping[Any, int], before: Held) -> Held:
    return before._replace(space_id=numbers[row["place_id"], json.loads(row["detail"])["to"]])


def _fault(
    mall: Mall,
    walks: Mapping[int, float],
    breaks: BREAKS,
    row: Any,
    mine: Held,
    held: Any,
    *,
    is_move: bool,
) -> str | None:
    """The nearest idle bay of the first place that has one whose lock does not fail; a booking that
    moves stays in its place."""
    at = as_time(row["at"])
    taken = {
        each.space_id
        for each in held
        if each.starts_at < mine.blocked_until
        and each.blocked_until > mine.starts_at
        and (each.until is None or each.until > at)
    }
    broken = {space_id for space_id, since in breaks.items() if row["id"] > since}
    for estate in (mall.garage, mall.lot):
        idle = set(estate.space_ids) - taken
        if mine.space_id in idle & broken and not idle - broken:
            idle -= idle - broken
        else:
            idle -= broken
        if idle and not (is_move and mine.space_id not in estate.space_ids):
            best = min(idle, key=lambda each: walks[each])
            if best == mine.space_id:
                return None
            return f"event {row['id']}: bay {mine.space_id} was taken, {best} was nearer"
    return f"event {row['id']}: bay {mine.space_id} was taken where none was idle"


async def judge_ends(sent: Sequence[Message]) -> tuple[Counter[str], list[str]]:
    """How many ended how, and what is wrong: each in one of the states that its newest message
    leads to, with an event for each version, and a booking of its own."""
    rows = await database().fetch(
        "SELECT o.*, r.state AS booked, r.space_id AS bay,"
        " (SELECT COUNT(*) FROM merchant_order_event e WHERE e.order_id = o.id) AS events"
        " FROM merchant_order o"
        " LEFT JOIN reservation r ON r.id = o.reservation_id"
    )
    orders, wanted = {row["order_ref"]: row for row in rows}, newest(sent)
    faults = [f"{ref} is not there" for ref in wanted.keys() - orders.keys()]
    faults += [f"{ref} is nobody's" for ref in orders.keys() - wanted.keys()]
    for ref, row in ((ref, row) for ref, row in orders.items() if ref in wanted):
        faults += [f"{ref}: {fault}" for fault in _end_faults(row, wanted[ref])]
    held = Counter(row["reservation_id"] for row in rows if row["reservation_id"])
    faults += [f"booking {key} is of several orders" for key, count in held.items() if count > 1]
    live = await database().fetch(
        "SELECT id FROM reservation WHERE state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
    )
    faults += [f"booking {row['id']} is no order's" for row in live if row["id"] not in held]
    return Counter(row["state"] for row in rows), faults


def _end_faults(row: Any, message: Message) -> Iterator[str]:
    if row["state"] not in ends_of(message):
        yield f"{row['state']} after {message}"
    if row["events"] != row["version"]:
        yield f"{row['events']} events for version {row['version']}"
    if row["is_due"]:
        yield "something is still due"
    if row["state"] == OrderState.BOOKED and (row["booked"], row["bay"]) != (
        "CONFIRMED",
        row["space_id"],
    ):
        yield f"booked, but its booking is {row['booked']} in bay {row['bay']}"
    if row["state"] != OrderState.BOOKED and row["reservation_id"] is not None:
        yield f"{row['state']} with a booking"


def ends_of(message: Message) -> tuple[OrderState, ...]:
    """The states that the newest message may lead to."""
    if message.hours is None:
        return (OrderState.CANCELLED,)
    if not message.is_wanted:
        return (OrderState.UNWANTED,)
    if message.hours < 0:
        return (OrderState.REFUSED,)
    return (OrderState.BOOKED, OrderState.WAITLISTED)


async def judge_news(sent: Sequence[Message]) -> tuple[int, list[str]]:
    """How many notices guests have, and what is wrong: the last says how the order ended, and names
    the bay that it has. And each SMS has its one answer."""
    orders = await database().fetch(
        "SELECT o.id, o.order_ref, o.state, o.guest_phone, s.number FROM merchant_order o"
        " LEFT JOIN space s ON s.id = o.space_id"
    )
    rows = await database().fetch(
        "SELECT about, topic, recipient, body FROM notice WHERE topic LIKE 'PARKING%' ORDER BY id"
    )
    heard: dict[str, list[Any]] = {}
    for row in rows:
        heard.setdefault(row["about"], []).append(row)
    phones = {each.ref: each.phone for each in sent}
    faults = [fault for each in orders for fault in _news_faults(each, heard, phones)]
    return len(rows), faults + await _answer_faults()


def _news_faults(
    order: Any, heard: Mapping[str, list[Any]], phones: Mapping[str, str]
) -> Iterator[str]:
    ref, state = order["order_ref"], OrderState(order["state"])
    news = heard.get(f"order:{order['id']}", [])
    if any(each["recipient"] != phones.get(ref) for each in news):
        yield f"{ref}: somebody else was told"
    if not news:
        if state not in (OrderState.CANCELLED, OrderState.UNWANTED):
            yield f"{ref}: nobody was told that it is {state}"
    elif news[-1]["topic"] not in TOLD[state]:
        yield f"{ref}: {state}, but told last was {news[-1]['topic']}"
    elif state is OrderState.BOOKED and order["number"] not in news[-1]["body"]:
        yield f"{ref}: told was another bay than {order['number']}: {news[-1]['body']}"


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
        if not row["outcome"] or row["outcome"].startswith(wrong) or " REFUSED" in row["outcome"]
    ]


async def judge_rest(mall: Mall) -> list[str]:
    """No event is untold, and the books are right."""
    [row] = await database().fetch(
        "SELECT COUNT(*) AS untold FROM merchant_order_event WHERE told_at IS NULL"
    )
    faults = [f"{row['untold']} events are not told"] if row["untold"] else []
    books = await verify_books(mall.clock)
    return faults + [f"{each.code}: {each.message}" for each in books.findings]
