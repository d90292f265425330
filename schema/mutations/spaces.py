"""Verbs of operators and attendants on spaces."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.occupancy.models import Occupancy, Service
from parking.occupancy.observe import observe_space
from parking.places.create import create_spaces
from parking.places.edit import update_space
from parking.places.service import retire_space, set_space_service
from schema.context import Info
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.space_inputs import (
    NewSpaceInput,
    UpdateSpaceInput,
    new_space_of,
    space_edit_of,
)
from schema.refusals import VerbRefusal, known
from schema.spaces import Space, load_space

SpaceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The space's id.")]


@strawberry.type(description="Spaces were made.")
class SpacesCreated:
    """Outcome of `createSpaces`."""

    spaces: list[Space] = strawberry.field(description="The new spaces, in the order given.")


@strawberry.type(description="A space is as it was wished.")
class SpaceUpdated:
    """Outcome of `updateSpace`."""

    space: Space = strawberry.field(description="The space now.")


@strawberry.type(description="A space was taken out of its place for good.")
class SpaceRetired:
    """Outcome of `retireSpace`."""

    space_id: strawberry.ID = strawberry.field(description="The id it had.")


@strawberry.type(description="Spaces are open or closed as was wished.")
class SpaceServiceSet:
    """Outcome of `setSpaceService`."""

    spaces: list[Space] = strawberry.field(description="The spaces now, in the order given.")


@strawberry.type(description="An observation was taken down.")
class SpaceObserved:
    """Outcome of `observeSpace`."""

    space: Space = strawberry.field(description="The space now.")


CreateSpacesResult: TypeAlias = Annotated[
    SpacesCreated | VerbRefusal,
    strawberry.union("CreateSpacesResult", description="What `createSpaces` answers."),
]
UpdateSpaceResult: TypeAlias = Annotated[
    SpaceUpdated | VerbRefusal,
    strawberry.union("UpdateSpaceResult", description="What `updateSpace` answers."),
]
RetireSpaceResult: TypeAlias = Annotated[
    SpaceRetired | VerbRefusal,
    strawberry.union("RetireSpaceResult", description="What `retireSpace` answers."),
]
SetSpaceServiceResult: TypeAlias = Annotated[
    SpaceServiceSet | VerbRefusal,
    strawberry.union("SetSpaceServiceResult", description="What `setSpaceService` answers."),
]
ObserveSpaceResult: TypeAlias = Annotated[
    SpaceObserved | VerbRefusal,
    strawberry.union("ObserveSpaceResult", description="What `observeSpace` answers."),
]


async def load_known_space(info: Info, key: int) -> Space:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_space(info, key))


async def load_known_spaces(info: Info, keys: Sequence[int]) -> list[Space]:
    """Those that a verb has just made or changed, in order; read together."""
    return list(await asyncio.gather(*(load_known_space(info, key) for key in keys)))


@strawberry.type
class SpaceMutations:
    """Root fields."""

    @mutation("Make spaces of a place, at most 1000, all or none. For OPERATORs.")
    async def create_spaces(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        spaces: Annotated[
            list[NewSpaceInput], strawberry.argument(description="The new spaces, 1 to 1000.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateSpacesResult:
        place, new = wanted_key(place_id, "Place"), [new_space_of(each) for each in spaces]

        async def do(work: Work) -> Answer:
            made = await create_spaces(work.viewer, place, new, clock=work.clock, bus=work.bus)
            return {"spaces": made}

        done = await once(info, idempotency_key, {"place": place, "spaces": new}, do)
        return SpacesCreated(spaces=await load_known_spaces(info, done.answer["spaces"]))

    @mutation("Change a space's facts. For OPERATORs of its place's organisation.")
    async def update_space(
        self,
        info: Info,
        input: Annotated[UpdateSpaceInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdateSpaceResult:
        edit = space_edit_of(input)

        async def do(work: Work) -> Answer:
            await update_space(work.viewer, edit, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return SpaceUpdated(space=await load_known_space(info, edit.id))

    @mutation("Take a space out of its place for good; its history stays. For OPERATORs.")
    async def retire_space(
        self, info: Info, space_id: SpaceId, idempotency_key: IdempotencyKey
    ) -> RetireSpaceResult:
        key = wanted_key(space_id, "Space")

        async def do(work: Work) -> Answer:
            await retire_space(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"space": key}, do)
        return SpaceRetired(space_id=global_id("Space", key))

    @mutation("Offer spaces, or stop offering them, all or none. For OPERATORs.")
    async def set_space_service(
        self,
        info: Info,
        space_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The spaces' ids, 1 to 1000.")
        ],
        service: Annotated[Service, strawberry.argument(description="OPEN or CLOSED.")],
        idempotency_key: IdempotencyKey,
    ) -> SetSpaceServiceResult:
        keys = [wanted_key(each, "Space") for each in space_ids]

        async def do(work: Work) -> Answer:
            await set_space_service(work.viewer, keys, service, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"spaces": keys, "service": service}, do)
        return SpaceServiceSet(spaces=await load_known_spaces(info, keys))

    @mutation(
        "Say what you see in a space; it holds until a newer report. For OPERATORs and ATTENDANTs."
    )
    async def observe_space(
        self,
        info: Info,
        space_id: SpaceId,
        occupancy: Annotated[
            Occupancy, strawberry.argument(description="Whether a vehicle stands in it.")
        ],
        idempotency_key: IdempotencyKey,
        observed_at: Annotated[
            datetime | None,
            strawberry.argument(description="When it was seen, at most a day ago; null: now."),
        ] = None,
    ) -> ObserveSpaceResult:
        key = wanted_key(space_id, "Space")

        async def do(work: Work) -> Answer:
            await observe_space(
                work.viewer, key, occupancy, observed_at, clock=work.clock, bus=work.bus
            )
            return {}

        given = {"space": key, "occupancy": occupancy, "observed_at": observed_at}
        await once(info, idempotency_key, given, do)
        return SpaceObserved(space=await load_known_space(info, key))
