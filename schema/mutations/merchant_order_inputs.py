"""What a merchant's order system tells of an order."""

from datetime import datetime

import strawberry

from parking.merchants.kinds import Demand
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.records import NO_NEEDS, Needs


@strawberry.input(description="For whom an order is.")
class OrderGuestInput:
    """`parking.merchants.orders.ordered.Guest`."""

    name: str = strawberry.field(default="", description="At most 100 characters; may be empty.")
    phone: str = strawberry.field(
        default="",
        description="With its country code; where it is empty, nobody is told how to open.",
    )
    plate: str = strawberry.field(default="", description="As it is written; may be empty.")
    locale: str = strawberry.field(
        default="",
        description="Language of what the guest is told: `en` or `zh`; empty: that of the unit.",
    )


@strawberry.input(description="What the guest's space has to have.")
class OrderNeedsInput:
    """`parking.merchants.records.Needs`."""

    is_accessible: bool = strawberry.field(default=False, description="For a disabled driver.")
    is_ev: bool = strawberry.field(default=False, description="With a charger.")
    height_metres: float | None = strawberry.field(
        default=None, description="The vehicle's; null: any."
    )


@strawberry.input(description="An order as its newest message has it: all of it.")
class PlaceMerchantOrderInput:
    """`parking.merchants.orders.ordered.Ordered`."""

    unit_id: strawberry.ID = strawberry.field(description="The unit's id.")
    order_ref: str = strawberry.field(
        description="Its name at the merchant, 1 to 100 characters: unique in its unit."
    )
    stamp: datetime = strawberry.field(
        description="When this message was made: the newest counts. At most five minutes ahead."
    )
    service_at: datetime = strawberry.field(description="When the service begins.")
    service_ends_at: datetime | None = strawberry.field(
        default=None, description="When it ends; null: after the unit's usual stay."
    )
    demand: Demand = strawberry.field(
        default=Demand.UNSAID, description="Whether parking is wanted."
    )
    party: int | None = strawberry.field(default=None, description="So many people, 1 to 10000.")
    guest: OrderGuestInput | None = strawberry.field(default=None, description="For whom.")
    needs: OrderNeedsInput | None = strawberry.field(
        default=None, description="What the space has to have."
    )


def ordered_of(given: PlaceMerchantOrderInput) -> Ordered:
    """The input as the domain's order."""
    return Ordered(
        given.order_ref,
        given.service_at,
        given.service_ends_at,
        given.demand,
        given.party,
        _guest_of(given.guest),
        _needs_of(given.needs),
    )


def _guest_of(given: OrderGuestInput | None) -> Guest:
    if given is None:
        return Guest()
    return Guest(given.name, given.phone, given.plate, given.locale)


def _needs_of(given: OrderNeedsInput | None) -> Needs:
    if given is None:
        return NO_NEEDS
    return Needs(given.is_accessible, given.is_ev, given.height_metres)
