"""What a place says of rights, and what is redeemed there: the part of `Place` that is about them.
Each list has what the viewer may see; to others it is empty."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.queries import RightsFilter, place_rules_of
from schema import exit_codes, rights_contracts, rights_redemptions, rights_signals
from schema.context import Info
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.loaders import load
from schema.pages import RedemptionPage, RightsContractPage, RightsSignalPage
from schema.refusals import known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, page
from schema.rights_pages import IsSeen, RedemptionStateWanted, only

if TYPE_CHECKING:
    from schema.exit_codes import ExitCode


@strawberry.type(description="What a place says of rights.")
class PlaceRightsRule:
    """`parking.rights.records.PlaceRuleRecord`."""

    per_stay_max: int = strawberry.field(
        description="So many rights of all issuers go into one stay."
    )
    needs_proof: bool = strawberry.field(
        description="Whether a driver needs proof to be granted one."
    )


@strawberry.type
class PlaceRights:
    """Fields of `Place`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved("What it says of rights.", metadata={VOLATILE: True})
    async def rights_rule(self, info: Info) -> PlaceRightsRule:
        rule = known(await load(info.context, place_rules_of, self.key))
        return PlaceRightsRule(per_stay_max=rule.per_stay_max, needs_proof=rule.needs_proof)

    @resolved(
        "Contracts by which rights are granted there, the newest first.",
        metadata={VOLATILE: True},
    )
    async def rights_contracts(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> RightsContractPage:
        whose = RightsFilter(place_id=self.key)
        return await rights_contracts.rights_contract_page(info, whose, page(first, after))

    @resolved(
        "The codes at its exits, the newest first; revoked ones, too. For its OPERATORs.",
        metadata={VOLATILE: True},
    )
    async def exit_codes(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["ExitCode", strawberry.lazy("schema.exit_codes")]]:
        whose = RightsFilter(place_id=self.key)
        return await exit_codes.exit_code_page(info, whose, page(first, after))

    @resolved("What was redeemed there, the newest first.", metadata={VOLATILE: True})
    async def redemptions(
        self,
        info: Info,
        state: RedemptionStateWanted = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RedemptionPage:
        whose = RightsFilter(place_id=self.key, states=only(state))
        return await rights_redemptions.redemption_page(info, whose, page(first, after))

    @resolved(
        "What looks like fraud at codes for it, the newest first.",
        metadata={VOLATILE: True},
    )
    async def rights_signals(
        self,
        info: Info,
        is_seen: IsSeen = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RightsSignalPage:
        whose = RightsFilter(place_id=self.key, is_seen=is_seen)
        return await rights_signals.signal_page(info, whose, page(first, after))
