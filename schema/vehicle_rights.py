"""What hangs on a vehicle: the part of `Vehicle` that is about rights."""

import strawberry

from parking.rights.queries import RightsFilter
from schema import rights_assigned
from schema.context import Info
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.pages import AssignedRightPage
from schema.relay import PAGE_SIZE_DEFAULT, After, First, page
from schema.rights_pages import RightStates


@strawberry.type
class VehicleRights:
    """Fields of `Vehicle`; `key` is the database key of the enrolment."""

    key: strawberry.Private[int]

    @resolved("Its rights, the newest first.", metadata={VOLATILE: True})
    async def rights(
        self,
        info: Info,
        states: RightStates = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> AssignedRightPage:
        whose = RightsFilter(enrolment_id=self.key, states=states)
        return await rights_assigned.right_page(info, whose, page(first, after))
