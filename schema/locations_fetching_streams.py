"""Rights to fetch a car, live. Not shared by subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeAlias

import strawberry

from parking import errors
from parking.locations.fetching.live import follow_by_token, follow_delegation
from parking.locations.fetching.rules import is_owner
from schema.context import Info, services_of, viewer_of
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.locations_fetching import (
    DelegatedExit,
    ExitDelegation,
    FetchToken,
    delegated_exit_of,
    delegation_of,
)
from schema.refusals import NotFound, as_data
from schema.relay import Id


@strawberry.type(description="A right to fetch a car as it is now, for owner and fetcher.")
class ExitDelegationUpdate:
    """What `exitDelegation` gives."""

    delegation: ExitDelegation = strawberry.field(description="The right now.")


@strawberry.type(description="A right to fetch a car as it is now, for whoever has its address.")
class DelegatedExitUpdate:
    """What `delegatedExit` gives live."""

    exit: DelegatedExit = strawberry.field(description="The right now.")


ExitDelegationEvent: TypeAlias = Annotated[
    ExitDelegationUpdate | NotFound,
    strawberry.union("ExitDelegationEvent", description="What `exitDelegation` gives."),
]
DelegatedExitEvent: TypeAlias = Annotated[
    DelegatedExitUpdate | NotFound,
    strawberry.union("DelegatedExitEvent", description="What `delegatedExit` gives."),
]


@strawberry.type
class FetchingSubscriptions:
    """Root fields."""

    @subscribed(
        "A right to fetch a car live, for whose it is and who is to fetch it: as it is now, then"
        " after each change. The last says how it ended."
    )
    async def exit_delegation(self, info: Info, id: Id) -> AsyncIterator[ExitDelegationEvent]:
        viewer, services = viewer_of(info.context), services_of(info.context)
        key = wanted_key(id, "ExitDelegation")
        try:
            async for found in follow_delegation(
                viewer, key, clock=services.clock, bus=services.bus
            ):
                info.context.loaders.clear()  # one context serves all events of a subscription
                is_own = is_owner(viewer, found)
                yield ExitDelegationUpdate(delegation=delegation_of(found, is_own=is_own))
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]

    @subscribed(
        "The right to fetch a car of this address live, without signing in: as it is now, then"
        " after each change. The last says how it ended."
    )
    async def delegated_exit(
        self, info: Info, token: FetchToken
    ) -> AsyncIterator[DelegatedExitEvent]:
        viewer, services = viewer_of(info.context), services_of(info.context)
        try:
            async for found in follow_by_token(token, clock=services.clock, bus=services.bus):
                info.context.loaders.clear()
                yield DelegatedExitUpdate(exit=await delegated_exit_of(viewer, found))
        except errors.NotFound as refusal:
            yield as_data(refusal)  # type: ignore[misc]
