"""The merchant's order that a booking was made for, as the holder of the booking's link sees it."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from parking.access.linked import Means
from parking.merchants.kinds import Payer
from parking.merchants.orders.arrival import ARRIVE_AHEAD
from parking.merchants.orders.erasing import may_erase_now
from parking.merchants.orders.guests import GuestOrder, GuestWay, guest_way
from parking.merchants.route import Point, PointKind
from parking.reservations.limits import BookingLimits
from parking.reservations.models import ReservationState
from parking.reservations.records import ReservationRecord
from schema.execution import COST, Cost
from schema.fields import resolved

POINTS_ASSUMED = 6
_TO_COME = (ReservationState.PENDING_PAYMENT, ReservationState.CONFIRMED)


@strawberry.type(description="A point of a way: the bay, the unit, or what leads on.")
class BookingPoint:
    """Of a `parking.merchants.route.Point`."""

    kind: PointKind = strawberry.field(description="What is there.")
    name: str = strawberry.field(description="Of the bay, the unit, or the lift and the like.")
    is_in_place: bool = strawberry.field(
        description="Whether it lies on a plan of the place's own; else on that of the mall."
    )
    level: int = strawberry.field(description="On this level.")
    level_name: str = strawberry.field(description="Its name at the place; else its number.")
    x_metres: float = strawberry.field(description="To the right, on that plan.")
    y_metres: float = strawberry.field(description="Down, on that plan.")
    metres: float = strawberry.field(
        description="From the point before, on one level; 0 where a lift or the like leads to it."
    )


@strawberry.type(description="The way of a guest. Each part is empty where it is not known.")
class BookingWay:
    """Of a `parking.merchants.orders.guests.GuestWay`."""

    drive: list[BookingPoint] = strawberry.field(
        description="By car: from where cars enter the place, over its ramps, to the bay.",
        metadata={COST: Cost(assumed_size=POINTS_ASSUMED)},
    )
    walk: list[BookingPoint] = strawberry.field(
        description="On foot: from the bay to the unit.",
        metadata={COST: Cost(assumed_size=POINTS_ASSUMED)},
    )


@strawberry.type(description="The merchant's order that a booking was made for.")
class BookingOrder:
    """Of a `parking.merchants.orders.guests.GuestOrder`."""

    order_ref: str = strawberry.field(description="Its name at the merchant.")
    merchant_name: str = strawberry.field(description="The merchant.")
    unit_name: str = strawberry.field(description="Its shop, restaurant or practice.")
    service_at: datetime | None = strawberry.field(description="When the service begins.")
    service_ends_at: datetime | None = strawberry.field(
        description="When it ends; null: after the usual stay."
    )
    party: int | None = strawberry.field(description="So many people; null: not told.")
    locale: str = strawberry.field(
        description="The guest's language, `en` or `zh`; empty: it was not told."
    )
    payer: Payer = strawberry.field(
        description="Who pays for the parking as it was booked. What a longer stay costs is always"
        " the guest's."
    )
    arrived_at: datetime | None = strawberry.field(
        description="When the guest said that they are there (`arriveByLink`)."
    )
    may_arrive: bool = strawberry.field(
        description="Whether `arriveByLink` makes sense now: the guest is to come, and soon."
    )
    arrive_from: datetime = strawberry.field(description="From when on it does.")
    is_let_in: bool = strawberry.field(
        description="Whether the booking lets its guest in now: false before its time, and as long"
        " as the guest before is still there."
    )
    kept_until: datetime = strawberry.field(
        description="So long the bay is kept for who is late; where it is not seen to be free, to"
        " the end."
    )
    may_erase_guest: bool = strawberry.field(
        description="Whether there is a name, number or plate that `eraseGuestByLink` erases."
    )
    found: strawberry.Private[GuestOrder]
    space_id: strawberry.Private[int]

    @resolved("The whole way to the unit.")
    async def way(self) -> BookingWay:
        found = await guest_way(self.found, self.space_id)
        return BookingWay(drive=way_points(found, found.drive), walk=way_points(found, found.walk))


def booking_order_of(
    found: GuestOrder,
    reservation: ReservationRecord,
    means: Means,
    limits: BookingLimits,
    now: datetime,
) -> BookingOrder:
    """The domain's order, at this instant."""
    order, unit = found.order, found.unit
    arrive_from = reservation.starts_at - ARRIVE_AHEAD
    is_to_come = reservation.state in _TO_COME and now < reservation.ends_at
    return BookingOrder(
        order_ref=order.order_ref,
        merchant_name=found.merchant,
        unit_name=unit.name,
        service_at=order.service_at,
        service_ends_at=order.service_ends_at,
        party=order.party,
        locale=order.guest_locale,
        payer=found.payer,
        arrived_at=order.arrived_at,
        may_arrive=is_to_come and arrive_from <= now,
        arrive_from=arrive_from,
        is_let_in=means.is_let_in,
        kept_until=min(reservation.starts_at + limits.no_show, reservation.ends_at),
        may_erase_guest=may_erase_now(order, now),
        found=found,
        space_id=reservation.space_id,
    )


def way_points(found: GuestWay, points: Sequence[Point]) -> list[BookingPoint]:
    """The domain's points of a way as the schema's type."""
    return [_point(found, each) for each in points]


def _point(found: GuestWay, point: Point) -> BookingPoint:
    spot = point.spot
    name = found.levels.get(spot.level) if spot.plan == found.plan else None
    return BookingPoint(
        kind=point.kind,
        name=point.name,
        is_in_place=spot.plan is not None,
        level=spot.level,
        level_name=name or str(spot.level),
        x_metres=spot.x_metres,
        y_metres=spot.y_metres,
        metres=point.metres,
    )
