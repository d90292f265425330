"""Verbs on specifications of rights, for their issuers."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rights.specifications import (
    archive_specification,
    create_specification,
    update_specification,
)
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.rights_inputs import (
    CreateRightSpecificationInput,
    UpdateRightSpecificationInput,
    new_specification_of,
    specification_edit_of,
)
from schema.refusals import VerbRefusal
from schema.rights_specifications import RightSpecification, load_known_specification


@strawberry.type(description="There is a new specification.")
class RightSpecificationCreated:
    """Outcome of `createRightSpecification`."""

    specification: RightSpecification = strawberry.field(description="The specification.")


@strawberry.type(description="A specification is as was wished.")
class RightSpecificationUpdated:
    """Outcome of `updateRightSpecification` and `archiveRightSpecification`."""

    specification: RightSpecification = strawberry.field(description="The specification now.")


CreateRightSpecificationResult: TypeAlias = Annotated[
    RightSpecificationCreated | VerbRefusal,
    strawberry.union(
        "CreateRightSpecificationResult", description="What `createRightSpecification` answers."
    ),
]
UpdateRightSpecificationResult: TypeAlias = Annotated[
    RightSpecificationUpdated | VerbRefusal,
    strawberry.union(
        "UpdateRightSpecificationResult",
        description="What `updateRightSpecification` and `archiveRightSpecification` answer.",
    ),
]


@strawberry.type
class RightSpecificationMutations:
    """Root fields."""

    @mutation(
        "Make a template of rights. For the issuer's MERCHANTs, OWNERs and OPERATORs, and its API"
        " keys with `rights:write`."
    )
    async def create_right_specification(
        self,
        info: Info,
        input: Annotated[
            CreateRightSpecificationInput, strawberry.argument(description="The template.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateRightSpecificationResult:
        new = new_specification_of(input)

        async def do(work: Work) -> Answer:
            made = await create_specification(work.viewer, new, clock=work.clock)
            return {"specification": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        made = await load_known_specification(info, done.answer["specification"])
        return RightSpecificationCreated(specification=made)

    @mutation("Change what codes of a specification grant from now on. For the same issuer.")
    async def update_right_specification(
        self,
        info: Info,
        input: Annotated[
            UpdateRightSpecificationInput, strawberry.argument(description="The changes.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> UpdateRightSpecificationResult:
        edit = specification_edit_of(input)

        async def do(work: Work) -> Answer:
            await update_specification(work.viewer, edit, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        now = await load_known_specification(info, edit.id)
        return RightSpecificationUpdated(specification=now)

    @mutation("Make no more codes of a specification, for good. For the same issuer.")
    async def archive_right_specification(
        self,
        info: Info,
        specification_id: Annotated[
            strawberry.ID, strawberry.argument(description="The specification's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> UpdateRightSpecificationResult:
        key = wanted_key(specification_id, "RightSpecification")

        async def do(work: Work) -> Answer:
            await archive_specification(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"specification": key}, do)
        return RightSpecificationUpdated(specification=await load_known_specification(info, key))
