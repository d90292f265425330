"""Whether each bay of the proof of orders was the nearest, and nobody waited beside an idle one."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from parking.merchants.kinds import OrderState, Reason
from parking.places.models import Space
from parking.reservations.limits import DEFAULTS
from parking.reservations.rules import Step
from parking.storage.sql import as_time, database
from tests.support.mall import Mall

ENDED = {Step.CANCEL, Step.LAPSE, Step.MISS, Step.END, Step.DECLINE}


class Break(NamedTuple):
    """A lock failed after the booking's event of id `after`, and everybody knew at `known`."""

    after: int
    known: int


BREAKS = Mapping[int, Break]
"""By the bay."""
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


class Taken(NamedTuple):
    """What an event made of a booking: it has a bay now, or none (any more). `is_chosen`: for an
    order, and not only offered to who waits."""

    event_id: int
    at: datetime
    booking_id: int
    held: Held | None
    is_chosen: bool
    is_move: bool


class Chosen(NamedTuple):
    """What the bays came to."""

    bays: int
    moved: int
    faults: list[str]


async def judge_bays(mall: Mall, walks: Mapping[int, float], breaks: BREAKS) -> Chosen:
    """Go through all that ever happened to bookings, in the order in which it was written, and
    find the nearest bay by brute force each time that one was chosen for an order."""
    held: dict[int, Held] = {}
    chosen, moved, faults = 0, 0, []
    for taken in await history():
        held.pop(taken.booking_id, None)
        if taken.held is None:
            continue
        if taken.is_chosen:
            fault = _fault(mall, walks, breaks, taken, taken.held, held.values())
            chosen, moved = chosen + 1, moved + taken.is_move
            faults += [fault] if fault else []
        held[taken.booking_id] = taken.held
    return Chosen(chosen, moved, faults)


async def history() -> list[Taken]:
    """Each time that a bay was taken, changed or given back, as it was written."""
    rows = await database().fetch(_EVENTS)
    numbers = {(each.place_id, each.number): each.id for each in await Space.all()}
    first, now, made = _first_bays(rows, numbers), dict[int, Held](), []
    for row in rows:
        key, is_move = row["reservation_id"], row["kind"] == Step.MOVE
        if row["kind"] in ENDED:
            held = now.pop(key, None)
            if held is None:
                continue
            after = None
        elif is_move:
            number = json.loads(row["detail"])["to"]
            after = now[key] = now[key]._replace(space_id=numbers[row["place_id"], number])
        elif key not in now:
            after = now[key] = _held(row, first)
        else:
            continue
        is_chosen = after is not None and row["waitlist_entry_id"] is None
        made.append(Taken(row["id"], as_time(row["at"]), key, after, is_chosen, is_move))
    return made


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


def _fault(
    mall: Mall, walks: Mapping[int, float], breaks: BREAKS, taken: Taken, mine: Held, held: Any
) -> str | None:
    """The nearest idle bay of the first place that has one whose lock does not fail; a booking that
    moves stays in its place. While a lock fails, one may or may not know of it."""
    known = {space_id for space_id, each in breaks.items() if taken.event_id > each.known}
    maybe = {space_id for space_id, each in breaks.items() if taken.event_id > each.after}
    faults = [_fault_with(mall, walks, taken, mine, held, broken) for broken in (known, maybe)]
    return None if None in faults else faults[0]


def _fault_with(
    mall: Mall, walks: Mapping[int, float], taken: Taken, mine: Held, held: Any, broken: set[int]
) -> str | None:
    busy = _busy(held, mine.starts_at, mine.blocked_until, taken.at)
    for estate in (mall.garage, mall.lot):
        idle = set(estate.space_ids) - busy
        if mine.space_id in idle & broken and not idle - broken:
            idle -= idle - broken
        else:
            idle -= broken
        if idle and not (taken.is_move and mine.space_id not in estate.space_ids):
            best = min(idle, key=lambda each: walks[each])
            if best == mine.space_id:
                return None
            return f"event {taken.event_id}: bay {mine.space_id} was taken, {best} was nearer"
    return f"event {taken.event_id}: bay {mine.space_id} was taken where none was idle"


def _busy(held: Any, starts_at: datetime, ends_at: datetime, at: datetime) -> set[int]:
    return {
        each.space_id
        for each in held
        if each.starts_at < ends_at
        and each.blocked_until > starts_at
        and (each.until is None or each.until > at)
    }


async def judge_waiting(mall: Mall, gave_up: Collection[str], now: datetime) -> list[str]:
    """Whether somebody waits beside a bay that is idle, or was refused for want of one that was:
    idle for as long as from one look of the worker to the next. Who gave up waiting is not."""
    rows = await database().fetch(
        "SELECT o.order_ref, o.state, o.reason_code, o.starts_at, o.ends_at, o.changed_at"
        f" FROM merchant_order o WHERE o.state = '{OrderState.WAITLISTED}'"
        f" OR o.reason_code = '{Reason.FULL}' ORDER BY o.id"
    )
    past = await history()
    return [
        fault
        for row in rows
        if row["order_ref"] not in gave_up
        for fault in _waiting_faults(mall, past, row, now)
    ]


def _waiting_faults(mall: Mall, past: Sequence[Taken], row: Any, now: datetime) -> Iterator[str]:
    at = now if row["state"] == OrderState.WAITLISTED else as_time(row["changed_at"])
    starts_at, ends_at = max(as_time(row["starts_at"]), at), as_time(row["ends_at"])
    before = _held_after([each for each in past if each.at < at])
    then = _held_after([each for each in past if each.at <= at])
    idle = {*mall.garage.space_ids, *mall.lot.space_ids}
    idle -= _busy([*before, *then], starts_at, ends_at, at)
    if idle:
        yield f"{row['order_ref']}: {row['state']} at {at}, while bays {sorted(idle)} were idle"


def _held_after(past: Sequence[Taken]) -> list[Held]:
    held = {each.booking_id: each.held for each in past}
    return [each for each in held.values() if each is not None]
