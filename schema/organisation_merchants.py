"""What an organisation has as a merchant: the part of `Organisation` that is about it. Each list
has what the viewer may see; to others it is empty."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.merchants.kinds import UnitState
from schema import merchant_sms, merchant_units
from schema.context import Info
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.merchant_sms import MerchantSmsFilterInput
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, page

if TYPE_CHECKING:
    from schema.merchant_sms import MerchantSms
    from schema.merchant_units import MerchantHook, MerchantUnit

HOOKS_ASSUMED = 3


@strawberry.type
class OrganisationMerchants:
    """Fields of `Organisation`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved("Its shops, restaurants and practices, the oldest first.", metadata={VOLATILE: True})
    async def merchant_units(
        self,
        info: Info,
        state: Annotated[
            UnitState | None, strawberry.argument(description="Only these; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["MerchantUnit", strawberry.lazy("schema.merchant_units")]]:
        states = list(UnitState) if state is None else [state]
        return await merchant_units.unit_page(info, self.key, states, page(first, after))

    @resolved(
        "What was sent by SMS from the numbers that speak for its units, the newest first.",
        metadata={VOLATILE: True},
    )
    async def merchant_sms(
        self,
        info: Info,
        filter: Annotated[
            MerchantSmsFilterInput | None, strawberry.argument(description="Which; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["MerchantSms", strawberry.lazy("schema.merchant_sms")]]:
        return await merchant_sms.sms_page(info, self.key, filter, page(first, after))

    @resolved(
        "What its order systems sign their webhooks with: the hooks in use, the oldest first.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=HOOKS_ASSUMED)},
    )
    async def merchant_hooks(
        self, info: Info
    ) -> list[Annotated["MerchantHook", strawberry.lazy("schema.merchant_units")]]:
        return await merchant_units.load_hooks(info, self.key)
