"""What an organisation sees of rights, as issuer and as who runs places: the part of `Organisation`
that is about them. Each list has what the viewer may see; to others it is empty."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.kinds import SpecificationState
from parking.rights.queries import RightsFilter
from schema import (
    rights_assigned,
    rights_codes,
    rights_contracts,
    rights_invoices,
    rights_redemptions,
    rights_signals,
    rights_specifications,
)
from schema.context import Info
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.pages import (
    AssignedRightPage,
    GrantCodePage,
    RedemptionPage,
    RightsContractPage,
    RightsSignalPage,
)
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, page
from schema.rights_pages import (
    ContractStateWanted,
    IsSeen,
    RedemptionStateWanted,
    RightStates,
    only,
)

if TYPE_CHECKING:
    from schema.rights_invoices import RightsInvoice
    from schema.rights_specifications import RightSpecification


@strawberry.type
class OrganisationRights:
    """Fields of `Organisation`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved("The templates of rights that it made, the newest first.", metadata={VOLATILE: True})
    async def right_specifications(
        self,
        info: Info,
        state: Annotated[
            SpecificationState | None, strawberry.argument(description="Only these; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[
        Annotated["RightSpecification", strawberry.lazy("schema.rights_specifications")]
    ]:
        whose = RightsFilter(organisation_id=self.key, states=only(state))
        return await rights_specifications.specification_page(info, whose, page(first, after))

    @resolved(
        "Contracts by which it grants rights, the newest first; also offers to it.",
        metadata={VOLATILE: True},
    )
    async def rights_contracts(
        self,
        info: Info,
        state: ContractStateWanted = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RightsContractPage:
        whose = RightsFilter(organisation_id=self.key, states=only(state))
        return await rights_contracts.rights_contract_page(info, whose, page(first, after))

    @resolved(
        "Contracts by which issuers grant rights at places that it runs, the newest first.",
        metadata={VOLATILE: True},
    )
    async def offered_rights_contracts(
        self,
        info: Info,
        state: ContractStateWanted = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RightsContractPage:
        whose = RightsFilter(operator_id=self.key, states=only(state))
        return await rights_contracts.rights_contract_page(info, whose, page(first, after))

    @resolved("Its grant codes, the newest first.", metadata={VOLATILE: True})
    async def grant_codes(
        self,
        info: Info,
        label: Annotated[
            str | None, strawberry.argument(description="With this in the label; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> GrantCodePage:
        whose = RightsFilter(organisation_id=self.key, label=label)
        return await rights_codes.code_page(info, whose, page(first, after))

    @resolved("The rights that it granted, the newest first.", metadata={VOLATILE: True})
    async def issued_rights(
        self,
        info: Info,
        states: RightStates = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> AssignedRightPage:
        whose = RightsFilter(organisation_id=self.key, states=states)
        return await rights_assigned.right_page(info, whose, page(first, after))

    @resolved("What was redeemed of them, the newest first.", metadata={VOLATILE: True})
    async def redemptions(
        self,
        info: Info,
        state: RedemptionStateWanted = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RedemptionPage:
        whose = RightsFilter(organisation_id=self.key, states=only(state))
        return await rights_redemptions.redemption_page(info, whose, page(first, after))

    @resolved(
        "What looks like fraud at its codes, the newest first.",
        metadata={VOLATILE: True},
    )
    async def rights_signals(
        self,
        info: Info,
        is_seen: IsSeen = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RightsSignalPage:
        whose = RightsFilter(organisation_id=self.key, is_seen=is_seen)
        return await rights_signals.signal_page(info, whose, page(first, after))

    @resolved(
        "What it was invoiced for redemptions, the newest first.",
        metadata={VOLATILE: True},
    )
    async def rights_invoices(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["RightsInvoice", strawberry.lazy("schema.rights_invoices")]]:
        whose = RightsFilter(organisation_id=self.key)
        return await rights_invoices.invoice_page(info, whose, page(first, after))
