"""The rights of a driver's vehicles: the part of `Viewer` that is about them."""

import strawberry

from parking.accounts.viewer import Viewer as DomainViewer
from parking.rights.queries import RightsFilter
from schema import rights_assigned, rights_redemptions
from schema.context import Info
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.ids import NOTHING
from schema.pages import AssignedRightPage, RedemptionPage
from schema.relay import PAGE_SIZE_DEFAULT, After, First, page
from schema.rights_pages import RedemptionStateWanted, RightStates, only


@strawberry.type
class ViewerRights:
    """Fields of `Viewer`; `domain` is who asks."""

    domain: strawberry.Private[DomainViewer]

    @resolved(
        "The rights of the viewer's vehicles, the newest first; none for an API key.",
        metadata={VOLATILE: True},
    )
    async def rights(
        self,
        info: Info,
        states: RightStates = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> AssignedRightPage:
        whose = RightsFilter(person_id=self.domain.person_id or NOTHING, states=states)
        return await rights_assigned.right_page(info, whose, page(first, after))

    @resolved(
        "What of them was redeemed, the newest first; nothing for an API key.",
        metadata={VOLATILE: True},
    )
    async def redemptions(
        self,
        info: Info,
        state: RedemptionStateWanted = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> RedemptionPage:
        whose = RightsFilter(person_id=self.domain.person_id or NOTHING, states=only(state))
        return await rights_redemptions.redemption_page(info, whose, page(first, after))
