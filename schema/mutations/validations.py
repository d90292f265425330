"""Verbs of merchants: what they pay of a stay."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.settlement.kinds import ValidationKind
from parking.settlement.validations import add_validation, return_validation
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal
from schema.settlements import Validation, load_known_validation


@strawberry.input(description="What a merchant wants to pay of a stay.")
class AddValidationInput:
    """Arguments of `parking.settlement.validations.add_validation`."""

    organisation_id: strawberry.ID = strawberry.field(description="The merchant's id.")
    reservation_id: strawberry.ID = strawberry.field(
        description="The reservation's id, as its driver gave it."
    )
    kind: ValidationKind = strawberry.field(description="How it is reckoned.")
    value: int = strawberry.field(
        default=0, description="Minutes, minor units or percent, as `kind` says; not for FREE."
    )
    label: str = strawberry.field(default="", description="For people, at most 100 characters.")


@strawberry.type(description="A merchant pays a part of a stay.")
class ValidationAdded:
    """Outcome of `addValidation`."""

    validation: Validation = strawberry.field(description="What was promised.")


@strawberry.type(description="A merchant took its validation back, before it was used.")
class ValidationReturned:
    """Outcome of `returnValidation`."""

    validation: Validation = strawberry.field(description="The validation now.")


AddValidationResult: TypeAlias = Annotated[
    ValidationAdded | VerbRefusal,
    strawberry.union("AddValidationResult", description="What `addValidation` answers."),
]
ReturnValidationResult: TypeAlias = Annotated[
    ValidationReturned | VerbRefusal,
    strawberry.union("ReturnValidationResult", description="What `returnValidation` answers."),
]


@strawberry.type
class ValidationMutations:
    """Root fields."""

    @mutation(
        "Pay a part of a stay in a merchant's name, once it is settled. For the merchant's"
        " MERCHANTs, OWNERs and OPERATORs."
    )
    async def add_validation(
        self,
        info: Info,
        input: Annotated[AddValidationInput, strawberry.argument(description="How much.")],
        idempotency_key: IdempotencyKey,
    ) -> AddValidationResult:
        merchant = wanted_key(input.organisation_id, "Organisation")
        reservation = wanted_key(input.reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            made = await add_validation(
                work.viewer, merchant, reservation, input.kind, input.value, input.label,
                clock=work.clock, bus=work.bus,
            )  # fmt: skip
            return {"validation": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        added = await load_known_validation(info, done.answer["validation"])
        return ValidationAdded(validation=added)

    @mutation("Take a validation back before the stay is settled. For the same merchant.")
    async def return_validation(
        self,
        info: Info,
        validation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The validation's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ReturnValidationResult:
        key = wanted_key(validation_id, "Validation")

        async def do(work: Work) -> Answer:
            await return_validation(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"validation": key}, do)
        return ValidationReturned(validation=await load_known_validation(info, key))
