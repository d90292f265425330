"""Verbs on what was granted, for issuers: taking a right back, and looking at signals."""

from asyncio import gather
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rights.granting.revoke import revoke_right
from parking.rights.signals import mark_signals_seen
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.rights_contracts import Reason
from schema.refusals import VerbRefusal
from schema.rights_assigned import AssignedRight, load_known_right
from schema.rights_signals import RightsSignal, load_known_signal


@strawberry.type(description="A right is taken back.")
class RightRevoked:
    """Outcome of `revokeRight`."""

    right: AssignedRight = strawberry.field(description="The right now.")


@strawberry.type(description="Somebody has looked at signals.")
class RightsSignalsSeen:
    """Outcome of `markRightsSignalsSeen`."""

    signals: list[RightsSignal] = strawberry.field(description="The signals now.")


RevokeRightResult: TypeAlias = Annotated[
    RightRevoked | VerbRefusal,
    strawberry.union("RevokeRightResult", description="What `revokeRight` answers."),
]
MarkRightsSignalsSeenResult: TypeAlias = Annotated[
    RightsSignalsSeen | VerbRefusal,
    strawberry.union(
        "MarkRightsSignalsSeenResult", description="What `markRightsSignalsSeen` answers."
    ),
]


@strawberry.type
class GrantedRightMutations:
    """Root fields."""

    @mutation(
        "Take a right back that is not redeemed; its holder reads the reason. For the issuer's"
        " MERCHANTs, OWNERs and OPERATORs, and its API keys with `rights:write`."
    )
    async def revoke_right(
        self,
        info: Info,
        right_id: Annotated[strawberry.ID, strawberry.argument(description="The right's id.")],
        reason: Reason,
        idempotency_key: IdempotencyKey,
    ) -> RevokeRightResult:
        key = wanted_key(right_id, "AssignedRight")

        async def do(work: Work) -> Answer:
            await revoke_right(work.viewer, key, reason, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"right": key, "reason": reason}, do)
        return RightRevoked(right=await load_known_right(info, key))

    @mutation("Say that somebody has looked at signals. For the issuer, and the place's OPERATORs.")
    async def mark_rights_signals_seen(
        self,
        info: Info,
        signal_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The signals' ids, 1 to 500.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> MarkRightsSignalsSeenResult:
        keys = [wanted_key(each, "RightsSignal") for each in signal_ids]

        async def do(work: Work) -> Answer:
            await mark_signals_seen(work.viewer, keys, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"signals": keys}, do)
        found = await gather(*(load_known_signal(info, key) for key in keys))
        return RightsSignalsSeen(signals=list(found))
