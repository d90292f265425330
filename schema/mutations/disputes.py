"""Verbs on disputes, and giving back what was charged."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.settlement.credits import credit_charge
from parking.settlement.disputes.steps import (
    add_dispute_evidence,
    appeal_dispute,
    decide_dispute,
    open_dispute,
)
from schema.charge_records import ChargeRecord, load_known_charge
from schema.context import Info
from schema.disputes import Dispute, load_known_dispute
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal
from schema.scalars import MinorUnits

DisputeId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The dispute's id.")
]
AmountMinor: TypeAlias = Annotated[
    MinorUnits, strawberry.argument(description="How much, in the settlement's currency.")
]


@strawberry.type(description="A settlement is disputed, and so much of it frozen.")
class DisputeOpened:
    """Outcome of `openDispute`."""

    dispute: Dispute = strawberry.field(description="The dispute.")


@strawberry.type(description="Something was said in a dispute.")
class DisputeEvidenceAdded:
    """Outcome of `addDisputeEvidence`."""

    dispute: Dispute = strawberry.field(description="The dispute now.")


@strawberry.type(description="A dispute was decided.")
class DisputeDecided:
    """Outcome of `decideDispute`."""

    dispute: Dispute = strawberry.field(description="The dispute now.")


@strawberry.type(description="Another decision was asked for.")
class DisputeAppealed:
    """Outcome of `appealDispute`."""

    dispute: Dispute = strawberry.field(description="The dispute now.")


@strawberry.type(description="A bill was reversed, or a part of it.")
class ChargeCredited:
    """Outcome of `creditCharge`."""

    credit: ChargeRecord = strawberry.field(description="The credit record.")


OpenDisputeResult: TypeAlias = Annotated[
    DisputeOpened | VerbRefusal,
    strawberry.union("OpenDisputeResult", description="What `openDispute` answers."),
]
AddDisputeEvidenceResult: TypeAlias = Annotated[
    DisputeEvidenceAdded | VerbRefusal,
    strawberry.union("AddDisputeEvidenceResult", description="What `addDisputeEvidence` answers."),
]
DecideDisputeResult: TypeAlias = Annotated[
    DisputeDecided | VerbRefusal,
    strawberry.union("DecideDisputeResult", description="What `decideDispute` answers."),
]
AppealDisputeResult: TypeAlias = Annotated[
    DisputeAppealed | VerbRefusal,
    strawberry.union("AppealDisputeResult", description="What `appealDispute` answers."),
]
CreditChargeResult: TypeAlias = Annotated[
    ChargeCredited | VerbRefusal,
    strawberry.union("CreditChargeResult", description="What `creditCharge` answers."),
]


@strawberry.type
class DisputeMutations:
    """Root fields."""

    @mutation(
        "Say that a part of a settlement should go back to its driver; it is frozen until it is"
        " decided. For the driver and the lessor's OWNERs and OPERATORs, within 28 days"
        " unless whoever runs Berth has set another time."
    )
    async def open_dispute(
        self,
        info: Info,
        settlement_id: Annotated[
            strawberry.ID, strawberry.argument(description="The settlement's id.")
        ],
        amount_minor: AmountMinor,
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 1000 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> OpenDisputeResult:
        key = wanted_key(settlement_id, "Settlement")

        async def do(work: Work) -> Answer:
            limits = work.services.money_limits
            opened = await open_dispute(
                work.viewer, key, amount_minor, reason,
                clock=work.clock, bus=work.bus, limits=limits,
            )  # fmt: skip
            return {"dispute": opened}

        given = {"settlement": key, "amount": amount_minor, "reason": reason}
        done = await once(info, idempotency_key, given, do)
        return DisputeOpened(dispute=await load_known_dispute(info, done.answer["dispute"]))

    @mutation("Say something in a dispute that is not closed. For everybody who takes part in it.")
    async def add_dispute_evidence(
        self,
        info: Info,
        dispute_id: DisputeId,
        text: Annotated[str, strawberry.argument(description="1 to 4000 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> AddDisputeEvidenceResult:
        key = wanted_key(dispute_id, "Dispute")

        async def do(work: Work) -> Answer:
            await add_dispute_evidence(work.viewer, key, text, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"dispute": key, "text": text}, do)
        return DisputeEvidenceAdded(dispute=await load_known_dispute(info, key))

    @mutation(
        "Decide how much goes back to the driver; after an appeal for good. For the role PLATFORM,"
        " unless they are a party themselves."
    )
    async def decide_dispute(
        self,
        info: Info,
        dispute_id: DisputeId,
        to_driver_minor: AmountMinor,
        decision: Annotated[str, strawberry.argument(description="Why, 1 to 1000 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> DecideDisputeResult:
        key = wanted_key(dispute_id, "Dispute")

        async def do(work: Work) -> Answer:
            limits = work.services.money_limits
            await decide_dispute(
                work.viewer, key, to_driver_minor, decision,
                clock=work.clock, bus=work.bus, limits=limits,
            )  # fmt: skip
            return {}

        given = {"dispute": key, "to_driver": to_driver_minor, "decision": decision}
        await once(info, idempotency_key, given, do)
        return DisputeDecided(dispute=await load_known_dispute(info, key))

    @mutation(
        "Ask for another decision, which is final. For the driver and the lessor's OWNERs and"
        " OPERATORs, once, until `appealUntil`."
    )
    async def appeal_dispute(
        self,
        info: Info,
        dispute_id: DisputeId,
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 4000 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> AppealDisputeResult:
        key = wanted_key(dispute_id, "Dispute")

        async def do(work: Work) -> Answer:
            await appeal_dispute(work.viewer, key, reason, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"dispute": key, "reason": reason}, do)
        return DisputeAppealed(dispute=await load_known_dispute(info, key))

    @mutation(
        "Give back a part of a bill, or all of it; a credit record says so. For the lessor's OWNERs"
        " and OPERATORs, and the role PLATFORM."
    )
    async def credit_charge(
        self,
        info: Info,
        charge_record_id: Annotated[
            strawberry.ID, strawberry.argument(description="The bill's id.")
        ],
        amount_minor: AmountMinor,
        reason: Annotated[str, strawberry.argument(description="Why, 1 to 500 characters.")],
        idempotency_key: IdempotencyKey,
    ) -> CreditChargeResult:
        key = wanted_key(charge_record_id, "ChargeRecord")

        async def do(work: Work) -> Answer:
            made = await credit_charge(
                work.viewer, key, amount_minor, reason, clock=work.clock, bus=work.bus
            )
            return {"credit": made}

        given = {"charge": key, "amount": amount_minor, "reason": reason}
        done = await once(info, idempotency_key, given, do)
        return ChargeCredited(credit=await load_known_charge(info, done.answer["credit"]))
