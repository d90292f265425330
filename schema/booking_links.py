"""A booking as whoever holds its link sees it: the driver's page is made of nothing else.

The token is an argument, so the holder needs no sign-in, and has no right beyond this one booking.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.access.access_events import access_events_of
from parking.access.check import Outcome
from parking.access.credentials import credentials_of
from parking.access.linked import Means, Way, means_of, way_of
from parking.access.models import CredentialKind
from parking.errors import NotFound
from parking.merchants.orders.guests import guest_order
from parking.occupancy.models import LockState
from parking.places.records import SpaceRecord
from parking.rates.lines import lines_from_json
from parking.reservations.cancel import refund_due
from parking.reservations.links import holder, is_lent, reservation_by_token
from parking.reservations.models import Party, ReservationState
from parking.reservations.queries import agreements_of
from parking.reservations.records import ReservationRecord
from parking.sessions.queries import sessions_of_reservations
from parking.sessions.records import SessionRecord
from schema.booking_money import (
    BookingMoney,
    BookingReceipt,
    money_of_booking,
    receipts_of_booking,
)
from schema.booking_orders import BookingOrder, booking_order_of
from schema.context import Info, services_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id
from schema.money import Money, PricedLine, lines_of, money_as, money_of
from schema.reservations import LeaseAgreement, agreement_of
from schema.scalars import TimeZone, Version
from schema.spaces import SpacePlan

BOOKING_COST = 20
BAYS_ASSUMED = 100
ACCESSES_ASSUMED = 10

Token: TypeAlias = Annotated[
    str, strawberry.argument(description="What stands behind `/b/` in the booking's link.")
]


@strawberry.type(description="The place of a booking, as its holder has to know it.")
class BookingPlace:
    """Of a `PlaceRecord`."""

    name: str = strawberry.field(description="Its name.")
    address: str = strawberry.field(description="Postal address; may be empty.")
    time_zone: TimeZone = strawberry.field(description="In which its windows are told.")
    position: Position | None = strawberry.field(description="Where to drive.")


@strawberry.type(description="The bay of a booking.")
class BookingSpace:
    """Of a `SpaceRecord`, with its arm."""

    number: str = strawberry.field(description="As painted on the ground.")
    level: str = strawberry.field(description="The level it is on; may be empty.")
    position: Position | None = strawberry.field(description="Where it is, if that is known.")
    lock: LockState = strawberry.field(description="What its lock says; UNKNOWN without one.")


@strawberry.type(description="A bay on the floor plan around a booking.")
class BookingBay:
    """Of a `SpaceRecord`: nothing that changes, and nothing of who parks there."""

    number: str = strawberry.field(description="As painted on the ground.")
    is_yours: bool = strawberry.field(description="Whether it is the booking's own.")
    plan: SpacePlan = strawberry.field(description="Where it lies on the plan.")


@strawberry.type(description="A credential of the booking was shown at a reader.")
class BookingAccess:
    """Of an `AccessEventRecord`."""

    at: datetime = strawberry.field(description="When.")
    kind: CredentialKind = strawberry.field(description="What was shown.")
    outcome: Outcome = strawberry.field(description="GRANTED, or why not.")
    is_offline: bool = strawberry.field(
        description="Whether the reader decided by itself and told later."
    )


@strawberry.type(description="The stay that a booking became.")
class BookingSession:
    """Of a `SessionRecord`."""

    started_at: datetime = strawberry.field(description="When the car came.")
    ended_at: datetime | None = strawberry.field(description="When it left.")
    overstay_since: datetime | None = strawberry.field(
        description="The end of what was booked, when the car has stayed beyond it."
    )
    price: Money | None = strawberry.field(
        description="What the stay costs; null until it has ended."
    )
    lines: list[PricedLine] = strawberry.field(
        description="The priced lines; they sum to the price.",
        metadata={COST: Cost(assumed_size=10)},
    )


@strawberry.type(description="A booking, as the holder of its link sees it.")
class Booking:
    """Of a `ReservationRecord`."""

    reservation_id: strawberry.ID = strawberry.field(description="The reservation's id.")
    state: ReservationState = strawberry.field(description="Where it stands.")
    version: Version = strawberry.field(description="Grows by one with every step.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    hold_until: datetime | None = strawberry.field(
        description="When it lapses unless it is confirmed, or answered; null: it does not."
    )
    plate: str = strawberry.field(description="The vehicle; may be empty.")
    guest_name: str = strawberry.field(description="Who comes instead of the driver; may be empty.")
    reason: str = strawberry.field(description="Why it was cancelled or declined; may be empty.")
    price: Money = strawberry.field(description="What it costs as booked.")
    refund: Money | None = strawberry.field(
        description="What is due back by its terms; null unless it was cancelled."
    )
    domain: strawberry.Private[ReservationRecord]
    at: strawberry.Private[datetime]
    way: strawberry.Private[Way]
    means: strawberry.Private[Means]

    @resolved("The lines of the price; they sum to it.", metadata={COST: Cost(assumed_size=10)})
    def lines(self) -> list[PricedLine]:
        return lines_of(lines_from_json(self.domain.lines))

    @resolved("Where it is.")
    def place(self) -> BookingPlace:
        place = self.way.place
        return BookingPlace(
            name=place.name,
            address=place.address,
            time_zone=TimeZone(place.time_zone),
            position=position_of(place.latitude, place.longitude),
        )

    @resolved("The bay.")
    def space(self) -> BookingSpace:
        space = self.way.space
        return BookingSpace(
            number=space.number,
            level=self.way.level,
            position=position_of(space.latitude, space.longitude),
            lock=self.way.lock,
        )

    @resolved(
        "The bays of its level, the nearest first, its own among them.",
        metadata={COST: Cost(assumed_size=BAYS_ASSUMED)},
    )
    def bays(self) -> list[BookingBay]:
        return [_bay(each, self.domain.space_id) for each in self.way.bays]

    @resolved("Whether the holder may ask for a later end.")
    def may_extend(self) -> bool:
        return self.means.may_extend

    @resolved("Whether the holder may confirm it (`confirmByLink`), before it lapses.")
    def may_confirm(self) -> bool:
        return self.means.may_confirm

    @resolved("Whether the holder may cancel.")
    def may_cancel(self) -> bool:
        return self.means.may_cancel

    @resolved("Whether the holder may move the lock now.")
    def may_move_lock(self) -> bool:
        return self.means.may_move_lock

    @resolved("Whether something there reads the booking's QR or key number.")
    def has_reader(self) -> bool:
        return self.means.has_reader

    @resolved("From when on its credentials open the bay.")
    def opens_at(self) -> datetime:
        return self.means.opens_at

    @resolved("Whether its credentials open the bay now.")
    def is_open(self) -> bool:
        return self.means.is_open

    @resolved("What would go back if it were cancelled now; null where nothing is due yet.")
    def refund_if_cancelled(self) -> Money | None:
        if not self.means.may_cancel:
            return None
        due = refund_due(self.domain, Party.DRIVER, self.at)
        minor = 0 if due is None else due.amount_minor
        return money_as(minor, self.domain.currency)

    @resolved("Whether a key number was given out that is still good.")
    async def has_key(self) -> bool:
        views = await credentials_of(holder(self.domain), [self.domain.id])
        mine = views.get(self.domain.id, [])
        return any(each.kind is CredentialKind.KEY and each.made_at for each in mine)

    @resolved(
        "What came of each credential that was shown, the newest first.",
        metadata={COST: Cost(assumed_size=ACCESSES_ASSUMED)},
    )
    async def accesses(self) -> list[BookingAccess]:
        found = await access_events_of(holder(self.domain), [self.domain.id])
        return [
            BookingAccess(
                at=each.at, kind=each.kind, outcome=each.outcome, is_offline=each.is_offline
            )
            for each in found.get(self.domain.id, [])
        ]

    @resolved("The stay; null until the car came.")
    async def session(self) -> BookingSession | None:
        found = await sessions_of_reservations(holder(self.domain), [self.domain.id])
        stays = found.get(self.domain.id, [])
        return _session(stays[-1]) if stays else None

    @resolved("The contract as it is now.")
    async def agreement(self) -> LeaseAgreement | None:
        found = await agreements_of(holder(self.domain), [self.domain.id])
        versions = found.get(self.domain.id, [])
        return agreement_of(versions[-1]) if versions else None

    @resolved("How it is paid; null until it is confirmed.")
    async def money(self) -> BookingMoney | None:
        return await money_of_booking(holder(self.domain), self.domain.id)

    @resolved(
        "Its bill, then what was credited of it, in order; nothing until it is settled.",
        metadata={COST: Cost(assumed_size=2)},
    )
    async def receipts(self) -> list[BookingReceipt]:
        return await receipts_of_booking(holder(self.domain), self.domain.id)

    @resolved("The merchant's order that it was made for; null: it was not made for one.")
    async def order(self, info: Info) -> BookingOrder | None:
        found = await guest_order(self.domain.id)
        if found is None:
            return None
        limits = services_of(info.context).booking_limits
        return booking_order_of(found, self.domain, self.means, limits, self.at)


def _bay(space: SpaceRecord, own: int) -> BookingBay:
    plan = SpacePlan(
        x_metres=space.x_metres,
        y_metres=space.y_metres,
        width_metres=space.width_metres,
        length_metres=space.length_metres,
        rotation_degrees=space.rotation_degrees,
    )
    return BookingBay(number=space.number, is_yours=space.id == own, plan=plan)


def _session(stay: SessionRecord) -> BookingSession:
    return BookingSession(
        started_at=stay.started_at,
        ended_at=stay.ended_at,
        overstay_since=stay.overstay_since,
        price=None if stay.amount is None else money_of(stay.amount),
        lines=lines_of(lines_from_json(stay.lines)),
    )


async def linked_reservation(info: Info, token: str) -> ReservationRecord:
    """The booking of the link. Raises the domain's NotFound."""
    return await reservation_by_token(services_of(info.context).keys.links, token)


async def linked_booking(info: Info, token: str) -> Booking:
    """The booking of the link as its holder sees it now. Raises the domain's NotFound."""
    reservation, services = await linked_reservation(info, token), services_of(info.context)
    now = services.clock.now()
    means = await means_of(reservation, now)
    refund = reservation.refund_minor
    back = None if refund is None else money_as(refund, reservation.currency)
    return Booking(
        reservation_id=global_id("Reservation", reservation.id),
        state=reservation.state,
        version=Version(reservation.version),
        starts_at=reservation.starts_at,
        ends_at=reservation.ends_at,
        hold_until=reservation.hold_until,
        plate=reservation.plate,
        guest_name=reservation.guest_name,
        reason=reservation.reason,
        price=money_of(reservation.price),
        refund=back,
        domain=reservation,
        at=now,
        way=await way_of(reservation),
        means=means.lent if is_lent(services.keys.links, token, reservation) else means,
    )


@strawberry.type
class BookingLinkQueries:
    """Root fields."""

    @resolved(
        "The booking of a link; null for a token that is wrong, or was replaced by a newer one.",
        metadata={VOLATILE: True, COST: Cost(weight=BOOKING_COST)},
    )
    async def booking_by_link(self, info: Info, token: Token) -> Booking | None:
        try:
            return await linked_booking(info, token)
        except NotFound:
            return None
