"""Verbs of sharers on where their cars stand."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.locations.positions.end import end_position
from parking.locations.positions.record import record_position
from parking.locations.positions.revise import entitle_position, revise_position
from schema.context import Info
from schema.ids import wanted_key
from schema.locations_positions import ParkingPosition, load_known_position
from schema.mutations.locations_inputs import (
    RecordPositionInput,
    RevisePositionInput,
    new_position_of,
    revision_of,
)
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import TooManyTries, VerbRefusal

PositionId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The position's id.")
]


@strawberry.type(description="It is kept where a car stands.")
class PositionRecorded:
    """Outcome of `recordPosition`."""

    position: ParkingPosition = strawberry.field(description="The position.")


@strawberry.type(description="A position has another version, or another title.")
class PositionRevised:
    """Outcome of `revisePosition` and `entitlePosition`."""

    position: ParkingPosition = strawberry.field(description="The position now.")


@strawberry.type(description="The car is gone; nobody else is shown where it was.")
class PositionEnded:
    """Outcome of `endPosition`."""

    position: ParkingPosition = strawberry.field(description="The position as it ended.")


RecordPositionResult: TypeAlias = Annotated[
    PositionRecorded | VerbRefusal | TooManyTries,
    strawberry.union("RecordPositionResult", description="What `recordPosition` answers."),
]
RevisePositionResult: TypeAlias = Annotated[
    PositionRevised | VerbRefusal,
    strawberry.union(
        "RevisePositionResult", description="What `revisePosition` and `entitlePosition` answer."
    ),
]
EndPositionResult: TypeAlias = Annotated[
    PositionEnded | VerbRefusal,
    strawberry.union("EndPositionResult", description="What `endPosition` answers."),
]


@strawberry.type
class PositionMutations:
    """Root fields."""

    @mutation(
        "Keep where a car stands, from a booking of the viewer's or by hand. A booking that has a"
        " live position keeps that one. Conflict: WRONG_STATE, TOO_MANY_POSITIONS."
    )
    async def record_position(
        self,
        info: Info,
        input: Annotated[RecordPositionInput, strawberry.argument(description="The position.")],
        idempotency_key: IdempotencyKey,
    ) -> RecordPositionResult:
        new = new_position_of(input)

        async def do(work: Work) -> Answer:
            made = await record_position(work.viewer, new, clock=work.clock, bus=work.bus)
            return {"position": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        return PositionRecorded(position=await load_known_position(info, done.answer["position"]))

    @mutation(
        "Say more of where a car stands, or something else, or that it was moved: a new version."
        " For its sharer. Conflict: POSITION_ENDED, TOO_MANY_VERSIONS."
    )
    async def revise_position(
        self,
        info: Info,
        input: Annotated[RevisePositionInput, strawberry.argument(description="The version.")],
        idempotency_key: IdempotencyKey,
    ) -> RevisePositionResult:
        revision = revision_of(input)

        async def do(work: Work) -> Answer:
            await revise_position(work.viewer, revision, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return PositionRevised(position=await load_known_position(info, revision.position_id))

    @mutation("Give a position another title. For its sharer.")
    async def entitle_position(
        self,
        info: Info,
        position_id: PositionId,
        title: Annotated[
            str, strawberry.argument(description="At most 100 characters; may be empty.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> RevisePositionResult:
        key = wanted_key(position_id, "ParkingPosition")

        async def do(work: Work) -> Answer:
            await entitle_position(work.viewer, key, title, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"position": key, "title": title}, do)
        return PositionRevised(position=await load_known_position(info, key))

    @mutation(
        "Say that the car is gone. Links, what is shown of this stay, questions to terminals and"
        " the right to fetch the car end with it. For its sharer; again changes nothing."
    )
    async def end_position(
        self, info: Info, position_id: PositionId, idempotency_key: IdempotencyKey
    ) -> EndPositionResult:
        key = wanted_key(position_id, "ParkingPosition")

        async def do(work: Work) -> Answer:
            await end_position(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"position": key}, do)
        return PositionEnded(position=await load_known_position(info, key))
