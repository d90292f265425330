"""Fee contracts: what platform and property get of a lessor's bookings."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.settlement.contracts.queries import contracts_by_id, find_contracts
from parking.settlement.contracts.records import ContractRecord
from schema import accounts, places
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    after_id,
    connection,
    page,
)

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.places import Place


@strawberry.type(
    description="What platform and property get of bookings; never edited. The most particular one"
    " that is valid when a booking is confirmed holds for it."
)
class FeeContract(Node):
    """`parking.settlement.contracts.records.ContractRecord`."""

    terms: str = strawberry.field(
        description="JSON: `platform` and `property`, each with `percent` and `fixed_minor`,"
        " `overstay_owner_percent`, `assign`, `remainder_to`."
    )
    valid_from: datetime = strawberry.field(description="For bookings confirmed then or later.")
    valid_until: datetime | None = strawberry.field(
        description="For bookings confirmed before; null: until there is another."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    is_general: bool = strawberry.field(
        description="Whether it is for everybody who has none of their own."
    )
    domain: strawberry.Private[ContractRecord]

    @resolved("The lessor that it is for; null for any, and unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)

    @resolved("The place that it is for; null for any, and if it is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)


def contract_of(contract: ContractRecord) -> FeeContract:
    """The domain's contract as the schema's type."""
    return FeeContract(
        id=global_id("FeeContract", contract.id),
        terms=contract.terms,
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        created_at=contract.created_at,
        is_general=contract.organisation_id is None and contract.place_id is None,
        domain=contract,
    )


async def load_contract(info: Info, key: int | None) -> FeeContract | None:
    """The contract, if the viewer may see it."""
    found = await load(info.context, contracts_by_id, key)
    return None if found is None else contract_of(found)


async def load_known_contract(info: Info, key: int) -> FeeContract:
    """One that a verb has just made; an error if it is gone since."""
    return known(await load_contract(info, key))


@strawberry.type
class FeeContractQueries:
    """Root fields about fee contracts."""

    @resolved(
        "Fee contracts that the viewer may see, the newest first: everybody's, and those for what"
        " they let or run; all of them with the role PLATFORM."
    )
    async def fee_contracts(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Made for this lessor.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[FeeContract]:
        asked, viewer = page(first, after), viewer_of(info.context)
        lessor = None if organisation_id is None else wanted_key(organisation_id, "Organisation")
        before = after_id(asked)
        found = await find_contracts(viewer, lessor, limit=asked.limit, before_id=before)
        return connection(asked, found, lambda contract: (contract.id,), contract_of)
