"""Live rights. Not shared by subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.occupancy.state import UpdateKind
from parking.rights.live import SNAPSHOT_MAX, follow_rights, issued_rights, own_rights
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.refusals import NotFound, as_data
from schema.rights_assigned import AssignedRight, right_of
from schema.rights_redemptions import Redemption, redemption_of
from schema.rights_signals import RightsSignal, signal_of

CHANGED_ASSUMED = 20


@strawberry.type(description="The viewer's rights, as they are now.")
class RightsUpdate:
    """`parking.rights.live.RightsUpdate`, for a driver."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has those that may still be used; a DELTA those that are new, or"
        " have changed."
    )
    rights: list[AssignedRight] = strawberry.field(description="The rights now.")
    redemptions: list[Redemption] = strawberry.field(
        description="Their redemptions: in a SNAPSHOT those of stays that are not settled."
    )


@strawberry.type(description="What an organisation issues, and what is granted at its places.")
class IssuedRightsUpdate:
    """`parking.rights.live.RightsUpdate`, for an organisation."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the newest; a DELTA those that are new, or have changed."
    )
    rights: list[AssignedRight] = strawberry.field(description="The rights now.")
    redemptions: list[Redemption] = strawberry.field(
        description="Their redemptions: in a SNAPSHOT those of stays that are not settled."
    )
    signals: list[RightsSignal] = strawberry.field(
        description="In a SNAPSHOT those that nobody has seen."
    )


RightsEvent: TypeAlias = Annotated[
    RightsUpdate | NotFound,
    strawberry.union("RightsEvent", description="What `rights` gives."),
]
IssuedRightsEvent: TypeAlias = Annotated[
    IssuedRightsUpdate | NotFound,
    strawberry.union("IssuedRightsEvent", description="What `issuedRights` gives."),
]


@strawberry.type
class RightsSubscriptions:
    """Root fields."""

    @subscribed(
        f"The rights of the viewer's vehicles live: a SNAPSHOT of those that may still be used (at"
        f" most {SNAPSHOT_MAX}), then a DELTA for each change.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def rights(self, info: Info) -> AsyncIterator[RightsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            which = own_rights(viewer)
        except errors.NotFound as refusal:
            yield _only(refusal)
            return
        async for update in follow_rights(viewer, which, bus):
            info.context.loaders.clear()  # one context serves all events of a subscription
            yield RightsUpdate(
                kind=update.kind,
                rights=[right_of(each, viewer) for each in update.rights],
                redemptions=[redemption_of(each, viewer) for each in update.redemptions],
            )

    @subscribed(
        "Rights that an organisation issues, or that are granted at places that it runs, live: a"
        f" SNAPSHOT of the newest (at most {SNAPSHOT_MAX}), then a DELTA for each change.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def issued_rights(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The organisation's id.")
        ],
    ) -> AsyncIterator[IssuedRightsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            which = issued_rights(viewer, wanted_key(organisation_id, "Organisation"))
        except errors.NotFound as refusal:
            yield _only(refusal)
            return
        async for update in follow_rights(viewer, which, bus):
            info.context.loaders.clear()  # one context serves all events of a subscription
            yield IssuedRightsUpdate(
                kind=update.kind,
                rights=[right_of(each, viewer) for each in update.rights],
                redemptions=[redemption_of(each, viewer) for each in update.redemptions],
                signals=[signal_of(each) for each in update.signals],
            )


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)
