"""Pure decisions about orders: is parking wanted, which message counts, what follows from it.

    PENDING ──place─► BOOKED ──guest's or lessor's cancellation, lapse─► CANCELLED | REFUSED
       │                 ▲ offer                        (the lessor's: PENDING again)
       ├──full──► WAITLISTED ──its time begins─► REFUSED
       └──quota, credit, too late─► REFUSED
    no demand ─► UNWANTED; the merchant cancels ─► CANCELLED, from every state

A newer message takes an order from every state to every other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from parking.merchants.kinds import Demand, OrderState, OrderStep, Reason
from parking.merchants.records import NO_NEEDS, Needs, OrderRecord, UnitRecord, minutes
from parking.reservations.models import Party, ReservationState, WaitlistState
from parking.reservations.waiting import WaitlistEntry, has_ended
from parking.windows import Window

CANCELLED_DIGEST = "~"
"""Sorts behind every hexadecimal digest."""

IN_USE = frozenset({"ACTIVE", "COMPLETED", "NO_SHOW"})
"""States of a reservation that is not given back any more."""
LIVE = frozenset({"PENDING_PAYMENT", "CONFIRMED", "ACTIVE"})
"""States of a reservation that may still change; word for word in `merchant_order_followed`."""
_PLACED = frozenset({OrderState.PENDING, OrderState.BOOKED, OrderState.WAITLISTED})


def is_parking_wanted(demand: Demand, plate: str, needs: Needs = NO_NEEDS) -> bool:
    """Whether an order is about parking, too (CLAIMS D2, D11): as it says; where it says nothing, a
    guest whose vehicle it names comes by car."""
    if demand is Demand.UNSAID:
        return bool(plate) or needs != NO_NEEDS
    return demand is Demand.YES


def is_newer(before: OrderRecord, stamp: datetime, digest: str) -> bool:
    """Whether a message counts: the newest does, whatever the order in which they arrive. Of two
    with one stamp a cancellation counts, else the same one of them everywhere."""
    return (stamp, digest) > (before.stamp, before.digest)


class Following(NamedTuple):
    """The state that a message leads to, and whether something is to be carried out for it."""

    state: OrderState
    is_due: bool


def following(
    before: OrderRecord | None, *, is_cancelled: bool, is_wanted: bool, is_same_parking: bool
) -> Following:
    """What a message that counts makes of an order. `is_same_parking`: the bay it has would do."""
    if is_cancelled or not is_wanted:
        state = OrderState.CANCELLED if is_cancelled else OrderState.UNWANTED
        return Following(state, before is not None and has_parking(before))
    if before is not None and is_same_parking and before.reason_code == Reason.BY_GUEST:
        return Following(before.state, before.is_due)  # theirs to say, not the merchant's
    if before is None or before.state not in _PLACED:
        return Following(OrderState.PENDING, True)
    if is_same_parking or before.reservation_state in IN_USE:
        return Following(before.state, before.is_due)
    return Following(OrderState.PENDING, True)


def has_parking(order: OrderRecord) -> bool:
    """Whether the order holds something that has to be given back when it ends."""
    return order.reservation_id is not None or order.waitlist_entry_id is not None


def period(
    service_at: datetime, service_ends_at: datetime | None, unit: UnitRecord, now: datetime
) -> Window | None:
    """What is parked for a service (CLAIMS D5, D13): from the unit's lead before it to its tail
    after it, not before now; None when it is over."""
    ends = service_ends_at or service_at + minutes(unit.stay_minutes)
    starts = max(service_at - minutes(unit.lead_minutes), now)
    ends += minutes(unit.tail_minutes)
    return Window(starts, ends) if starts < ends else None


def refusal(window: Window | None, unit: UnitRecord, parked_that_day: int) -> Reason | None:
    """Why an order cannot be placed, before any bay is looked at."""
    if window is None:
        return Reason.PAST
    most = unit.orders_per_day_max
    return Reason.QUOTA if most is not None and parked_that_day >= most else None


REASONS: Mapping[Reason, str] = {
    Reason.FULL: "no bay became free in time; send the guest elsewhere, or choose another time",
    Reason.PAST: "the service is over already; send an order with a time to come",
    Reason.QUOTA: "the unit has as many parked orders that day as it may; raise its limit",
    Reason.NO_CREDIT: "the merchant's credit does not cover the price; have it raised",
    Reason.NOT_PAID: "the guest did not pay in time, so the bay was given to others",
    Reason.NOT_FUNDED: "the booking could not be paid for",
    Reason.NO_CONTRACT: "the merchant has no contract with any of the unit's places; accept one",
    Reason.BY_MERCHANT: "the merchant cancelled the order",
    Reason.BY_GUEST: "the guest cancelled the parking",
}
"""What a merchant is told, and what to do."""


class After(NamedTuple):
    """What the state of its reservation makes of a BOOKED order."""

    state: OrderState
    step: OrderStep
    reason: Reason | None = None


class Turn(StrEnum):
    """What an order that waits comes to: the guest TAKEN has what one of its places offered; it is
    OFFERED a bay; an offer lapsed with time left, so it is looked for AGAIN; nothing became free in
    time, it is OVER."""

    TAKEN = "TAKEN"
    OFFERED = "OFFERED"
    AGAIN = "AGAIN"
    OVER = "OVER"


def turn_of(entries: Sequence[WaitlistEntry], now: datetime) -> Turn | None:
    """What the entries of an order come to, one at each place; None while it waits (CLAIMS D14).
    One that left a queue, or was taken out of it, waits on in the others."""
    states = {each.state for each in entries if not has_lapsed_offer(each, now)}
    if WaitlistState.TAKEN in states:
        return Turn.TAKEN
    if WaitlistState.OFFERED in states:
        return Turn.OFFERED
    if any(has_lapsed_offer(each, now) and each.starts_at > now for each in entries):
        return Turn.AGAIN
    return None if WaitlistState.WAITING in states else Turn.OVER


def has_lapsed_offer(entry: WaitlistEntry, now: datetime) -> bool:
    """Whether a bay was offered, and nobody came to take it; or the queue is closed."""
    return entry.state is WaitlistState.EXPIRED or (
        entry.state is WaitlistState.OFFERED and has_ended(entry, now)
    )


_AFTER: Mapping[str, After] = {
    ReservationState.CONFIRMED: After(OrderState.BOOKED, OrderStep.PAID),
    ReservationState.ACTIVE: After(OrderState.BOOKED, OrderStep.ARRIVED),
    ReservationState.COMPLETED: After(OrderState.BOOKED, OrderStep.LEFT),
    ReservationState.NO_SHOW: After(OrderState.BOOKED, OrderStep.MISSED),
    ReservationState.EXPIRED: After(OrderState.REFUSED, OrderStep.REFUSED, Reason.NOT_PAID),
}


def after_reservation(state: str, cancelled_by: str) -> After:
    """What becomes of a BOOKED order whose reservation has this state now (CLAIMS D20: nobody came
    and the bay is free for others, the order was booked all the same)."""
    if state != ReservationState.CANCELLED:
        return _AFTER.get(state, After(OrderState.BOOKED, OrderStep.KEPT))
    if cancelled_by == Party.DRIVER:
        return After(OrderState.CANCELLED, OrderStep.CANCELLED, Reason.BY_GUEST)
    return After(OrderState.PENDING, OrderStep.REPLACED)
