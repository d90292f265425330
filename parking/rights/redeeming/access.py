"""Entering with an ACCESS right: a bay that is idle now is booked, and the right stands in for the
first amount, so nothing is asked of the driver."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, Refusal
from parking.events.bus import Bus
from parking.reservations.confirm import confirm_in
from parking.reservations.funding import Funding
from parking.reservations.holding import MYSELF, hold
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.offering import serve_first
from parking.reservations.quote import Offered, Request, offer
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.records import ReservationRecord
from parking.reservations.refusals import WindowTaken
from parking.rights.granting.returning import rights_under_lock
from parking.rights.granting.times import day_at
from parking.rights.kinds import RedemptionWay, RightKind, RightState
from parking.rights.limits import ACCESS_BOOKINGS_PER_PERSON_MAX
from parking.rights.records import RedemptionRecord
from parking.rights.redeeming.facts import (
    Held,
    held_rights,
    rooms_of,
    used_today,
    validation_for,
)
from parking.rights.redeeming.refusals import AccessNotCovered, NoAccessRight
from parking.rights.redeeming.rows import Into, put_in
from parking.rights.rules import is_holder
from parking.settlement.funds import validated
from parking.settlement.records import ValidationRecord
from parking.storage.locks import lock_person
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.vehicles.records import EnrolmentRecord
from parking.windows import Window, window_of

_LISTINGS = """
SELECT id FROM listing WHERE place_id = $1 AND state = 'ACTIVE' AND mode = 'INSTANT' ORDER BY id
"""
_ENTERED = """
SELECT COUNT(*) AS count FROM redemption d JOIN reservation r ON r.id = d.reservation_id
 WHERE d.person_id = $1 AND d.way = 'ACCESS' AND d.state = 'LIVE'
   AND r.state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
"""
OFFERS_COMPARED_MAX = 20
"""Under the lock of the place, so not all of a thousand lessors are asked what they want."""


class Entered(NamedTuple):
    """The booking that lets the vehicle in, and the redemption that covers it."""

    reservation_id: int
    redemption_id: int


async def enter(
    enrolment: EnrolmentRecord,
    place_id: int,
    until: datetime,
    *,
    viewer: Viewer,
    clock: Clock,
    bus: Bus,
    funding: Funding,
    limits: BookingLimits = DEFAULTS,
) -> Entered:
    """Book a bay of the place from now until `until` (aware) by an ACCESS right of the vehicle.

    `viewer` is its driver, or whoever gave its code. The right has to cover the whole price, within
    its worth and its issuer's credit. Raises NotFound, InvalidInput, NoAccessRight,
    AccessNotCovered, WindowTaken where nothing is idle for so long, Conflict `ACCESS_BOOKINGS_MAX`
    where the person has as many bays by rights as anybody may, and `NotFunded`: who owes something
    pays that first.
    """
    if not enrolment.is_live or not is_holder(viewer, enrolment.person_id, enrolment.id):
        raise NotFound("there is no such vehicle")
    if not await _usable(database(), enrolment, place_id, clock.now()):
        raise NoAccessRight  # also where there is no such place

    async def once() -> Entered:
        async with changing_bookings([place_id], clock, bus) as change:
            window = window_of(change.at, until)
            return await _enter(change, enrolment, place_id, window, viewer, funding, limits)

    return await retried(once)


async def _enter(
    change: BookingChange,
    enrolment: EnrolmentRecord,
    place_id: int,
    window: Window,
    viewer: Viewer,
    funding: Funding,
    limits: BookingLimits,
) -> Entered:
    sql = change.sql
    await _require_room(sql, enrolment.person_id)
    await rights_under_lock(
        sql, [each.right.id for each in await held_rights(sql, [enrolment.id], 0)]
    )
    usable = await _usable(sql, enrolment, place_id, change.at)
    if not usable:
        raise NoAccessRight
    await serve_first(change, place_id, window, viewer, limits)
    booked = await _book(change, viewer, place_id, window, enrolment.plate, limits)
    held, promise = await _covering(sql, usable, booked, change.at)
    _, day = await _place(sql, place_id, change.at)
    into = Into(booked, None, booked.plate, day, RedemptionWay.ACCESS)
    redemption: RedemptionRecord = await put_in(
        sql, change.bus, viewer, held.right, promise, into, booked.amount_minor,
        change.at,
    )  # fmt: skip
    await confirm_in(change, viewer, booked, funding)
    return Entered(booked.id, redemption.id)


async def _require_room(sql: Sql, person_id: int) -> None:
    """Under the person's lock, as their vehicles may enter several places at once. Raises
    Conflict."""
    await lock_person(sql, person_id)
    [row] = await sql.fetch(_ENTERED, person_id)
    if row["count"] >= ACCESS_BOOKINGS_PER_PERSON_MAX:
        raise Conflict(
            f"{row['count']} bays are yours by such rights already, and no more than"
            f" {ACCESS_BOOKINGS_PER_PERSON_MAX} are at a time; leave or cancel one first",
            code="ACCESS_BOOKINGS_MAX",
        )


async def _usable(sql: Sql, enrolment: EnrolmentRecord, place_id: int, now: datetime) -> list[Held]:
    """The rights by which the vehicle may enter; those that lapse first come first."""
    operator_id, day = await _place(sql, place_id, now)
    used = await used_today(sql, enrolment.plate, day, 0)
    return [
        each
        for each in await held_rights(sql, [enrolment.id], 0)
        if each.right.kind is RightKind.ACCESS
        and each.right.state is RightState.HELD
        and each.right.valid_from <= now < each.right.valid_until
        and each.is_good_at(place_id, operator_id)
        and each.day_left(used) > 0
    ]


async def _book(
    change: BookingChange,
    viewer: Viewer,
    place_id: int,
    window: Window,
    plate: str,
    limits: BookingLimits,
) -> ReservationRecord:
    """By the cheapest offer that lets the driver have a bay at once, the oldest of equal ones: its
    issuer pays whatever a lessor asks. Raises WindowTaken."""
    offers = await _offers(change, viewer, place_id, window, plate)
    if not offers:
        raise WindowTaken("no bay of this place is free for so long; ask for less, or elsewhere")
    return await hold(change, viewer, min(offers, key=_cost), MYSELF, limits)


async def _offers(
    change: BookingChange, viewer: Viewer, place_id: int, window: Window, plate: str
) -> list[Offered]:
    """The first `OFFERS_COMPARED_MAX` that there are; none is written yet."""
    found = list[Offered]()
    for row in await change.sql.fetch(_LISTINGS, place_id):
        wanted = Request(row["id"], None, window, plate)
        try:
            found.append(await offer(change.sql, viewer, wanted, change.at))
        except Refusal:
            continue
        if len(found) >= OFFERS_COMPARED_MAX:
            break
    return found


def _cost(offered: Offered) -> tuple[int, int]:
    return offered.amount_minor, offered.facts.listing.id


async def _covering(
    sql: Sql, usable: list[Held], booked: ReservationRecord, at: datetime
) -> tuple[Held, ValidationRecord]:
    """The first right that covers the price. Raises AccessNotCovered."""
    for held in usable:
        promise = validation_for(held, at, booked.id)
        rooms = await rooms_of(sql, promise.payers, booked.currency)
        [paid] = validated([promise], booked.amount_minor, lambda _: 0, rooms)
        is_same = held.right.currency == booked.currency
        if is_same and paid.amount_minor >= booked.amount_minor:
            return held, promise._replace(covered_minor=booked.amount_minor)
    raise AccessNotCovered


async def _place(sql: Sql, place_id: int, at: datetime) -> tuple[int, str]:
    """Who runs the place, and the date there; nobody, of one that does not exist."""
    row = await sql.fetch_one(
        "SELECT organisation_id, time_zone FROM place WHERE id = $1", place_id
    )
    if row is None:
        return 0, ""
    return row["organisation_id"], day_at(ZoneInfo(row["time_zone"]), at).isoformat()
