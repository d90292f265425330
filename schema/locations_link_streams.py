"""Secure links live: only whether they still work. Not shared: each has an address of its own."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeAlias

import strawberry

from parking import errors
from parking.locations.links.live import LinkState, follow_link
from schema.context import Info, services_of
from schema.fields import subscribed
from schema.locations_links import LinkToken
from schema.refusals import NotFound, as_data


@strawberry.type(description="Whether a secure link works. Nothing of the car is told by this.")
class PositionLinkUpdate:
    """What `positionLink` gives."""

    state: LinkState = strawberry.field(description="CLOSED is the last that is told.")


PositionLinkEvent: TypeAlias = Annotated[
    PositionLinkUpdate | NotFound,
    strawberry.union("PositionLinkEvent", description="What `positionLink` gives."),
]


@strawberry.type
class PositionLinkSubscriptions:
    """Root fields."""

    @subscribed(
        "For a page that has a secure link open: OPEN, then CLOSED as soon as it works no more,"
        " which is the last. NotFound for one that does not work to begin with."
    )
    async def position_link(self, info: Info, token: LinkToken) -> AsyncIterator[PositionLinkEvent]:
        services = services_of(info.context)
        try:
            async for state in follow_link(token, clock=services.clock, bus=services.bus):
                yield PositionLinkUpdate(state=state)
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]
