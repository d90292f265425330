"""Verbs on how organisations are paid, on fee contracts and on orders to rails."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.settlement.contracts.dated import set_fee_contract
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.rails.orders import retry_rail_order
from parking.settlement.rails.port import WALLET
from schema.context import Info
from schema.fee_contracts import FeeContract, load_known_contract
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.payments import RailOrder, load_known_rail_order
from schema.payouts import PayoutTerms, load_known_payout_terms
from schema.refusals import VerbRefusal
from schema.scalars import MinorUnits, TimeZone


@strawberry.input(description="When and how an organisation wants to be paid what it is owed.")
class SetPayoutTermsInput:
    """`parking.settlement.payouts.terms.NewPayoutTerms`."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    schedule: PayoutSchedule = strawberry.field(description="How often.")
    time_zone: TimeZone = strawberry.field(description="In which days begin.")
    day: int = strawberry.field(
        default=1,
        description="Of a WEEKLY one the ISO weekday, 1 to 7; of a MONTHLY one the day, 1 to 28.",
    )
    delay_days: int = strawberry.field(
        default=0, description="So long after its settlement something may be paid out, 0 to 90."
    )
    minimum_minor: MinorUnits = strawberry.field(
        default=MinorUnits(0), description="Below so much it waits for the next time."
    )
    rail: str = strawberry.field(default=WALLET, description="Through which rail.")
    reference: str = strawberry.field(
        default="", description="The organisation's account at that rail; `wallet` needs none."
    )


@strawberry.input(
    description="What platform and property get of later bookings: of a lessor, of a place, of a"
    " lessor at a place, or (without both) of everybody who has no other."
)
class SetFeeContractInput:
    """Arguments of `parking.settlement.contracts.dated.set_fee_contract`."""

    terms: str = strawberry.field(
        description="JSON: `platform` and `property`, each with `percent` and `fixed_minor`,"
        " `overstay_owner_percent`, `assign`, `remainder_to`; each may be left out."
    )
    organisation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this lessor."
    )
    place_id: strawberry.ID | None = strawberry.field(default=None, description="Of this place.")
    valid_from: datetime | None = strawberry.field(
        default=None,
        description="For bookings confirmed then or later, not in the past; null: now.",
    )


@strawberry.type(description="An organisation's payout terms are as was wished.")
class PayoutTermsSet:
    """Outcome of `setPayoutTerms`."""

    terms: PayoutTerms = strawberry.field(description="The terms now.")


@strawberry.type(description="There is a new fee contract.")
class FeeContractSet:
    """Outcome of `setFeeContract`."""

    contract: FeeContract = strawberry.field(description="The contract.")


@strawberry.type(description="A rail is asked once more.")
class RailOrderRetried:
    """Outcome of `retryRailOrder`."""

    order: RailOrder = strawberry.field(description="The order now.")


SetPayoutTermsResult: TypeAlias = Annotated[
    PayoutTermsSet | VerbRefusal,
    strawberry.union("SetPayoutTermsResult", description="What `setPayoutTerms` answers."),
]
SetFeeContractResult: TypeAlias = Annotated[
    FeeContractSet | VerbRefusal,
    strawberry.union("SetFeeContractResult", description="What `setFeeContract` answers."),
]
RetryRailOrderResult: TypeAlias = Annotated[
    RailOrderRetried | VerbRefusal,
    strawberry.union("RetryRailOrderResult", description="What `retryRailOrder` answers."),
]


def _terms(input: SetPayoutTermsInput) -> NewPayoutTerms:
    return NewPayoutTerms(
        schedule=input.schedule,
        time_zone=input.time_zone,
        day=input.day,
        delay_days=input.delay_days,
        minimum_minor=input.minimum_minor,
        rail=input.rail,
        reference=input.reference,
    )


@strawberry.type
class PayoutMutations:
    """Root fields."""

    @mutation("Say when and how an organisation is paid. For its OPERATORs.")
    async def set_payout_terms(
        self,
        info: Info,
        input: Annotated[SetPayoutTermsInput, strawberry.argument(description="The terms.")],
        idempotency_key: IdempotencyKey,
    ) -> SetPayoutTermsResult:
        key = wanted_key(input.organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            rails = work.services.rails
            await set_payout_terms(
                work.viewer, key, _terms(input), clock=work.clock, bus=work.bus, rails=rails
            )
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return PayoutTermsSet(terms=await load_known_payout_terms(info, key))

    @mutation(
        "Set what platform and property get of bookings that are confirmed later; it ends the"
        " contract before. For the role PLATFORM."
    )
    async def set_fee_contract(
        self,
        info: Info,
        input: Annotated[SetFeeContractInput, strawberry.argument(description="The contract.")],
        idempotency_key: IdempotencyKey,
    ) -> SetFeeContractResult:
        lessor, place = input.organisation_id, input.place_id

        async def do(work: Work) -> Answer:
            made = await set_fee_contract(
                work.viewer,
                None if lessor is None else wanted_key(lessor, "Organisation"),
                None if place is None else wanted_key(place, "Place"),
                input.terms,
                input.valid_from,
                clock=work.clock,
            )
            return {"contract": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        return FeeContractSet(contract=await load_known_contract(info, done.answer["contract"]))

    @mutation("Ask a rail once more, after a person has looked at it. For the role PLATFORM.")
    async def retry_rail_order(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="The order's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RetryRailOrderResult:
        key = wanted_key(order_id, "RailOrder")

        async def do(work: Work) -> Answer:
            await retry_rail_order(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"order": key}, do)
        return RailOrderRetried(order=await load_known_rail_order(info, key))
