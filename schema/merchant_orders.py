"""Merchants' orders: when, for whom, whether with parking, and what came of it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.errors import NotFound
from parking.merchants.kinds import OrderSource, OrderState, OrderStep
from parking.merchants.orders.demand import SLOTS_MAX, Slot, demand_at
from parking.merchants.orders.guests import names_by_order
from parking.merchants.orders.queries import (
    OrderFilter,
    events_of,
    find_orders,
    links_of,
    orders_by_id,
    waits_at,
)
from parking.merchants.records import OrderEventRecord, OrderRecord
from parking.merchants.rules import is_guest
from parking.reservations.links import LINK_PATH, link_token
from parking.windows import window_of
from schema import merchant_units, places, reservations, spaces
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import RefusalsAsErrors, known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    Page,
    after_id,
    connection,
    page,
)
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.merchant_units import MerchantUnit
    from schema.places import Place
    from schema.reservations import Reservation
    from schema.spaces import Space

EVENTS_ASSUMED = 5
WAITED_ASSUMED = 2
SLOTS_ASSUMED = 24
DEMAND_COST = 10


@strawberry.type(description="What the guest's space has to have.")
class OrderNeeds:
    """`parking.merchants.records.Needs`."""

    is_accessible: bool = strawberry.field(description="For a disabled driver.")
    is_ev: bool = strawberry.field(description="With a charger.")
    height_metres: float | None = strawberry.field(description="The vehicle's; null: any.")


@strawberry.type(description="One step in the life of an order.")
class MerchantOrderEvent:
    """`parking.merchants.records.OrderEventRecord`."""

    version: Version = strawberry.field(description="The order's version after it.")
    kind: OrderStep = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    detail: str = strawberry.field(description="JSON: the state, and what else there is to say.")


@strawberry.type(
    description="An order of a unit. For the merchant, as its units are; for its guest; and for the"
    " OPERATORs of the place where it parks, who are not told the guest's name and phone."
)
class MerchantOrder(Node):
    """`parking.merchants.records.OrderRecord`."""

    order_ref: str = strawberry.field(description="Its name at the merchant: unique in its unit.")
    organisation_id: strawberry.ID = strawberry.field(description="The merchant.")
    state: OrderState = strawberry.field(description="Where it stands.")
    source: OrderSource = strawberry.field(description="How its newest message came in.")
    stamp: datetime = strawberry.field(description="When its newest message was made.")
    wants_parking: bool = strawberry.field(description="Whether parking is wanted.")
    service_at: datetime | None = strawberry.field(
        description="When the service begins; null: it was cancelled before it was told."
    )
    service_ends_at: datetime | None = strawberry.field(
        description="When it ends; null: after the usual stay."
    )
    party: int | None = strawberry.field(description="So many people; null: not told.")
    guest_name: str = strawberry.field(description="May be empty.")
    guest_phone: str = strawberry.field(description="E.164; may be empty.")
    plate: str = strawberry.field(description="Normalised; may be empty.")
    guest_locale: str = strawberry.field(
        description="The guest's language, `en` or `zh`; empty: it was not told."
    )
    arrived_at: datetime | None = strawberry.field(
        description="When the guest said that they are there; null: not, or not by the link."
    )
    needs: OrderNeeds = strawberry.field(description="What the space has to have.")
    starts_at: datetime | None = strawberry.field(description="Parked from then; null: not yet.")
    ends_at: datetime | None = strawberry.field(description="Parked until then.")
    walk_metres: float | None = strawberry.field(
        description="The walk from the unit to the space by which bays are chosen: in metres, with"
        " what a lift, stairs or a ramp counts as; the way on the booking's page has those on foot"
        " alone. Null: no way is known."
    )
    reservation_state: str = strawberry.field(
        description="Where its booking stands (a ReservationState); empty: it has none."
    )
    reason_code: str = strawberry.field(
        description="Why it was refused or ended: FULL, PAST, QUOTA_EXHAUSTED, NO_CREDIT, NOT_PAID,"
        " NOT_FUNDED, NO_CONTRACT, CANCELLED_BY_MERCHANT or CANCELLED_BY_GUEST; of a BOOKED one"
        " LOCK_FAILED. Else empty."
    )
    reason: str = strawberry.field(description="The same for people, in English.")
    version: Version = strawberry.field(description="Grows with every step.")
    created_at: datetime = strawberry.field(description="When its first message came.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    domain: strawberry.Private[OrderRecord]

    @resolved("Name of the merchant, which everybody who sees the order is told.")
    async def merchant_name(self, info: Info) -> str:
        found = await load(info.context, names_by_order, self.domain.id)
        return "" if found is None else found.merchant

    @resolved("Name of the unit, which everybody who sees the order is told.")
    async def unit_name(self, info: Info) -> str:
        found = await load(info.context, names_by_order, self.domain.id)
        return "" if found is None else found.unit

    @resolved("Its unit; null to who may not see the merchant's units.")
    async def unit(
        self, info: Info
    ) -> Annotated["MerchantUnit", strawberry.lazy("schema.merchant_units")] | None:
        return await merchant_units.load_unit(info, self.domain.unit_id)

    @resolved(
        "Where it parks, or the best of the places where it waits; null: nowhere, or the place is"
        " private to others."
    )
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved(
        "Of an order that waits: the places in whose queues it is, best first, but for those that"
        " are private to others.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=WAITED_ASSUMED)},
    )
    async def waits_at(
        self, info: Info
    ) -> list[Annotated["Place", strawberry.lazy("schema.places")]]:
        keys = await load(info.context, waits_at, self.domain.id) or ()
        found = await asyncio.gather(*(places.load_place(info, key) for key in keys))
        return [each for each in found if each is not None]

    @resolved("Its space; null: none, or the place is private to others.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved(
        "Its booking; null: none, or one that the viewer may not see. Its guest may, and who lets"
        " or runs the space."
    )
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)

    @resolved(
        "Path of its booking's page, `/b/…`, for its guest. Whoever has it may do there what the"
        " guest may; but the one that a merchant is told spends nothing: it neither confirms nor"
        " extends nor cancels. Null: it has none, the guest has renewed it, or the viewer is"
        " neither the guest nor sends the merchant's orders.",
        metadata={VOLATILE: True},
    )
    async def link(self, info: Info) -> str | None:
        found = await load(info.context, links_of, self.domain.id)
        if found is None:
            return None
        key, is_own = (
            services_of(info.context).keys.links[0],
            is_guest(viewer_of(info.context), self.domain),
        )
        return LINK_PATH + link_token(key, *found, is_lent=not is_own)

    @resolved(
        "What happened to it, in order.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=EVENTS_ASSUMED)},
    )
    async def events(self, info: Info) -> list[MerchantOrderEvent]:
        found = await load(info.context, events_of, self.domain.id)
        return [_event_of(each) for each in found or ()]


@strawberry.type(description="A slot of time at a place: what of its spaces is asked for.")
class DemandSlot:
    """`parking.merchants.orders.demand.Slot`."""

    starts_at: datetime = strawberry.field(description="From then.")
    ends_at: datetime = strawberry.field(description="Until then.")
    booked: int = strawberry.field(description="Merchants' orders that are booked.")
    waiting: int = strawberry.field(description="Those that wait for a space.")
    refused: int = strawberry.field(description="Those that were turned away: all was full.")
    taken: int = strawberry.field(description="Bookings of everybody.")
    spaces: int = strawberry.field(description="Spaces that are in service now.")


@strawberry.input(description="Which orders; what is null asks for nothing.")
class MerchantOrderFilterInput:
    """`parking.merchants.orders.queries.OrderFilter`."""

    organisation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this merchant."
    )
    unit_id: strawberry.ID | None = strawberry.field(default=None, description="Of this unit.")
    place_id: strawberry.ID | None = strawberry.field(
        default=None, description="That park or wait at this place."
    )
    order_ref: str | None = strawberry.field(default=None, description="Of this name.")
    states: list[OrderState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    service_from: datetime | None = strawberry.field(
        default=None, description="With a service that begins then or later."
    )
    service_until: datetime | None = strawberry.field(
        default=None, description="With a service that begins before."
    )


OrdersAsked: TypeAlias = Annotated[
    MerchantOrderFilterInput | None, strawberry.argument(description="Which ones; null: all.")
]


def order_of(order: OrderRecord) -> MerchantOrder:
    """The domain's order, as the viewer may see it, as the schema's type."""
    needs = order.wanted
    return MerchantOrder(
        id=global_id("MerchantOrder", order.id),
        order_ref=order.order_ref,
        organisation_id=global_id("Organisation", order.organisation_id),
        state=order.state,
        source=order.source,
        stamp=order.stamp,
        wants_parking=order.wants_parking,
        service_at=order.service_at,
        service_ends_at=order.service_ends_at,
        party=order.party,
        guest_name=order.guest_name,
        guest_phone=order.guest_phone,
        plate=order.plate,
        guest_locale=order.guest_locale,
        arrived_at=order.arrived_at,
        needs=OrderNeeds(
            is_accessible=needs.is_accessible, is_ev=needs.is_ev, height_metres=needs.height_metres
        ),
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        walk_metres=order.walk_metres,
        reservation_state=order.reservation_state,
        reason_code=order.reason_code,
        reason=order.reason,
        version=Version(order.version),
        created_at=order.created_at,
        changed_at=order.changed_at,
        domain=order,
    )


def _event_of(event: OrderEventRecord) -> MerchantOrderEvent:
    return MerchantOrderEvent(
        version=Version(event.version),
        kind=OrderStep(event.kind),
        at=event.at,
        detail=event.detail,
    )


def _slot_of(slot: Slot) -> DemandSlot:
    return DemandSlot(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        booked=slot.booked,
        waiting=slot.waiting,
        refused=slot.refused,
        taken=slot.taken,
        spaces=slot.bays,
    )


async def load_order(info: Info, key: int | None) -> MerchantOrder | None:
    """The order, if the viewer may see it."""
    found = await load(info.context, orders_by_id, key)
    return None if found is None else order_of(found)


async def load_known_order(info: Info, key: int) -> MerchantOrder:
    """One that a verb has just taken or cancelled; an error if it is gone since."""
    return known(await load_order(info, key))


async def order_page(info: Info, wanted: OrderFilter, asked: Page) -> Connection[MerchantOrder]:
    """One page of the orders that the viewer may see, the newest first."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await find_orders(viewer, wanted, limit=asked.limit, before_id=before)
    return connection(asked, found, lambda order: (order.id,), order_of)


def filter_of(given: MerchantOrderFilterInput | None) -> OrderFilter:
    """The input as the domain's filter; an id of nothing finds nothing."""
    if given is None:
        return OrderFilter()
    return OrderFilter(
        organisation_id=_key(given.organisation_id, "Organisation"),
        unit_id=_key(given.unit_id, "MerchantUnit"),
        place_id=_key(given.place_id, "Place"),
        order_ref=given.order_ref,
        states=given.states,
        service_from=given.service_from,
        service_until=given.service_until,
    )


def _key(text: str | None, type_name: str) -> int | None:
    return None if text is None else wanted_key(text, type_name)


async def _slots(
    info: Info, place_id: str, starts_at: datetime, ends_at: datetime, minutes: int
) -> Sequence[Slot] | None:
    window, key = window_of(starts_at, ends_at, "endsAt"), wanted_key(place_id, "Place")
    try:
        return await demand_at(viewer_of(info.context), key, window, minutes)
    except NotFound:
        return None


@strawberry.type
class MerchantOrderQueries:
    """Root fields."""

    @resolved(
        "Merchants' orders that the viewer may see, the newest first: those of their merchant,"
        " those that park at places that they run, and those that are for themselves.",
        metadata={VOLATILE: True},
    )
    async def merchant_orders(
        self,
        info: Info,
        filter: OrdersAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[MerchantOrder]:
        return await order_page(info, filter_of(filter), page(first, after))

    @resolved(
        "What merchants' orders ask of a place, slot by slot, beside all bookings and the spaces in"
        " service; null unless the viewer is an OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(weight=DEMAND_COST, assumed_size=SLOTS_ASSUMED)},
        extensions=[RefusalsAsErrors()],
    )
    async def merchant_demand(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        starts_at: Annotated[datetime, strawberry.argument(description="From then.")],
        ends_at: Annotated[datetime, strawberry.argument(description="Until then.")],
        slot_minutes: Annotated[
            int,
            strawberry.argument(
                description=f"The length of a slot, 15 or more; at most {SLOTS_MAX} slots."
            ),
        ] = 60,
    ) -> list[DemandSlot] | None:
        found = await _slots(info, place_id, starts_at, ends_at, slot_minutes)
        return None if found is None else [_slot_of(each) for each in found]
