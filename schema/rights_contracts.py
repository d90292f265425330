"""Contracts of issuers with places: what may be granted there, and on whose account."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.kinds import ContractState
from parking.rights.names import ContractNames, names_of_contracts
from parking.rights.queries import RightsFilter, contracts_by_id, find_contracts
from parking.rights.records import ContractRecord
from schema import accounts, places, rights_codes
from schema.context import Info
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.pages import GrantCodePage
from schema.refusals import known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, Page, page
from schema.rights_pages import rights_page
from schema.scalars import Currency, Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.places import Place


@strawberry.type(
    description="What an issuer may grant at a place: offered by who runs it, accepted by the"
    " issuer. For both, and the role PLATFORM."
)
class RightsContract(Node):
    """`parking.rights.records.ContractRecord`."""

    state: ContractState = strawberry.field(description="Where it stands.")
    currency: Currency = strawberry.field(description="What its amounts are in: the place's.")
    quota: int | None = strawberry.field(description="So many rights; null: without a limit.")
    granted: int = strawberry.field(description="So many are used or may still be.")
    budget: Money | None = strawberry.field(
        description="The issuer pays so much at most; null: without a limit."
    )
    committed: Money = strawberry.field(description="Promised to rights that may still be used.")
    spent: Money = strawberry.field(description="Paid.")
    price: Money | None = strawberry.field(
        description="The issuer pays so much of a right at most, and who runs the place the rest;"
        " null: the issuer pays all of it."
    )
    worth_max: Money | None = strawberry.field(
        description="One right is worth so much at most, in all stays together and whoever pays;"
        " null: the operator's own, without a limit."
    )
    per_stay_max: int = strawberry.field(
        description="So many of the issuer's rights go into a stay."
    )
    valid_from: datetime = strawberry.field(description="Rights are granted then or later.")
    valid_until: datetime | None = strawberry.field(
        description="They are granted before; null: until it is ended."
    )
    reason: str = strawberry.field(description="Why it was declined or ended; may be empty.")
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was offered.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    issuer_id: strawberry.ID = strawberry.field(description="Who grants.")
    operator_id: strawberry.ID = strawberry.field(description="Who runs the place.")
    place_id: strawberry.ID = strawberry.field(description="The place.")
    domain: strawberry.Private[ContractRecord]

    @resolved("The issuer's name.")
    async def issuer_name(self, info: Info) -> str:
        return (await self._names(info)).issuer_name

    @resolved("The name of who runs the place.")
    async def operator_name(self, info: Info) -> str:
        return (await self._names(info)).operator_name

    @resolved("The place's name.")
    async def place_name(self, info: Info) -> str:
        return (await self._names(info)).place_name

    @resolved("The issuer; null unless the viewer belongs to them.")
    async def issuer(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.issuer_id)

    @resolved("Who runs the place; null unless the viewer belongs to them.")
    async def operator(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.operator_id)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("The codes that grant on its account, the newest first.", metadata={VOLATILE: True})
    async def grant_codes(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> GrantCodePage:
        whose = RightsFilter(contract_id=self.domain.id)
        return await rights_codes.code_page(info, whose, page(first, after))

    async def _names(self, info: Info) -> ContractNames:
        return known(await load(info.context, names_of_contracts, self.domain.id))


def contract_of(contract: ContractRecord) -> RightsContract:
    """The domain's contract as the schema's type."""

    def money(amount_minor: int) -> Money:
        return money_as(amount_minor, contract.currency)

    budget, price, worth = contract.budget_minor, contract.price_minor, contract.worth_max_minor
    return RightsContract(
        id=global_id("RightsContract", contract.id),
        state=contract.state,
        currency=Currency(contract.currency),
        quota=contract.quota,
        granted=contract.granted,
        budget=None if budget is None else money(budget),
        committed=money(contract.committed_minor),
        spent=money(contract.spent_minor),
        price=None if price is None else money(price),
        worth_max=None if worth is None else money(worth),
        per_stay_max=contract.per_stay_max,
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        reason=contract.reason,
        version=Version(contract.version),
        created_at=contract.created_at,
        changed_at=contract.changed_at,
        issuer_id=global_id("Organisation", contract.issuer_id),
        operator_id=global_id("Organisation", contract.operator_id),
        place_id=global_id("Place", contract.place_id),
        domain=contract,
    )


async def load_rights_contract(info: Info, key: int | None) -> RightsContract | None:
    """The contract, if the viewer may see it."""
    found = await load(info.context, contracts_by_id, key)
    return None if found is None else contract_of(found)


async def load_known_rights_contract(info: Info, key: int) -> RightsContract:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_rights_contract(info, key))


async def rights_contract_page(
    info: Info, wanted: RightsFilter, asked: Page
) -> Connection[RightsContract]:
    """One page of the contracts that the viewer may see, the newest first."""
    return await rights_page(info, find_contracts, wanted, asked, contract_of)
