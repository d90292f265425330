"""Verbs of operators on subplaces."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.places.create import create_subplace
from parking.places.edit import update_subplace
from parking.places.edits import SubplaceEdit
from parking.places.models import SubplaceKind
from parking.places.new import NewSubplace
from parking.places.service import retire_subplace
from schema.context import Info
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, changes, keyed, mutation, once
from schema.refusals import VerbRefusal
from schema.subplaces import Subplace, load_known_subplace


@strawberry.input(description="A new level, row or zone of a place.")
class CreateSubplaceInput:
    """`parking.places.new.NewSubplace`."""

    place_id: strawberry.ID = strawberry.field(description="The place's id.")
    name: str = strawberry.field(description="Its name, unique in the place.")
    kind: SubplaceKind = strawberry.field(description="What part it is.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The subplace it is part of."
    )
    level: int = strawberry.field(default=0, description="Storey: 0 is the ground.")
    position: int = strawberry.field(default=0, description="Order within its parent.")


@strawberry.input(description="Changes of a subplace; what is left out stays.")
class UpdateSubplaceInput:
    """`parking.places.edits.SubplaceEdit`."""

    subplace_id: strawberry.ID = strawberry.field(description="The subplace's id.")
    name: strawberry.Maybe[str] = strawberry.field(
        default=None, description="Its name, unique in the place."
    )
    kind: strawberry.Maybe[SubplaceKind] = strawberry.field(
        default=None, description="What part it is."
    )
    parent_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="The subplace it is part of; null: none."
    )
    level: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Storey: 0 is the ground."
    )
    position: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Order within its parent."
    )


def new_subplace_of(given: CreateSubplaceInput) -> NewSubplace:
    """The domain's new subplace."""
    parent = given.parent_id
    return NewSubplace(
        place_id=wanted_key(given.place_id, "Place"),
        name=given.name,
        kind=given.kind,
        parent_id=None if parent is None else wanted_key(parent, "Subplace"),
        level=given.level,
        position=given.position,
    )


@strawberry.type(description="A subplace was made.")
class SubplaceCreated:
    """Outcome of `createSubplace`."""

    subplace: Subplace = strawberry.field(description="The new subplace.")


@strawberry.type(description="A subplace is as it was wished.")
class SubplaceUpdated:
    """Outcome of `updateSubplace`."""

    subplace: Subplace = strawberry.field(description="The subplace now.")


@strawberry.type(description="A subplace was removed.")
class SubplaceRetired:
    """Outcome of `retireSubplace`."""

    subplace_id: strawberry.ID = strawberry.field(description="The id it had.")


CreateSubplaceResult: TypeAlias = Annotated[
    SubplaceCreated | VerbRefusal,
    strawberry.union("CreateSubplaceResult", description="What `createSubplace` answers."),
]
UpdateSubplaceResult: TypeAlias = Annotated[
    SubplaceUpdated | VerbRefusal,
    strawberry.union("UpdateSubplaceResult", description="What `updateSubplace` answers."),
]
RetireSubplaceResult: TypeAlias = Annotated[
    SubplaceRetired | VerbRefusal,
    strawberry.union("RetireSubplaceResult", description="What `retireSubplace` answers."),
]


@strawberry.type
class SubplaceMutations:
    """Root fields."""

    @mutation("Make a level, row or zone of a place. For OPERATORs of its organisation.")
    async def create_subplace(
        self,
        info: Info,
        input: Annotated[CreateSubplaceInput, strawberry.argument(description="The new one.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateSubplaceResult:
        async def do(work: Work) -> Answer:
            new = new_subplace_of(input)
            return {"made": await create_subplace(work.viewer, new, clock=work.clock, bus=work.bus)}

        done = await once(info, idempotency_key, {"input": input}, do)
        return SubplaceCreated(subplace=await load_known_subplace(info, done.answer["made"]))

    @mutation("Change a subplace. For OPERATORs of its place's organisation.")
    async def update_subplace(
        self,
        info: Info,
        input: Annotated[UpdateSubplaceInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdateSubplaceResult:
        key = wanted_key(input.subplace_id, "Subplace")
        edit = SubplaceEdit(id=key, **keyed(changes(input), parent_id="Subplace"))

        async def do(work: Work) -> Answer:
            await update_subplace(work.viewer, edit, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return SubplaceUpdated(subplace=await load_known_subplace(info, key))

    @mutation("Remove a subplace that has nothing in it. For OPERATORs.")
    async def retire_subplace(
        self,
        info: Info,
        subplace_id: Annotated[
            strawberry.ID, strawberry.argument(description="The subplace's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> RetireSubplaceResult:
        key = wanted_key(subplace_id, "Subplace")

        async def do(work: Work) -> Answer:
            await retire_subplace(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"subplace": key}, do)
        return SubplaceRetired(subplace_id=global_id("Subplace", key))
