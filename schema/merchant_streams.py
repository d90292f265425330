"""Merchants' orders live. Not shared by subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.accounts.viewer import Viewer
from parking.merchants.orders.live import (
    SNAPSHOT_MAX,
    Followed,
    one_order,
    orders_at_place,
    orders_of_merchant,
    own_orders,
    stream_orders,
)
from parking.occupancy.state import UpdateKind
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import global_id, wanted_key
from schema.merchant_orders import MerchantOrder, order_of
from schema.refusals import InvalidInput, NotFound, as_data

CHANGED_ASSUMED = 20


@strawberry.type(description="Merchants' orders, as they are now.")
class MerchantOrdersUpdate:
    """`parking.merchants.orders.live.OrdersUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the newest; a DELTA those that are new, or have changed."
    )
    orders: list[MerchantOrder] = strawberry.field(description="The orders now.")
    gone_ids: list[strawberry.ID] = strawberry.field(
        description="Those that are followed here no more, such as at a place that they left."
    )


MerchantOrdersEvent: TypeAlias = Annotated[
    MerchantOrdersUpdate | InvalidInput | NotFound,
    strawberry.union("MerchantOrdersEvent", description="What `merchantOrders` gives."),
]


@strawberry.type
class MerchantSubscriptions:
    """Root fields."""

    @subscribed(
        f"Merchants' orders live: a SNAPSHOT of the newest (at most {SNAPSHOT_MAX}), then a DELTA"
        " for each change. A merchant's for the merchant, a place's for its OPERATORs, without any"
        " those for the viewer.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def merchant_orders(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this merchant.")
        ] = None,
        place_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="At this place.")
        ] = None,
        order_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this order.")
        ] = None,
    ) -> AsyncIterator[MerchantOrdersEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            which = await _followed(viewer, organisation_id, place_id, order_id)
        except errors.Refusal as refusal:
            yield _only(refusal)
            return
        async for update in stream_orders(viewer, which, bus):
            info.context.loaders.clear()  # one context serves all events of a subscription
            yield MerchantOrdersUpdate(
                kind=update.kind,
                orders=[order_of(each) for each in update.orders],
                gone_ids=[global_id("MerchantOrder", key) for key in update.gone],
            )


async def _followed(
    viewer: Viewer, organisation_id: str | None, place_id: str | None, order_id: str | None
) -> Followed:
    if sum(each is not None for each in (organisation_id, place_id, order_id)) > 1:
        raise errors.InvalidInput("organisation_id", "give a merchant, a place or an order alone")
    if organisation_id is not None:
        return orders_of_merchant(viewer, wanted_key(organisation_id, "Organisation"))
    if place_id is not None:
        return await orders_at_place(viewer, wanted_key(place_id, "Place"))
    if order_id is not None:
        return await one_order(viewer, wanted_key(order_id, "MerchantOrder"))
    return own_orders(viewer)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)
