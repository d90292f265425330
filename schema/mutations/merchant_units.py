"""Verbs on merchants' units, on who may send orders for them, and on the ways of a mall."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.merchants.connectors import CONNECTORS_MAX, set_connectors
from parking.merchants.hooks import create_hook, hooks_of, revoke_hook
from parking.merchants.senders import add_sender, revoke_sender
from parking.merchants.units import close_unit, create_unit, update_unit
from schema.campuses import Campus, load_known_campus
from schema.context import Info, viewer_of
from schema.ids import global_id, wanted_key
from schema.merchant_units import MerchantHook, MerchantUnit, hook_of, load_known_unit
from schema.mutations.merchant_inputs import (
    CreateMerchantUnitInput,
    PlanConnectorInput,
    UpdateMerchantUnitInput,
    connector_of,
    new_unit_of,
    unit_edit_of,
)
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal, known
from schema.relay import check_count

UnitId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The unit's id.")]


@strawberry.type(description="There is a new unit.")
class MerchantUnitCreated:
    """Outcome of `createMerchantUnit`."""

    unit: MerchantUnit = strawberry.field(description="The unit.")


@strawberry.type(description="A unit is as it was wished.")
class MerchantUnitUpdated:
    """Outcome of `updateMerchantUnit` and `closeMerchantUnit`."""

    unit: MerchantUnit = strawberry.field(description="The unit now.")


@strawberry.type(description="A number may send a unit's orders by SMS.")
class MerchantSenderAllowed:
    """Outcome of `allowMerchantSender`."""

    unit: MerchantUnit = strawberry.field(description="The unit, with its senders.")


@strawberry.type(description="A number is listened to no more.")
class MerchantSenderRevoked:
    """Outcome of `revokeMerchantSender`."""

    sender_id: strawberry.ID = strawberry.field(description="The sender's id.")


@strawberry.type(description="A hook was made.")
class MerchantHookCreated:
    """Outcome of `createMerchantHook`."""

    hook: MerchantHook = strawberry.field(description="The hook.")
    secret: str | None = strawberry.field(
        description="What the order system signs with (`whsec_…`, Standard Webhooks); it is shown"
        " once. Null when this answer was given before: make another hook if it was lost."
    )


@strawberry.type(description="The signatures of a hook are believed no more.")
class MerchantHookRevoked:
    """Outcome of `revokeMerchantHook`."""

    hook_id: strawberry.ID = strawberry.field(description="The hook's id.")


@strawberry.type(description="The ways of a mall are as they were given.")
class PlanConnectorsSet:
    """Outcome of `setPlanConnectors`."""

    campus: Campus = strawberry.field(description="The mall, with its connectors.")


CreateMerchantUnitResult: TypeAlias = Annotated[
    MerchantUnitCreated | VerbRefusal,
    strawberry.union("CreateMerchantUnitResult", description="What `createMerchantUnit` answers."),
]
UpdateMerchantUnitResult: TypeAlias = Annotated[
    MerchantUnitUpdated | VerbRefusal,
    strawberry.union(
        "UpdateMerchantUnitResult",
        description="What `updateMerchantUnit` and `closeMerchantUnit` answer.",
    ),
]
AllowMerchantSenderResult: TypeAlias = Annotated[
    MerchantSenderAllowed | VerbRefusal,
    strawberry.union(
        "AllowMerchantSenderResult", description="What `allowMerchantSender` answers."
    ),
]
RevokeMerchantSenderResult: TypeAlias = Annotated[
    MerchantSenderRevoked | VerbRefusal,
    strawberry.union(
        "RevokeMerchantSenderResult", description="What `revokeMerchantSender` answers."
    ),
]
CreateMerchantHookResult: TypeAlias = Annotated[
    MerchantHookCreated | VerbRefusal,
    strawberry.union("CreateMerchantHookResult", description="What `createMerchantHook` answers."),
]
RevokeMerchantHookResult: TypeAlias = Annotated[
    MerchantHookRevoked | VerbRefusal,
    strawberry.union("RevokeMerchantHookResult", description="What `revokeMerchantHook` answers."),
]
SetPlanConnectorsResult: TypeAlias = Annotated[
    PlanConnectorsSet | VerbRefusal,
    strawberry.union("SetPlanConnectorsResult", description="What `setPlanConnectors` answers."),
]


async def load_known_hook(info: Info, organisation: int, key: int) -> MerchantHook:
    """One that a verb has just made; an error if it is revoked since."""
    listed = await hooks_of(viewer_of(info.context), organisation)
    return hook_of(known(next((each for each in listed if each.id == key), None)))


@strawberry.type
class MerchantUnitMutations:
    """Root fields."""

    @mutation(
        "Make a unit of a merchant in a mall. For the merchant's MERCHANTs, OWNERs and OPERATORs."
        " Conflict: EXTERNAL_ID_TAKEN."
    )
    async def create_merchant_unit(
        self,
        info: Info,
        input: Annotated[CreateMerchantUnitInput, strawberry.argument(description="The unit.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateMerchantUnitResult:
        new = new_unit_of(input)

        async def do(work: Work) -> Answer:
            return {"unit": await create_unit(work.viewer, new, clock=work.clock)}

        done = await once(info, idempotency_key, {"input": input}, do)
        return MerchantUnitCreated(unit=await load_known_unit(info, done.answer["unit"]))

    @mutation(
        "Change a unit, for later orders. For the same merchant. Conflict: VERSION_CHANGED,"
        " UNIT_CLOSED, EXTERNAL_ID_TAKEN."
    )
    async def update_merchant_unit(
        self,
        info: Info,
        input: Annotated[UpdateMerchantUnitInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdateMerchantUnitResult:
        edit = unit_edit_of(input)

        async def do(work: Work) -> Answer:
            await update_unit(work.viewer, edit, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return MerchantUnitUpdated(unit=await load_known_unit(info, edit.id))

    @mutation("Take no more orders for a unit, for good. For the same merchant.")
    async def close_merchant_unit(
        self, info: Info, unit_id: UnitId, idempotency_key: IdempotencyKey
    ) -> UpdateMerchantUnitResult:
        key = wanted_key(unit_id, "MerchantUnit")

        async def do(work: Work) -> Answer:
            await close_unit(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"unit": key}, do)
        return MerchantUnitUpdated(unit=await load_known_unit(info, key))

    @mutation(
        "Let a phone number send a unit's orders by SMS. For the same merchant. Conflict:"
        " NUMBER_TAKEN, TOO_MANY_SENDERS, UNIT_CLOSED."
    )
    async def allow_merchant_sender(
        self,
        info: Info,
        unit_id: UnitId,
        number: Annotated[
            str, strawberry.argument(description="With its country code, such as +4917012345.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> AllowMerchantSenderResult:
        key = wanted_key(unit_id, "MerchantUnit")

        async def do(work: Work) -> Answer:
            return {"sender": await add_sender(work.viewer, key, number, clock=work.clock)}

        await once(info, idempotency_key, {"unit": key, "number": number}, do)
        return MerchantSenderAllowed(unit=await load_known_unit(info, key))

    @mutation("Listen to a phone number no more. For the same merchant.")
    async def revoke_merchant_sender(
        self,
        info: Info,
        sender_id: Annotated[strawberry.ID, strawberry.argument(description="The sender's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeMerchantSenderResult:
        key = wanted_key(sender_id, "MerchantSender")

        async def do(work: Work) -> Answer:
            await revoke_sender(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"sender": key}, do)
        return MerchantSenderRevoked(sender_id=global_id("MerchantSender", key))

    @mutation(
        "Make what a merchant's order system signs its webhooks with. For its MERCHANTs, OWNERs"
        " and OPERATORs. Conflict: TOO_MANY_HOOKS."
    )
    async def create_merchant_hook(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The merchant's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateMerchantHookResult:
        organisation = wanted_key(organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            made = await create_hook(
                work.viewer, organisation, clock=work.clock, sealer=work.services.sealer
            )
            work.shown = made.secret
            return {"hook": made.id}

        done = await once(info, idempotency_key, {"organisation": organisation}, do)
        hook = await load_known_hook(info, organisation, done.answer["hook"])
        return MerchantHookCreated(hook=hook, secret=done.shown)

    @mutation("Believe the signatures of a hook no more. For the same merchant.")
    async def revoke_merchant_hook(
        self,
        info: Info,
        hook_id: Annotated[strawberry.ID, strawberry.argument(description="The hook's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeMerchantHookResult:
        key = wanted_key(hook_id, "MerchantHook")

        async def do(work: Work) -> Answer:
            await revoke_hook(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"hook": key}, do)
        return MerchantHookRevoked(hook_id=global_id("MerchantHook", key))

    @mutation(
        "Draw the doors, lifts, stairs and ramps of a mall: these replace all that there were. For"
        " the OPERATORs of whose it is, and its API keys with `places:write`."
    )
    async def set_plan_connectors(
        self,
        info: Info,
        campus_id: Annotated[strawberry.ID, strawberry.argument(description="The mall's id.")],
        connectors: Annotated[
            list[PlanConnectorInput], strawberry.argument(description="At most 500 positions.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> SetPlanConnectorsResult:
        check_count(len(connectors), CONNECTORS_MAX, "connectors")
        campus, drawn = wanted_key(campus_id, "Campus"), [connector_of(each) for each in connectors]

        async def do(work: Work) -> Answer:
            await set_connectors(work.viewer, campus, drawn, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"campus": campus, "connectors": connectors}, do)
        return PlanConnectorsSet(campus=await load_known_campus(info, campus))
