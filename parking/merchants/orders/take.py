"""Taking an order (CLAIMS D1, D2, D16): it is recorded first, and then carried out.

What is recorded survives every crash; a worker carries out what a crash left (`due`). An order is
one by unit and `order_ref`: the same message again changes nothing, the newest one counts, in
whatever order they arrive.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.accounts.addresses import Address
from parking.accounts.attempts import take_attempt
from parking.accounts.people import find_or_make_person, make_nameless_person
from parking.accounts.texts import best_locale
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.merchants.kinds import OrderSource, OrderStep, Reason, UnitState
from parking.merchants.orders.decisions import (
    REASONS,
    following,
    is_newer,
    is_parking_wanted,
)
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.erasing import PERSONAL
from parking.merchants.orders.limits import MESSAGES_PER_ORGANISATION
from parking.merchants.orders.ordered import (
    Guest,
    Ordered,
    checked_ordered,
    checked_ref,
    checked_stamp,
    digest_of,
    needs_json,
)
from parking.merchants.orders.place import carry_out
from parking.merchants.orders.record import order_by_ref, record_order, record_received
from parking.merchants.queries import unit_by_id
from parking.merchants.records import OrderRecord, UnitRecord
from parking.merchants.rules import require_orderer
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

NEW = 0
"""The id of an order that has none yet."""
_SAME_VISIT = ("service_at", "service_ends_at", "needs")
_SAME_PARKING = (*_SAME_VISIT, "guest_phone", "plate")
"""Where these stay as they are, the bay that an order has still does."""


async def take_order(
    viewer: Viewer,
    unit_id: int,
    ordered: Ordered,
    source: OrderSource,
    stamp: datetime,
    desk: Desk,
) -> int:
    """Take an order as its message of `stamp` (aware: when it was made) has it; the order's id.

    Also for a change: the message tells all of the order anew, and its parking moves with it. What
    came of it is in the order; that there is no bay is no error. Raises NotFound, NotPermitted,
    InvalidInput, Conflict `UNIT_CLOSED` for a new order of a closed unit, and TooManyTries.
    """
    unit = await _ordering_unit(viewer, unit_id)
    sound = checked_ordered(ordered)
    at = checked_stamp(stamp, desk.clock.now())
    made = await _record(viewer, unit, sound.order_ref, sound, source, at, desk)
    await carry_out(made, desk)
    return made


async def cancel_order(
    viewer: Viewer,
    unit_id: int,
    order_ref: str,
    source: OrderSource,
    stamp: datetime,
    desk: Desk,
) -> int:
    """The merchant cancels an order: its bay is free again, and all that was paid goes back; the
    order's id. Also of one that is not known yet: what arrives later and is older stays cancelled.
    Raises as `take_order`.
    """
    unit = await _ordering_unit(viewer, unit_id)
    ref, at = checked_ref(order_ref), checked_stamp(stamp, desk.clock.now())
    made = await _record(viewer, unit, ref, None, source, at, desk)
    await carry_out(made, desk)
    return made


async def _ordering_unit(viewer: Viewer, unit_id: int) -> UnitRecord:
    unit = await unit_by_id(database(), unit_id)
    if unit is None:
        raise NotFound("there is no such unit")
    require_orderer(viewer, unit.organisation_id)
    return unit


async def _record(
    viewer: Viewer,
    unit: UnitRecord,
    ref: str,
    told: Ordered | None,
    source: OrderSource,
    stamp: datetime,
    desk: Desk,
) -> int:
    """Write down what the message says, if it counts; None is a cancellation."""

    async def once() -> int:
        async with HeldBus(desk.bus) as held, transaction() as sql:
            made = await write(sql, held)
            # Last, so that the merchant's other messages wait for the commit alone.
            who = str(unit.organisation_id)
            await take_attempt(sql, MESSAGES_PER_ORGANISATION, who, b"", desk.clock.now())
            return made

    async def write(sql: Sql, held: Bus) -> int:
        before = await order_by_ref(sql, unit.id, ref)
        digest, now = digest_of(told), desk.clock.now()
        if before is not None and not is_newer(before, stamp, digest):
            return before.id
        if before is None and unit.state is not UnitState.ACTIVE:
            raise Conflict("the unit takes no orders any more", code="UNIT_CLOSED")
        columns = await _columns(sql, before, told, now)
        columns |= {"source": source, "stamp": stamp, "digest": digest}
        if before is None:
            made = _made(unit, ref, columns, now)
            order = await record_received(sql, held, made, viewer.actor, {"source": source})
        else:
            step = OrderStep.CANCELLED if told is None else OrderStep.CHANGED
            order = await record_order(
                sql, held, before, step, viewer.actor, now, {"source": source}, **columns
            )
        return order.id

    return await retried(once)


async def _columns(
    sql: Sql, before: OrderRecord | None, told: Ordered | None, now: datetime
) -> dict[str, Any]:
    """What the message makes of the order's columns, its next state among them."""
    if told is None:
        state = following(before, is_cancelled=True, is_wanted=False, is_same_parking=False)
        why = {"reason_code": Reason.BY_MERCHANT, "reason": REASONS[Reason.BY_MERCHANT]}
        return {**state._asdict(), **why}
    is_wanted = is_parking_wanted(told.demand, told.guest.plate, told.needs)
    columns = _told(told, is_wanted)
    if before is not None and _is_given_up(before, columns):
        columns |= dict.fromkeys(PERSONAL, "")
    is_same = before is not None and all(
        getattr(before, name) == columns[name] for name in _SAME_PARKING
    )
    state = following(before, is_cancelled=False, is_wanted=is_wanted, is_same_parking=is_same)
    if is_wanted:
        columns["person_id"] = await _person(sql, before, told.guest, now)
    if before is None or state.state is not before.state:
        columns |= {"reason_code": "", "reason": ""}
    return {**columns, **state._asdict()}


def _is_given_up(before: OrderRecord, columns: Mapping[str, Any]) -> bool:
    """Whether the guest cancelled the parking and has had themself forgotten, and the message asks
    for no other: then it neither books anew nor tells us who they are."""
    is_forgotten = not any(getattr(before, name) for name in PERSONAL)
    is_same = all(getattr(before, name) == columns[name] for name in _SAME_VISIT)
    return before.reason_code == Reason.BY_GUEST and is_forgotten and is_same


def _told(told: Ordered, is_wanted: bool) -> dict[str, Any]:
    guest = told.guest
    return {
        "wants_parking": is_wanted,
        "service_at": told.service_at,
        "service_ends_at": told.service_ends_at,
        "party": told.party,
        "guest_name": guest.name,
        "guest_phone": guest.phone,
        "guest_locale": guest.locale,
        "plate": guest.plate,
        "needs": needs_json(told.needs),
    }


async def _person(sql: Sql, before: OrderRecord | None, guest: Guest, now: datetime) -> int:
    """The guest by phone; one without stays the same person while the order lasts. Only who parks
    becomes a person here."""
    if before is not None and before.person_id is not None and before.guest_phone == guest.phone:
        return before.person_id
    if not guest.phone:
        return await make_nameless_person(sql, best_locale(guest.locale), now)
    address, locale = Address("phone", guest.phone), best_locale(guest.locale)
    return (await find_or_make_person(sql, address, locale, now)).id


def _made(unit: UnitRecord, ref: str, columns: dict[str, Any], now: datetime) -> OrderRecord:
    blank: dict[str, Any] = dict.fromkeys(OrderRecord._fields)
    blank |= {
        "id": NEW,
        "order_ref": ref,
        "organisation_id": unit.organisation_id,
        "unit_id": unit.id,
        "wants_parking": False,
        "guest_name": "",
        "guest_phone": "",
        "guest_locale": "",
        "plate": "",
        "needs": "{}",
        "reservation_state": "",
        "reason_code": "",
        "reason": "",
        "version": 1,
        "created_at": now,
        "changed_at": now,
    }
    return OrderRecord(**{**blank, **columns})
