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
from parking.merchants.orders.take import cancel_order, take_order
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.merchant_orders import MerchantOrder, load_known_order
from schema.mutations.merchant_order_inputs import PlaceMerchantOrderInput, ordered_of
from schema.mutations.once import IdempotencyKey, mutation, once_outside
from schema.refusals import VerbRefusal


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


PlaceMerchantOrderResult: TypeAlias = Annotated[
    MerchantOrderPlaced | VerbRefusal,
    strawberry.union("PlaceMerchantOrderResult", description="What `placeMerchantOrder` answers."),
]
CancelMerchantOrderResult: TypeAlias = Annotated[
    MerchantOrderCancelled | VerbRefusal,
    strawberry.union(
        "CancelMerchantOrderResult", description="What `cancelMerchantOrder` answers."
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
