"""Sending a merchant's orders.

They are carried out in transactions of their own, and are one by unit and reference, so that a
repetition changes nothing: see `once_outside`.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.merchants.kinds import OrderSource
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.erasing import erase_guest
from parking.merchants.orders.take import cancel_order, take_order
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.merchant_orders import MerchantOrder, load_known_order
from schema.mutations.merchant_order_inputs import PlaceMerchantOrderInput, ordered_of
from schema.mutations.once import IdempotencyKey, Work, mutation, once, once_outside
from schema.refusals import TooManyTries, VerbRefusal


@strawberry.type(
    description="An order is recorded. Whether it is parked is its state: that no space is free is"
    " no refusal."
)
class MerchantOrderPlaced:
    """Outcome of `placeMerchantOrder`."""

    order: MerchantOrder = strawberry.field(description="The order now.")


@strawberry.type(description="An order is cancelled, unless a newer message says otherwise.")
class MerchantOrderCancelled:
    """Outcome of `cancelMerchantOrder`."""

    order: MerchantOrder = strawberry.field(description="The order now.")


@strawberry.type(description="Name, phone and plate of an order's guest are erased.")
class MerchantOrderGuestErased:
    """Outcome of `eraseMerchantOrderGuest`."""

    order: MerchantOrder = strawberry.field(description="The order now.")


PlaceMerchantOrderResult: TypeAlias = Annotated[
    MerchantOrderPlaced | TooManyTries | VerbRefusal,
    strawberry.union("PlaceMerchantOrderResult", description="What `placeMerchantOrder` answers."),
]
CancelMerchantOrderResult: TypeAlias = Annotated[
    MerchantOrderCancelled | TooManyTries | VerbRefusal,
    strawberry.union(
        "CancelMerchantOrderResult", description="What `cancelMerchantOrder` answers."
    ),
]

EraseMerchantOrderGuestResult: TypeAlias = Annotated[
    MerchantOrderGuestErased | VerbRefusal,
    strawberry.union(
        "EraseMerchantOrderGuestResult", description="What `eraseMerchantOrderGuest` answers."
    ),
]


def _desk(info: Info) -> Desk:
    services = services_of(info.context)
    return Desk(services.clock, services.bus, services.funding, services.booking_limits)


@strawberry.type
class MerchantOrderMutations:
    """Root fields."""

    @mutation(
        "Send an order, or a newer message of one: all of it, by its unit and reference. The newest"
        " `stamp` counts, in whatever order messages arrive. For the merchant's MERCHANTs, OWNERs"
        " and OPERATORs, and its API keys with `orders:write`. Conflict: UNIT_CLOSED."
    )
    async def place_merchant_order(
        self,
        info: Info,
        input: Annotated[PlaceMerchantOrderInput, strawberry.argument(description="The order.")],
        idempotency_key: IdempotencyKey,
    ) -> PlaceMerchantOrderResult:
        unit, ordered = wanted_key(input.unit_id, "MerchantUnit"), ordered_of(input)
        viewer, desk = viewer_of(info.context), _desk(info)

        async def do() -> Answer:
            made = await take_order(viewer, unit, ordered, OrderSource.API, input.stamp, desk)
            return {"order": made}

        answer = await once_outside(info, idempotency_key, {"input": input}, do)
        return MerchantOrderPlaced(order=await load_known_order(info, answer["order"]))

    @mutation(
        "Cancel an order: its space is free again, and what was paid goes back. Also of one that"
        " has not arrived yet: what is older stays cancelled. For the same merchant and keys."
    )
    async def cancel_merchant_order(
        self,
        info: Info,
        unit_id: Annotated[strawberry.ID, strawberry.argument(description="The unit's id.")],
        order_ref: Annotated[
            str, strawberry.argument(description="Its name at the merchant, 1 to 100 characters.")
        ],
        stamp: Annotated[datetime, strawberry.argument(description="When this message was made.")],
        idempotency_key: IdempotencyKey,
    ) -> CancelMerchantOrderResult:
        unit = wanted_key(unit_id, "MerchantUnit")
        viewer, desk = viewer_of(info.context), _desk(info)

        async def do() -> Answer:
            made = await cancel_order(viewer, unit, order_ref, OrderSource.API, stamp, desk)
            return {"order": made}

        given = {"unit": unit, "ref": order_ref, "stamp": stamp.isoformat()}
        answer = await once_outside(info, idempotency_key, given, do)
        return MerchantOrderCancelled(order=await load_known_order(info, answer["order"]))

    @mutation(
        "Erase name, phone and plate of an order's guest: in the order, its bookings, what was sent"
        " to the guest, and the SMS that told of them. For who may send the merchant's orders, and"
        " for the guest. Conflict: ORDER_OPEN, for an order that is not over."
    )
    async def erase_merchant_order_guest(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="The order's id.")],
        idempotency_key: IdempotencyKey,
    ) -> EraseMerchantOrderGuestResult:
        key = wanted_key(order_id, "MerchantOrder")

        async def do(work: Work) -> Answer:
            await erase_guest(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"order": key}, do)
        return MerchantOrderGuestErased(order=await load_known_order(info, key))
