"""What a vehicle holds: the rights that its driver may still use."""

from collections.abc import Sequence

from parking.accounts.viewer import Viewer
from parking.rights.granting.rules import LIVE
from parking.rights.queries import RightsFilter, find_rights, redemptions_of_rights
from parking.rights.records import RedemptionRecord, RightRecord

HELD_AT_ONCE_MAX = 100
"""So many rights are told together, the newest first."""


async def rights_of_enrolment(viewer: Viewer, enrolment_id: int) -> list[RightRecord]:
    """What one vehicle holds, or has promised to a stay, the newest first; nothing of a vehicle
    that is not the viewer's."""
    return await _held(viewer, enrolment_id)


async def rights_of_person(viewer: Viewer) -> list[RightRecord]:
    """What the viewer's vehicles hold; whoever gave a vehicle code sees that one's."""
    return await _held(viewer, viewer.enrolment_of)


async def live_redemptions(viewer: Viewer, rights: Sequence[RightRecord]) -> list[RedemptionRecord]:
    """The redemptions of these rights that are not settled yet, in the order of the rights."""
    found = await redemptions_of_rights(viewer, [each.id for each in rights])
    told = (each for right in rights for each in found[right.id])
    return [each for each in told if each.finished_at is None]


async def _held(viewer: Viewer, enrolment_id: int | None) -> list[RightRecord]:
    if viewer.person_id is None or viewer.link_of is not None:
        return []
    wanted = RightsFilter(
        person_id=viewer.person_id,
        enrolment_id=enrolment_id,
        states=sorted(state.value for state in LIVE),
    )
    return await find_rights(viewer, wanted, limit=HELD_AT_ONCE_MAX)
