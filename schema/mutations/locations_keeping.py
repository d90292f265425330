"""Erasing where one's cars stood."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.locations.keeping.erase import erase_all, erase_position
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal


@strawberry.type(description="Nothing of it is kept any more.")
class PositionsErased:
    """Outcome of `erasePosition` and `erasePositions`."""

    position_count: int = strawberry.field(description="So many positions were erased.")
    binding_count: int = strawberry.field(description="So many bindings, of either side.")


ErasePositionsResult: TypeAlias = Annotated[
    PositionsErased | VerbRefusal,
    strawberry.union(
        "ErasePositionsResult", description="What `erasePosition` and `erasePositions` answer."
    ),
]


@strawberry.type
class KeepingMutations:
    """Root fields."""

    @mutation(
        "Erase a position of the viewer's: its versions, photos, links, log and questions. Ends it"
        " first, as `endPosition` does."
    )
    async def erase_position(
        self,
        info: Info,
        position_id: Annotated[
            strawberry.ID, strawberry.argument(description="The position's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ErasePositionsResult:
        key = wanted_key(position_id, "ParkingPosition")

        async def do(work: Work) -> Answer:
            await erase_position(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"position": key}, do)
        return PositionsErased(position_count=1, binding_count=0)

    @mutation(
        "Erase all positions of the viewer's, as `erasePosition` does, and all bindings on either"
        " side. `GET /positions/export.zip` gives them out before."
    )
    async def erase_positions(
        self, info: Info, idempotency_key: IdempotencyKey
    ) -> ErasePositionsResult:
        async def do(work: Work) -> Answer:
            erased = await erase_all(work.viewer, clock=work.clock, bus=work.bus)
            return {"positions": erased.positions, "bindings": erased.bindings}

        answer = (await once(info, idempotency_key, {}, do)).answer
        return PositionsErased(position_count=answer["positions"], binding_count=answer["bindings"])
