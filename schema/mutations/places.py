"""Verbs of operators on places."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.places.create import create_place
from parking.places.edit import update_place
from parking.places.service import close_place, open_place, retire_place
from schema.context import Info
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.place_inputs import (
    CreatePlaceInput,
    UpdatePlaceInput,
    new_place_of,
    place_edit_of,
)
from schema.places import Place, load_known_place
from schema.refusals import VerbRefusal

PlaceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The place's id.")]


@strawberry.type(description="A place was made.")
class PlaceCreated:
    """Outcome of `createPlace`."""

    place: Place = strawberry.field(description="The new place.")


@strawberry.type(description="A place is as it was wished.")
class PlaceUpdated:
    """Outcome of `updatePlace`, `openPlace` and `closePlace`."""

    place: Place = strawberry.field(description="The place now.")


@strawberry.type(description="A place was closed for good; nobody finds it any more.")
class PlaceRetired:
    """Outcome of `retirePlace`."""

    place_id: strawberry.ID = strawberry.field(description="The id it had.")


CreatePlaceResult: TypeAlias = Annotated[
    PlaceCreated | VerbRefusal,
    strawberry.union("CreatePlaceResult", description="What `createPlace` answers."),
]
UpdatePlaceResult: TypeAlias = Annotated[
    PlaceUpdated | VerbRefusal,
    strawberry.union("UpdatePlaceResult", description="What `updatePlace` answers."),
]
OpenPlaceResult: TypeAlias = Annotated[
    PlaceUpdated | VerbRefusal,
    strawberry.union("OpenPlaceResult", description="What `openPlace` answers."),
]
ClosePlaceResult: TypeAlias = Annotated[
    PlaceUpdated | VerbRefusal,
    strawberry.union("ClosePlaceResult", description="What `closePlace` answers."),
]
RetirePlaceResult: TypeAlias = Annotated[
    PlaceRetired | VerbRefusal,
    strawberry.union("RetirePlaceResult", description="What `retirePlace` answers."),
]


@strawberry.type
class PlaceMutations:
    """Root fields."""

    @mutation("Make a place, empty as yet. For OPERATORs of the organisation.")
    async def create_place(
        self,
        info: Info,
        input: Annotated[CreatePlaceInput, strawberry.argument(description="The new place.")],
        idempotency_key: IdempotencyKey,
    ) -> CreatePlaceResult:
        async def do(work: Work) -> Answer:
            made = await create_place(work.viewer, new_place_of(input), clock=work.clock)
            return {"place": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        return PlaceCreated(place=await load_known_place(info, done.answer["place"]))

    @mutation("Change a place's facts. For OPERATORs of its organisation.")
    async def update_place(
        self,
        info: Info,
        input: Annotated[UpdatePlaceInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdatePlaceResult:
        edit = place_edit_of(input)

        async def do(work: Work) -> Answer:
            await update_place(work.viewer, edit, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return PlaceUpdated(place=await load_known_place(info, edit.id))

    @mutation("Offer a place again. For OPERATORs of its organisation.")
    async def open_place(
        self, info: Info, place_id: PlaceId, idempotency_key: IdempotencyKey
    ) -> OpenPlaceResult:
        key = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            await open_place(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"place": key}, do)
        return PlaceUpdated(place=await load_known_place(info, key))

    @mutation("Stop offering a place: its state is CLOSED. For OPERATORs of its organisation.")
    async def close_place(
        self, info: Info, place_id: PlaceId, idempotency_key: IdempotencyKey
    ) -> ClosePlaceResult:
        key = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            await close_place(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"place": key}, do)
        return PlaceUpdated(place=await load_known_place(info, key))

    @mutation("Close a place for good: nobody finds it any more. For OPERATORs.")
    async def retire_place(
        self, info: Info, place_id: PlaceId, idempotency_key: IdempotencyKey
    ) -> RetirePlaceResult:
        key = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            await retire_place(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"place": key}, do)
        return PlaceRetired(place_id=global_id("Place", key))
