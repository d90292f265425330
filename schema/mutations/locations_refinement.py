"""Verbs on questions to terminals: of the sharer who asks, and of the staff who answer."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.locations.kinds import Terminal
from parking.locations.refinement.answer import (
    answer_refinement,
    fail_refinement,
    hand_back_refinement,
    take_refinement,
)
from parking.locations.refinement.ask import ask_refinement, withdraw_refinement
from schema.context import Info
from schema.ids import wanted_key
from schema.locations_refinement import RefinementRequest, load_known_question
from schema.mutations.locations_inputs import AnswerRefinementInput, answer_of
from schema.mutations.locations_positions import PositionId
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import TooManyTries, VerbRefusal

RequestId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The question's id.")
]


@strawberry.type(description="A terminal is asked.")
class RefinementRequested:
    """Outcome of `requestRefinement`."""

    request: RefinementRequest = strawberry.field(description="The question.")


@strawberry.type(description="A question is another step on.")
class RefinementChanged:
    """Outcome of the verbs on questions that there are."""

    request: RefinementRequest = strawberry.field(description="The question now.")


RequestRefinementResult: TypeAlias = Annotated[
    RefinementRequested | VerbRefusal | TooManyTries,
    strawberry.union("RequestRefinementResult", description="What `requestRefinement` answers."),
]
ChangeRefinementResult: TypeAlias = Annotated[
    RefinementChanged | VerbRefusal,
    strawberry.union(
        "ChangeRefinementResult",
        description="What `withdrawRefinement`, `takeRefinement`, `handBackRefinement`,"
        " `answerRefinement` and `failRefinement` answer.",
    ),
]


@strawberry.type
class RefinementMutations:
    """Root fields."""

    @mutation(
        "Ask a terminal where exactly the car stands. For the sharer. Conflict: POSITION_ENDED,"
        " NO_PLACE, NO_SPACE, NO_COORDINATES, ALREADY_ASKED, TOO_MANY_QUESTIONS."
    )
    async def request_refinement(
        self,
        info: Info,
        position_id: PositionId,
        terminal: Annotated[Terminal, strawberry.argument(description="Who is asked.")],
        idempotency_key: IdempotencyKey,
        words: Annotated[
            str,
            strawberry.argument(
                description="What helps to find the car, such as its colour; attendants read it."
                " At most 500 characters."
            ),
        ] = "",
    ) -> RequestRefinementResult:
        key = wanted_key(position_id, "ParkingPosition")

        async def do(work: Work) -> Answer:
            asked = await ask_refinement(
                work.viewer, key, terminal, words, clock=work.clock, bus=work.bus
            )
            return {"request": asked}

        given = {"position": key, "terminal": terminal, "words": words}
        done = await once(info, idempotency_key, given, do)
        return RefinementRequested(request=await load_known_question(info, done.answer["request"]))

    @mutation("Ask no more. For the sharer. Conflict: WRONG_STATE.")
    async def withdraw_refinement(
        self, info: Info, request_id: RequestId, idempotency_key: IdempotencyKey
    ) -> ChangeRefinementResult:
        key = wanted_key(request_id, "RefinementRequest")

        async def do(work: Work) -> None:
            await withdraw_refinement(work.viewer, key, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, key, do)

    @mutation(
        "See to a question, so that nobody else does. For ATTENDANTs and OPERATORs of the place,"
        " as the verbs below. Conflict: WRONG_STATE, TAKEN_BY_ANOTHER, CAR_MOVED, POSITION_ENDED."
    )
    async def take_refinement(
        self, info: Info, request_id: RequestId, idempotency_key: IdempotencyKey
    ) -> ChangeRefinementResult:
        key = wanted_key(request_id, "RefinementRequest")

        async def do(work: Work) -> None:
            await take_refinement(work.viewer, key, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, key, do)

    @mutation(
        "Leave a question that was taken to somebody else; an OPERATOR may do it for another."
        " Conflict as `takeRefinement`."
    )
    async def hand_back_refinement(
        self, info: Info, request_id: RequestId, idempotency_key: IdempotencyKey
    ) -> ChangeRefinementResult:
        key = wanted_key(request_id, "RefinementRequest")

        async def do(work: Work) -> None:
            await hand_back_refinement(work.viewer, key, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, key, do)

    @mutation(
        "Say where the car stands: the next version of its position; after an answer, a"
        " correction. Conflict as `takeRefinement`, CHANGED_MEANWHILE, TOO_MANY_VERSIONS."
    )
    async def answer_refinement(
        self,
        info: Info,
        input: Annotated[AnswerRefinementInput, strawberry.argument(description="The answer.")],
        idempotency_key: IdempotencyKey,
    ) -> ChangeRefinementResult:
        answer = answer_of(input)

        async def do(work: Work) -> None:
            await answer_refinement(work.viewer, answer, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, answer.question_id, do, {"input": input})

    @mutation("Say that the car was not found, and why. Conflict as `takeRefinement`.")
    async def fail_refinement(
        self,
        info: Info,
        request_id: RequestId,
        reason: Annotated[
            str, strawberry.argument(description="For the sharer, 1 to 200 characters.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ChangeRefinementResult:
        key = wanted_key(request_id, "RefinementRequest")

        async def do(work: Work) -> None:
            await fail_refinement(work.viewer, key, reason, clock=work.clock, bus=work.bus)

        return await _changed(info, idempotency_key, key, do, {"request": key, "reason": reason})


async def _changed(
    info: Info,
    idempotency_key: str,
    key: int,
    act: Callable[[Work], Awaitable[None]],
    given: dict[str, object] | None = None,
) -> RefinementChanged:
    async def do(work: Work) -> Answer:
        await act(work)
        return {}

    await once(info, idempotency_key, given or {"request": key}, do)
    return RefinementChanged(request=await load_known_question(info, key))
