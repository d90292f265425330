"""Live sessions. Not shared between subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.occupancy.state import UpdateKind
from parking.sessions.live import SNAPSHOT_MAX, follow_sessions, followed
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.refusals import NotFound, as_data
from schema.sessions import Session, session_of

CHANGED_ASSUMED = 20


@strawberry.type(description="Sessions, as they are now.")
class SessionsUpdate:
    """`parking.sessions.live.SessionsUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has all that are under way; a DELTA those that changed."
    )
    sessions: list[Session] = strawberry.field(description="The sessions now.")


SessionsEvent: TypeAlias = Annotated[
    SessionsUpdate | NotFound,
    strawberry.union("SessionsEvent", description="What `sessions` gives."),
]


@strawberry.type
class SessionSubscriptions:
    """Root fields."""

    @subscribed(
        f"Sessions live: a SNAPSHOT of those under way (at most {SNAPSHOT_MAX}), then a DELTA for"
        " each that begins, outstays its booking or ends. A place's for who works there, without"
        " a place the viewer's own.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def sessions(
        self,
        info: Info,
        place_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="At this place.")
        ] = None,
    ) -> AsyncIterator[SessionsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        place = None if place_id is None else wanted_key(place_id, "Place")
        try:
            which = await followed(viewer, place)
        except errors.Refusal as refusal:
            yield _only(refusal)
            return
        async for update in follow_sessions(viewer, which, bus):
            info.context.loaders.clear()  # one context serves all events of a subscription
            found = [session_of(each) for each in update.sessions]
            yield SessionsUpdate(kind=update.kind, sessions=found)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)
