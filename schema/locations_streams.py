"""Shared positions live. Not shared by subscribers: what one may see is theirs alone.

What DESIGN calls `sharedPosition` for sharer, receiver and attendant is two streams: attendants see
questions, never a position, so theirs is `refinementQueue`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, TypeAlias

import strawberry

from parking import errors
from parking.locations.positions.live import (
    PositionUpdate,
    stream_position,
    stream_positions,
)
from parking.locations.positions.looks import looked_at
from parking.locations.refinement.live import stream_queue
from parking.occupancy.state import UpdateKind
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import global_id, wanted_key
from schema.locations_now import load_now
from schema.locations_positions import (
    ParkingPosition,
    PositionVersion,
    parking_position_of,
    positions_of,
    version_of,
)
from schema.locations_refinement import QUEUE_ASSUMED, RefinementRequest, question_of
from schema.refusals import NotFound, as_data
from schema.scalars import Version

VERSIONS_ASSUMED = 3
POSITIONS_ASSUMED = 10


@strawberry.type(description="A position as it is now, and its versions that are new.")
class SharedPositionUpdate:
    """`parking.locations.positions.live.PositionUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has all versions; a DELTA those since the update before it."
    )
    position: ParkingPosition | None = strawberry.field(
        description="The position; null: it is shown to the viewer no more."
    )
    versions: list[PositionVersion] = strawberry.field(
        description="The oldest first; none where something else has changed."
    )
    is_gone: bool = strawberry.field(
        description="Whether it is shown to the viewer no more; nothing follows."
    )


@strawberry.type(description="Positions as they are now.")
class SharedPositionsUpdate:
    """`parking.locations.positions.live.PositionsUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has all; a DELTA those that are new, or have changed."
    )
    positions: list[ParkingPosition] = strawberry.field(description="The positions now.")
    gone_ids: list[strawberry.ID] = strawberry.field(
        description="Those that have ended, or are shown to the viewer no more."
    )


@strawberry.type(description="Questions to a place's attendants, as they are now.")
class RefinementQueueUpdate:
    """`parking.locations.refinement.live.QueueUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the whole queue; a DELTA what is new, or has changed."
    )
    requests: list[RefinementRequest] = strawberry.field(description="The questions now.")
    gone_ids: list[strawberry.ID] = strawberry.field(
        description="Those that wait for an answer no more."
    )


SharedPositionEvent: TypeAlias = Annotated[
    SharedPositionUpdate | NotFound,
    strawberry.union("SharedPositionEvent", description="What `sharedPosition` gives."),
]
SharedPositionsEvent: TypeAlias = Annotated[
    SharedPositionsUpdate | NotFound,
    strawberry.union("SharedPositionsEvent", description="What `sharedPositions` gives."),
]
RefinementQueueEvent: TypeAlias = Annotated[
    RefinementQueueUpdate | NotFound,
    strawberry.union("RefinementQueueEvent", description="What `refinementQueue` gives."),
]


@strawberry.type
class PositionSubscriptions:
    """Root fields."""

    @subscribed(
        "A position live, for its sharer and for whom it is shown to: a SNAPSHOT, or the DELTA"
        " after version `after`; then a DELTA for each change. When it is shown to the viewer no"
        " more, whatever the reason, one says so and is the last.",
        metadata={COST: Cost(assumed_size=VERSIONS_ASSUMED)},
    )
    async def shared_position(
        self,
        info: Info,
        position_id: Annotated[
            strawberry.ID, strawberry.argument(description="The position's id.")
        ],
        after: Annotated[
            Version | None,
            strawberry.argument(description="Number of the newest version that is known."),
        ] = None,
    ) -> AsyncIterator[SharedPositionEvent]:
        viewer, services = viewer_of(info.context), services_of(info.context)
        key = wanted_key(position_id, "ParkingPosition")
        try:
            async for update in stream_position(viewer, key, after, services.clock, services.bus):
                info.context.loaders.clear()  # one context serves all events of a subscription
                await load_now(info.context, looked_at, key)
                yield _update_of(update)
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]

    @subscribed(
        "Positions live, for a person: a SNAPSHOT of their own that are ACTIVE and of those that"
        " others show them, then a DELTA for each change.",
        metadata={COST: Cost(assumed_size=POSITIONS_ASSUMED)},
    )
    async def shared_positions(self, info: Info) -> AsyncIterator[SharedPositionsEvent]:
        viewer, services = viewer_of(info.context), services_of(info.context)
        try:
            async for update in stream_positions(viewer, services.clock, services.bus):
                info.context.loaders.clear()
                yield SharedPositionsUpdate(
                    kind=update.kind,
                    positions=positions_of(update.positions),
                    gone_ids=[global_id("ParkingPosition", key) for key in update.gone],
                )
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]

    @subscribed(
        "Where the attendants of a place are asked to find cars, live, for its ATTENDANTs and"
        " OPERATORs: a SNAPSHOT of what is OPEN or TAKEN, then a DELTA for each change.",
        metadata={COST: Cost(assumed_size=QUEUE_ASSUMED)},
    )
    async def refinement_queue(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
    ) -> AsyncIterator[RefinementQueueEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            async for update in stream_queue(viewer, wanted_key(place_id, "Place"), bus):
                info.context.loaders.clear()
                yield RefinementQueueUpdate(
                    kind=update.kind,
                    requests=[question_of(each, viewer.person_id) for each in update.questions],
                    gone_ids=[global_id("RefinementRequest", key) for key in update.gone],
                )
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]


def _update_of(update: PositionUpdate) -> SharedPositionUpdate:
    return SharedPositionUpdate(
        kind=update.kind,
        position=None if update.seen is None else parking_position_of(update.seen),
        versions=[version_of(each) for each in update.versions],
        is_gone=update.seen is None,
    )
