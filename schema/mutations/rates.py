"""Verbs of owners and operators on rate tables."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.rates.manage import (
    NewRateTable,
    RateTableEdit,
    create_rate_table,
    retire_rate_table,
    update_rate_table,
)
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.rates import RateTable, load_known_rate_table
from schema.refusals import VerbRefusal
from schema.scalars import Version

RateTableId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The rate table's id.")
]


@strawberry.input(description="What a new rate table needs.")
class CreateRateTableInput:
    """`parking.rates.manage.NewRateTable`."""

    organisation_id: strawberry.ID = strawberry.field(description="Whose it will be.")
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    document: str = strawberry.field(description="The tariff as JSON (docs/rates.md).")


@strawberry.input(description="Changes of a rate table; what is left out stays as it is.")
class UpdateRateTableInput:
    """`parking.rates.manage.RateTableEdit`."""

    rate_table_id: strawberry.ID = strawberry.field(description="Which one.")
    version: Version = strawberry.field(
        description="The version that was read: when it is another one by now, nothing changes."
    )
    name: str | None = strawberry.field(default=None, description="Another name.")
    document: str | None = strawberry.field(
        default=None, description="Another tariff, in the same currency."
    )


@strawberry.type(description="A rate table was made.")
class RateTableCreated:
    """Outcome of `createRateTable`."""

    rate_table: RateTable = strawberry.field(description="The new rate table.")


@strawberry.type(description="A rate table is as it was wished.")
class RateTableUpdated:
    """Outcome of `updateRateTable`."""

    rate_table: RateTable = strawberry.field(description="The rate table now.")


@strawberry.type(description="A rate table was taken out of use.")
class RateTableRetired:
    """Outcome of `retireRateTable`."""

    rate_table: RateTable = strawberry.field(description="The rate table now.")


CreateRateTableResult: TypeAlias = Annotated[
    RateTableCreated | VerbRefusal,
    strawberry.union("CreateRateTableResult", description="What `createRateTable` answers."),
]
UpdateRateTableResult: TypeAlias = Annotated[
    RateTableUpdated | VerbRefusal,
    strawberry.union("UpdateRateTableResult", description="What `updateRateTable` answers."),
]
RetireRateTableResult: TypeAlias = Annotated[
    RateTableRetired | VerbRefusal,
    strawberry.union("RetireRateTableResult", description="What `retireRateTable` answers."),
]


@strawberry.type
class RateMutations:
    """Root fields."""

    @mutation("Make a rate table. For OWNERs and OPERATORs of the organisation.")
    async def create_rate_table(
        self,
        info: Info,
        input: Annotated[
            CreateRateTableInput, strawberry.argument(description="The new rate table.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateRateTableResult:
        organisation = wanted_key(input.organisation_id, "Organisation")
        new = NewRateTable(organisation, input.name, input.document)

        async def do(work: Work) -> Answer:
            return {"rate_table": await create_rate_table(work.viewer, new, clock=work.clock)}

        done = await once(info, idempotency_key, {"new": new}, do)
        return RateTableCreated(
            rate_table=await load_known_rate_table(info, done.answer["rate_table"])
        )

    @mutation(
        "Change a rate table. What was quoted or booked keeps its price. For OWNERs and OPERATORs."
    )
    async def update_rate_table(
        self,
        info: Info,
        input: Annotated[UpdateRateTableInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdateRateTableResult:
        key = wanted_key(input.rate_table_id, "RateTable")
        edit = RateTableEdit(key, input.version, input.name, input.document)

        async def do(work: Work) -> Answer:
            await update_rate_table(work.viewer, edit, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"edit": edit}, do)
        return RateTableUpdated(rate_table=await load_known_rate_table(info, key))

    @mutation(
        "Take a rate table out of use: no listing can choose it any more, those that use it go on."
        " For OWNERs and OPERATORs."
    )
    async def retire_rate_table(
        self, info: Info, rate_table_id: RateTableId, idempotency_key: IdempotencyKey
    ) -> RetireRateTableResult:
        key = wanted_key(rate_table_id, "RateTable")

        async def do(work: Work) -> Answer:
            await retire_rate_table(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"rate_table": key}, do)
        return RateTableRetired(rate_table=await load_known_rate_table(info, key))
