"""Verbs on the codes at a place's exits."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rights.codes.exit_codes import create_exit_code, revoke_exit_code
from schema.context import Info
from schema.exit_codes import ExitCode, load_known_exit_code
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal


@strawberry.type(description="A place has another exit code.")
class ExitCodeCreated:
    """Outcome of `createExitCode`."""

    exit_code: ExitCode = strawberry.field(description="The code.")


@strawberry.type(description="An exit code is out of use, for good.")
class ExitCodeRevoked:
    """Outcome of `revokeExitCode`."""

    exit_code: ExitCode = strawberry.field(description="The code now.")


CreateExitCodeResult: TypeAlias = Annotated[
    ExitCodeCreated | VerbRefusal,
    strawberry.union("CreateExitCodeResult", description="What `createExitCode` answers."),
]
RevokeExitCodeResult: TypeAlias = Annotated[
    ExitCodeRevoked | VerbRefusal,
    strawberry.union("RevokeExitCodeResult", description="What `revokeExitCode` answers."),
]


@strawberry.type
class ExitCodeMutations:
    """Root fields."""

    @mutation("Make a code for an exit of a place. For its OPERATORs.")
    async def create_exit_code(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        idempotency_key: IdempotencyKey,
        label: Annotated[
            str, strawberry.argument(description="Which exit; at most 100 characters.")
        ] = "",
    ) -> CreateExitCodeResult:
        place = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            made = await create_exit_code(work.viewer, place, label, clock=work.clock)
            return {"code": made}

        done = await once(info, idempotency_key, {"place": place, "label": label}, do)
        return ExitCodeCreated(exit_code=await load_known_exit_code(info, done.answer["code"]))

    @mutation("Take an exit code out of use. For the place's OPERATORs.")
    async def revoke_exit_code(
        self,
        info: Info,
        exit_code_id: Annotated[strawberry.ID, strawberry.argument(description="The code's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeExitCodeResult:
        key = wanted_key(exit_code_id, "ExitCode")

        async def do(work: Work) -> Answer:
            await revoke_exit_code(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"code": key}, do)
        return ExitCodeRevoked(exit_code=await load_known_exit_code(info, key))
