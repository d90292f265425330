"""Bindings: who sees whose positions. To their two sides only."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.locations.bindings.answer import open_invitation
from parking.locations.bindings.queries import bindings_by_id, find_bindings
from parking.locations.bindings.rules import side_of, standing
from parking.locations.kinds import BindingScope, BindingSide, BindingState, InvitationWay
from parking.locations.records import BindingRecord
from schema import locations_positions
from schema.context import Info, services_of, viewer_of
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.ids import global_id
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
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.locations_positions import ParkingPosition

InvitationToken: TypeAlias = Annotated[
    str, strawberry.argument(description="What stands behind `/i/` in the invitation's address.")
]
MaybePosition: TypeAlias = (
    Annotated["ParkingPosition", strawberry.lazy("schema.locations_positions")] | None
)


@strawberry.type(
    description="Sharer and receiver of positions, with the consent of both. Neither is told"
    " anything else of the other than what they themselves call them."
)
class PositionBinding(Node):
    """`parking.locations.records.BindingRecord`."""

    state: BindingState = strawberry.field(description="Where it stands.")
    scope: BindingScope = strawberry.field(description="How far the receiver sees.")
    until: datetime | None = strawberry.field(description="When an UNTIL ends.")
    side: BindingSide = strawberry.field(description="Which side the viewer is.")
    name: str = strawberry.field(
        description="What the viewer calls the other side, at first as it called itself."
    )
    asked_by: BindingSide = strawberry.field(description="Who asked for it.")
    way: InvitationWay = strawberry.field(description="How the other side was asked.")
    asked_at: datetime = strawberry.field(description="When it was asked for.")
    answer_until: datetime = strawberry.field(description="Until when it can be answered.")
    answered_at: datetime | None = strawberry.field(description="When both had agreed.")
    ended_at: datetime | None = strawberry.field(
        description="When it ended; null: it has not, or that is about to be written down."
    )
    ended_by: BindingSide | None = strawberry.field(
        description="Who declined it or took it back; null: it has not ended, or by itself."
    )
    version: Version = strawberry.field(description="Grows with every change.")
    domain: strawberry.Private[BindingRecord]

    @resolved("Of ONE_STAY the position; null: of all, or the viewer may not see it now.")
    async def position(self, info: Info) -> MaybePosition:
        return await locations_positions.load_position(info, self.domain.position_id)


@strawberry.type(
    description="An invitation as whoever has its address sees it, before they answer. The"
    " position is not in it."
)
class BindingInvitation:
    """Of a `BindingRecord`."""

    asked_by: BindingSide = strawberry.field(
        description="SHARER: you would be shown positions; RECEIVER: you would show yours."
    )
    name: str = strawberry.field(description="Who asks, in their own words.")
    scope: BindingScope = strawberry.field(description="How far the receiver would see.")
    until: datetime | None = strawberry.field(description="When an UNTIL would end.")
    way: InvitationWay = strawberry.field(
        description="PHONE: only who has signed in with the number that it was sent to may answer."
    )
    answer_until: datetime = strawberry.field(description="Until when it can be answered.")


def binding_of(binding: BindingRecord, viewer: Viewer, now: datetime) -> PositionBinding:
    """The domain's binding, as one of its sides sees it, as the schema's type."""
    side = side_of(viewer, binding)
    assert side is not None, "only its sides are told of a binding"
    is_sharer = side is BindingSide.SHARER
    ended_by = binding.ended_by if binding.ended_by in BindingSide.__members__ else ""
    return PositionBinding(
        id=global_id("PositionBinding", binding.id),
        state=standing(binding, now),
        scope=binding.scope,
        until=binding.until,
        side=side,
        name=binding.receiver_name if is_sharer else binding.sharer_name,
        asked_by=binding.asked_by,
        way=binding.way,
        asked_at=binding.asked_at,
        answer_until=binding.answer_until,
        answered_at=binding.answered_at,
        ended_at=binding.ended_at,
        ended_by=BindingSide(ended_by) if ended_by else None,
        version=Version(binding.version),
        domain=binding,
    )


async def load_binding(info: Info, key: int | None) -> PositionBinding | None:
    """The binding, if the viewer is a side of it."""
    found = await load(info.context, bindings_by_id, key)
    now = services_of(info.context).clock.now()
    return None if found is None else binding_of(found, viewer_of(info.context), now)


async def load_known_binding(info: Info, key: int) -> PositionBinding:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_binding(info, key))


@strawberry.type
class ViewerBindings:
    """Fields of `Viewer`."""

    @resolved(
        "The viewer's bindings of either side, asked for and answered, the newest first; none for"
        " an API key.",
        metadata={VOLATILE: True},
    )
    async def position_bindings(
        self,
        info: Info,
        side: Annotated[
            BindingSide | None,
            strawberry.argument(description="Only those in which the viewer is this side."),
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[PositionBinding]:
        viewer, now = viewer_of(info.context), services_of(info.context).clock.now()
        asked = page(first, after)
        before = after_id(asked) or None
        found = await find_bindings(viewer, side=side, limit=asked.limit, before=before)
        return connection(
            asked, found, lambda each: (each.id,), lambda each: binding_of(each, viewer, now)
        )


@strawberry.type
class BindingQueries:
    """Root fields."""

    @resolved(
        "The invitation with this address; null when there is none that can be answered.",
        metadata={VOLATILE: True},
    )
    async def binding_invitation(
        self, info: Info, token: InvitationToken
    ) -> BindingInvitation | None:
        try:
            found = await open_invitation(token, clock=services_of(info.context).clock)
        except NotFound:
            return None
        by_sharer = found.asked_by is BindingSide.SHARER
        return BindingInvitation(
            asked_by=found.asked_by,
            name=found.sharer_name if by_sharer else found.receiver_name,
            scope=found.scope,
            until=found.until,
            way=found.way,
            answer_until=found.answer_until,
        )
