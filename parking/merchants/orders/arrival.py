"""The guest says "I am here" (CLAIMS D9, D20): the merchant and who runs the place see it at once,
and the arm of the bay goes down if the booking lets its guest in now.

`arrival_of` is the rule. The arm moves by the verb of whoever holds the booking's link, under that
verb's own rules (I7); what it would refuse is not even tried.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from parking.access.linked import Means, means_of, move_linked_lock
from parking.access.models import LockTarget
from parking.clock import Clock, rfc3339
from parking.errors import Conflict
from parking.events.bus import Bus
from parking.merchants.kinds import OrderStep
from parking.merchants.orders.record import order_by_reservation, record_order
from parking.occupancy.models import LockState
from parking.reservations.links import holder
from parking.reservations.models import ReservationState
from parking.reservations.record import changing_bookings, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, has_lapsed
from parking.storage.sql import Sql

ARRIVE_AHEAD = timedelta(hours=2)
"""Nobody is there so long before the start: who presses then is looking at the page at home."""


class Arrival(StrEnum):
    """What comes of it: OPENING, the arm goes down; OPEN, there is none in the way; EARLY and
    IN_USE, wait, because the time has not come or the guest before is still there; UNPAID, the
    booking has to be confirmed first; PARKED, the car stands there already."""

    OPENING = "OPENING"
    OPEN = "OPEN"
    EARLY = "EARLY"
    IN_USE = "IN_USE"
    UNPAID = "UNPAID"
    PARKED = "PARKED"


def arrival_of(booked: ReservationRecord, means: Means, lock: LockState, now: datetime) -> Arrival:
    """What comes of an arrival at this instant.

    Raises Conflict: `GIVEN_UP` where nobody came in time, `BOOKING_OVER` for one that is cancelled
    or over, `TOO_FAR_AHEAD` more than `ARRIVE_AHEAD` before the start.
    """
    if booked.state is ReservationState.NO_SHOW:
        raise Conflict("nobody came in time, so the bay was given to others", code="GIVEN_UP")
    if booked.state is ReservationState.ACTIVE:
        return Arrival.PARKED
    waits = (ReservationState.PENDING_PAYMENT, ReservationState.CONFIRMED)
    if booked.state not in waits or has_lapsed(booked, now) or now >= booked.ends_at:
        raise Conflict("the booking is over or cancelled; book anew", code="BOOKING_OVER")
    if now < booked.starts_at - ARRIVE_AHEAD:
        starts = rfc3339(booked.starts_at)
        raise Conflict(f"the booking begins at {starts}; come then", code="TOO_FAR_AHEAD")
    if booked.state is ReservationState.PENDING_PAYMENT:
        return Arrival.UNPAID
    if now < means.opens_at:
        return Arrival.EARLY
    if not means.is_let_in:
        return Arrival.IN_USE
    if not means.has_lock or lock is LockState.LOWERED:
        return Arrival.OPEN
    return Arrival.OPENING


async def arrive(reservation: ReservationRecord, *, clock: Clock, bus: Bus) -> Arrival:
    """The holder of the booking's link is there. Pressing again tells nobody again, and lowers the
    arm again if it was put up meanwhile.

    Raises as `arrival_of`, and what `move_linked_lock` raises where things change this very moment.
    """
    async with changing_bookings([reservation.place_id], clock, bus) as change:
        booked = await locked_reservation(change.sql, reservation.id)
        means, lock = await means_of(booked, change.at), await _arm(change.sql, booked.space_id)
        arrival = arrival_of(booked, means, lock, change.at)
        if arrival is Arrival.OPENING:
            await move_linked_lock(booked, LockTarget.LOWERED, clock=clock, bus=change.bus)
        if arrival in (Arrival.OPENING, Arrival.OPEN):
            # Who was let in has time to drive in, also where the bay would be given up now.
            detail = {"by": "arrival"}
            await change.step(booked, Step.ADMIT, holder(booked), detail)
        await _note(change.sql, change.bus, booked, arrival, change.at)
    return arrival


async def _note(
    sql: Sql, bus: Bus, booked: ReservationRecord, arrival: Arrival, at: datetime
) -> None:
    """The first time, on the merchant's order if the booking is one's."""
    order = await order_by_reservation(sql, booked.id)
    if order is None or order.arrived_at is not None or arrival is Arrival.PARKED:
        return
    await record_order(
        sql, bus, order, OrderStep.ARRIVING, holder(booked).actor, at, {"arrival": arrival},
        arrived_at=at,
    )  # fmt: skip


async def _arm(sql: Sql, space_id: int) -> LockState:
    row = await sql.fetch_one("SELECT lock FROM space_state WHERE space_id = $1", space_id)
    return LockState.UNKNOWN if row is None else LockState(row["lock"])
