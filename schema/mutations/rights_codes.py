"""Verbs on grant codes, for their issuers."""

from asyncio import gather
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rights.codes.manage import (
    create_grant_codes,
    reissue_grant_code,
    revoke_grant_codes,
)
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.rights_contracts import Reason
from schema.mutations.rights_inputs import CreateGrantCodesInput, new_codes_of
from schema.refusals import VerbRefusal
from schema.rights_codes import GrantCode, load_known_code


@strawberry.type(description="There are new grant codes.")
class GrantCodesCreated:
    """Outcome of `createGrantCodes`."""

    grant_codes: list[GrantCode] = strawberry.field(description="In the order of their labels.")


@strawberry.type(description="Grant codes grant nothing any more.")
class GrantCodesRevoked:
    """Outcome of `revokeGrantCodes`."""

    grant_codes: list[GrantCode] = strawberry.field(
        description="The codes now, in the order given."
    )


@strawberry.type(description="A grant code has another in its place.")
class GrantCodeReissued:
    """Outcome of `reissueGrantCode`."""

    grant_code: GrantCode = strawberry.field(description="The new one.")
    replaced: GrantCode = strawberry.field(description="The old one, revoked.")


CreateGrantCodesResult: TypeAlias = Annotated[
    GrantCodesCreated | VerbRefusal,
    strawberry.union("CreateGrantCodesResult", description="What `createGrantCodes` answers."),
]
RevokeGrantCodesResult: TypeAlias = Annotated[
    GrantCodesRevoked | VerbRefusal,
    strawberry.union("RevokeGrantCodesResult", description="What `revokeGrantCodes` answers."),
]
ReissueGrantCodeResult: TypeAlias = Annotated[
    GrantCodeReissued | VerbRefusal,
    strawberry.union("ReissueGrantCodeResult", description="What `reissueGrantCode` answers."),
]


async def _codes(info: Info, keys: Sequence[int]) -> list[GrantCode]:
    return list(await gather(*(load_known_code(info, key) for key in keys)))


@strawberry.type
class GrantCodeMutations:
    """Root fields."""

    @mutation(
        "Make grant codes of a specification, on the account of a contract: one, or a print run."
        " For the issuer's MERCHANTs, OWNERs and OPERATORs, and its API keys with `rights:write`."
    )
    async def create_grant_codes(
        self,
        info: Info,
        input: Annotated[CreateGrantCodesInput, strawberry.argument(description="The codes.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateGrantCodesResult:
        new = new_codes_of(input)

        async def do(work: Work) -> Answer:
            made = await create_grant_codes(
                work.viewer, new, input.count, clock=work.clock, bus=work.bus
            )
            return {"codes": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        return GrantCodesCreated(grant_codes=await _codes(info, done.answer["codes"]))

    @mutation(
        "Take grant codes back, all or none: what they granted stays. For the issuer, and the"
        " place's OPERATORs."
    )
    async def revoke_grant_codes(
        self,
        info: Info,
        grant_code_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The codes' ids, 1 to 500.")
        ],
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> RevokeGrantCodesResult:
        keys = [wanted_key(each, "GrantCode") for each in grant_code_ids]

        async def do(work: Work) -> Answer:
            await revoke_grant_codes(work.viewer, keys, reason, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"codes": keys, "reason": reason}, do)
        return GrantCodesRevoked(grant_codes=await _codes(info, keys))

    @mutation(
        "Put another code in the place of one that was copied or lost; that one is revoked. For the"
        " issuer."
    )
    async def reissue_grant_code(
        self,
        info: Info,
        grant_code_id: Annotated[strawberry.ID, strawberry.argument(description="The code's id.")],
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> ReissueGrantCodeResult:
        key = wanted_key(grant_code_id, "GrantCode")

        async def do(work: Work) -> Answer:
            made = await reissue_grant_code(
                work.viewer, key, reason, clock=work.clock, bus=work.bus
            )
            return {"code": made}

        done = await once(info, idempotency_key, {"code": key, "reason": reason}, do)
        code, replaced = await _codes(info, [done.answer["code"], key])
        return GrantCodeReissued(grant_code=code, replaced=replaced)
