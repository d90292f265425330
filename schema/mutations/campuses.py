"""Verbs of operators on campuses."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.places.create import create_campus
from parking.places.edit import update_campus
from parking.places.edits import CampusEdit
from parking.places.new import NewCampus
from schema.campuses import Campus, load_known_campus
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal

Name: TypeAlias = Annotated[str, strawberry.argument(description="Its name, 1 to 200 characters.")]


@strawberry.type(description="A campus was made.")
class CampusCreated:
    """Outcome of `createCampus`."""

    campus: Campus = strawberry.field(description="The new campus.")


@strawberry.type(description="A campus is as it was wished.")
class CampusUpdated:
    """Outcome of `updateCampus`."""

    campus: Campus = strawberry.field(description="The campus now.")


CreateCampusResult: TypeAlias = Annotated[
    CampusCreated | VerbRefusal,
    strawberry.union("CreateCampusResult", description="What `createCampus` answers."),
]
UpdateCampusResult: TypeAlias = Annotated[
    CampusUpdated | VerbRefusal,
    strawberry.union("UpdateCampusResult", description="What `updateCampus` answers."),
]


@strawberry.type
class CampusMutations:
    """Root fields."""

    @mutation("Make a campus. For OPERATORs of the organisation.")
    async def create_campus(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The organisation's id.")
        ],
        name: Name,
        idempotency_key: IdempotencyKey,
    ) -> CreateCampusResult:
        new = NewCampus(wanted_key(organisation_id, "Organisation"), name)

        async def do(work: Work) -> Answer:
            return {"campus": await create_campus(work.viewer, new, clock=work.clock)}

        done = await once(info, idempotency_key, {"new": new}, do)
        return CampusCreated(campus=await load_known_campus(info, done.answer["campus"]))

    @mutation("Rename a campus. For OPERATORs of its organisation.")
    async def update_campus(
        self,
        info: Info,
        campus_id: Annotated[strawberry.ID, strawberry.argument(description="The campus's id.")],
        name: Name,
        idempotency_key: IdempotencyKey,
    ) -> UpdateCampusResult:
        edit = CampusEdit(wanted_key(campus_id, "Campus"), name)

        async def do(work: Work) -> Answer:
            await update_campus(work.viewer, edit, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"edit": edit}, do)
        return CampusUpdated(campus=await load_known_campus(info, edit.id))
