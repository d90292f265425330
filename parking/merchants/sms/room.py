"""Units and orders as the rooms beside this one keep them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from parking.accounts.viewer import SYSTEM
from parking.errors import InvalidInput, NotFound
from parking.merchants.kinds import Demand, OrderSource, OrderState
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.orders.record import order_by_id, order_by_ref
from parking.merchants.orders.take import cancel_order, take_order
from parking.merchants.queries import places_of_units
from parking.merchants.records import Needs, OrderRecord
from parking.merchants.senders import unit_of_sender
from parking.merchants.sms.moments import JUST_PAST
from parking.merchants.sms.orders import SmsUnit, Standing
from parking.merchants.sms.results import Understood
from parking.storage.sql import database

_DEMANDS = {None: Demand.UNSAID, True: Demand.YES, False: Demand.NO}


class RoomUnits:
    """`Units` by the senders that merchants allow. A unit's clocks are those of its first place."""

    async def unit_of(self, number: str) -> SmsUnit | None:
        """The unit; None for a stranger, and for a unit that has no place yet."""
        unit = await unit_of_sender(number)
        if unit is None:
            return None
        places = (await places_of_units(database(), [unit.id]))[unit.id]
        row = await database().fetch_one(
            "SELECT time_zone FROM place WHERE id = $1", places[0] if places else 0
        )
        if row is None:
            return None
        zone = ZoneInfo(row["time_zone"])
        return SmsUnit(unit.id, unit.organisation_id, unit.name, zone, unit.locale)


@dataclass(frozen=True, slots=True)
class RoomOrders:
    """`Orders` of `parking.merchants.orders`.

    The platform acts for the number, which was found to speak for the unit; the order's events say
    that it came by SMS.
    """

    desk: Desk

    async def take(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        """A BOOK: the order as it is told, all of it."""
        assert order.service_at is not None, "the grammar lets no booking through without a time"
        before = await _find(unit, order.order_ref)
        if before is not None and is_same_visit(before, order, stamp):
            return await self._change(unit, before, order, stamp)
        ref = order.order_ref if before is None else before.order_ref
        guest = Guest(order.guest_name, order.guest_phone or "", order.plate, _locale(order, unit))
        needs = Needs(bool(order.needs.accessible), bool(order.needs.ev))
        ordered = Ordered(
            ref,
            order.service_at,
            order.service_ends_at,
            _DEMANDS[order.wants_parking],
            order.party,
            guest,
            needs,
        )
        return await self._take(unit, ordered, stamp)

    async def move(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        """A MOVE: what is told changes, the rest stays. A service that begins at another time
        lasts as long as before, unless its end is told too."""
        before = await _known(unit, order.order_ref)
        return await self._change(unit, before, order, stamp)

    async def cancel(self, unit: SmsUnit, order_ref: str, stamp: datetime) -> Standing:
        """A CANCEL."""
        before = await _known(unit, order_ref)
        made = await cancel_order(
            SYSTEM, unit.id, before.order_ref, OrderSource.SMS, stamp, self.desk
        )
        return await _standing(made)

    async def status(self, unit: SmsUnit, order_ref: str) -> Standing:
        """A STATUS."""
        return await _standing((await _known(unit, order_ref)).id)

    async def _change(
        self, unit: SmsUnit, before: OrderRecord, order: Understood, stamp: datetime
    ) -> Standing:
        if order.shift is not None and before.stamp >= stamp:
            # Handled before, or outdated: it is not put off a second time.
            return await _standing(before.id)
        return await self._take(unit, moved(before, order, stamp), stamp)

    async def _take(self, unit: SmsUnit, ordered: Ordered, stamp: datetime) -> Standing:
        made = await take_order(SYSTEM, unit.id, ordered, OrderSource.SMS, stamp, self.desk)
        return await _standing(made)


def is_same_visit(before: OrderRecord, told: Understood, stamp: datetime) -> bool:
    """Whether a BOOK of a known order tells more of the same visit, so that what it leaves out
    stays: `order 1021 now 9pm`. Pure.

    Not of one that was cancelled, is over (numbers are used again), or is another guest's: nobody
    is to get what was meant for the guest before.
    """
    if before.state is OrderState.CANCELLED or before.service_at is None:
        return False
    is_over = (before.ends_at or before.service_at) < stamp
    names = {before.guest_name, told.guest_name} - {""}
    phones = {before.guest_phone, told.guest_phone or ""} - {""}
    return not is_over and len(names) < 2 and len(phones) < 2


def moved(before: OrderRecord, told: Understood, stamp: datetime) -> Ordered:
    """The order with what a MOVE tells. Pure. Raises NotFound for one that was cancelled before it
    was ever told: of it nothing is known; InvalidInput when it would be shifted into the past."""
    starts, ends = told.service_at or before.service_at, told.service_ends_at
    if told.shift is not None and before.service_at is not None:
        starts = before.service_at + told.shift
        if starts < stamp - JUST_PAST:
            raise InvalidInput("shift", "then it would be over; give the time itself")
    if starts is None:
        raise NotFound("of this order nothing but its cancellation is known; send it anew")
    if ends is None and before.service_ends_at is not None and before.service_at is not None:
        ends = starts + (before.service_ends_at - before.service_at)
    guest = Guest(
        told.guest_name or before.guest_name,
        told.guest_phone or before.guest_phone,
        told.plate or before.plate,
        told.language or before.guest_locale,
    )
    wants = before.wants_parking if told.wants_parking is None else told.wants_parking
    return Ordered(
        before.order_ref,
        starts,
        ends,
        _DEMANDS[wants],
        told.party or before.party,
        guest,
        _needs(before.wanted, told),
    )


def _locale(order: Understood, unit: SmsUnit) -> str:
    """In which language the guest is told: as the message says, is written, or the unit is."""
    return order.language or order.written_in or unit.locale


def _needs(before: Needs, told: Understood) -> Needs:
    accessible, ev = told.needs.accessible, told.needs.ev
    return before._replace(
        is_accessible=before.is_accessible if accessible is None else accessible,
        is_ev=before.is_ev if ev is None else ev,
    )


async def _known(unit: SmsUnit, order_ref: str) -> OrderRecord:
    found = await _find(unit, order_ref)
    if found is None:
        raise NotFound("there is no such order of this unit")
    return found


async def _find(unit: SmsUnit, order_ref: str) -> OrderRecord | None:
    """By its reference; else whatever its case, because phones begin sentences with a capital."""
    sql = database()
    exact = await order_by_ref(sql, unit.id, order_ref)
    if exact is not None:
        return exact
    row = await sql.fetch_one(
        "SELECT id FROM merchant_order WHERE unit_id = $1 AND LOWER(order_ref) = LOWER($2)"
        " ORDER BY id DESC LIMIT 1",
        unit.id,
        order_ref,
    )
    return None if row is None else await order_by_id(sql, row["id"])


async def _standing(order_id: int) -> Standing:
    sql = database()
    order = await order_by_id(sql, order_id)
    assert order is not None, "orders are never deleted"
    row = await sql.fetch_one(
        "SELECT p.name AS place, s.number AS space FROM place p LEFT JOIN space s ON s.id = $2"
        " WHERE p.id = $1",
        order.place_id or 0,
        order.space_id or 0,
    )
    return Standing(
        order.order_ref,
        order.state,
        order.service_at,
        str(row["place"]) if row else "",
        str(row["space"] or "") if row else "",
        order.reason_code,
        order.reason,
        order.id,
    )
