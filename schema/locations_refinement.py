"""Questions to terminals about where exactly a car stands."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.locations.kinds import RefinementState, Terminal
from parking.locations.limits import QUEUE_MAX
from parking.locations.refinement.queries import (
    SeenQuestion,
    answers_of,
    questions_by_id,
    questions_of,
    queue_of,
)
from parking.locations.rules import LIVE_QUESTIONS
from schema import locations_positions, places
from schema.context import Info, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Node
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.locations_positions import ParkingPosition, PositionVersion
    from schema.places import Place

QUEUE_ASSUMED = 20

MaybePosition: TypeAlias = (
    Annotated["ParkingPosition", strawberry.lazy("schema.locations_positions")] | None
)
MaybeVersion: TypeAlias = (
    Annotated["PositionVersion", strawberry.lazy("schema.locations_positions")] | None
)


@strawberry.type(
    description="A question to a terminal. For the sharer; and, while the car is there, for the"
    " ATTENDANTs and OPERATORs of the place if they are asked: to them neither the person nor"
    " anything else of the position is told than floor, area and bay."
)
class RefinementRequest(Node):
    """`parking.locations.refinement.queries.SeenQuestion`."""

    terminal: Terminal = strawberry.field(description="Who is asked.")
    state: RefinementState = strawberry.field(description="Where it stands.")
    words: str = strawberry.field(description="The sharer's, to find the car by; may be empty.")
    floor: str = strawberry.field(
        description="What was known when it was asked; may be empty, as area and bay."
    )
    area: str = strawberry.field(description="A row or zone.")
    bay: str = strawberry.field(description="The number of the space, or what the sharer typed.")
    asked_at: datetime = strawberry.field(description="When it was asked.")
    taken_at: datetime | None = strawberry.field(description="When somebody began to see to it.")
    is_mine: bool = strawberry.field(description="Whether that is the viewer.")
    answered_at: datetime | None = strawberry.field(
        description="When it was answered last, or given up."
    )
    reason: str = strawberry.field(description="FAILED: why, in words. Else empty.")
    version: Version = strawberry.field(description="Grows with every step.")
    domain: strawberry.Private[SeenQuestion]

    @resolved("The place whose terminal is asked; null: it is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.question.place_id)

    @resolved("What it is about; null unless the viewer is the sharer.")
    async def position(self, info: Info) -> MaybePosition:
        key = self.domain.question.position_id if self.domain.is_own else None
        return await locations_positions.load_position(info, key)

    @resolved(
        "The version that its newest answer became; null: there is none, or the viewer is not the"
        " sharer.",
        metadata={VOLATILE: True},
    )
    async def answer(self, info: Info) -> MaybeVersion:
        found = await load(info.context, answers_of, self.domain.question.id)
        return None if found is None else locations_positions.version_of(found)


def question_of(seen: SeenQuestion, person_id: int | None) -> RefinementRequest:
    """The domain's question, as its viewer sees it, as the schema's type."""
    question = seen.question
    return RefinementRequest(
        id=global_id("RefinementRequest", question.id),
        terminal=question.terminal,
        state=question.state,
        words=question.words,
        floor=seen.floor,
        area=seen.area,
        bay=seen.bay,
        asked_at=question.asked_at,
        taken_at=question.taken_at,
        is_mine=person_id is not None and question.taken_by == person_id,
        answered_at=question.answered_at,
        reason=question.reason,
        version=Version(question.version),
        domain=seen,
    )


async def load_question(info: Info, key: int | None) -> RefinementRequest | None:
    """The question, if the viewer may see it."""
    found = await load(info.context, questions_by_id, key)
    return None if found is None else question_of(found, viewer_of(info.context).person_id)


async def load_known_question(info: Info, key: int) -> RefinementRequest:
    """One that a verb has just asked or changed; an error if it is gone since."""
    return known(await load_question(info, key))


async def load_questions_of(info: Info, position_key: int) -> list[RefinementRequest]:
    """All that was asked about a position, for its sharer."""
    found = await load(info.context, questions_of, position_key)
    person_id = viewer_of(info.context).person_id
    return [question_of(each, person_id) for each in found or ()]


@strawberry.type
class PlaceRefinements:
    """Fields of `Place`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved(
        "Where the attendants are asked to find cars, the oldest question first, at most"
        f" {QUEUE_MAX}; for ATTENDANTs and OPERATORs, empty to others.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=QUEUE_ASSUMED)},
    )
    async def refinement_queue(
        self,
        info: Info,
        states: Annotated[
            list[RefinementState] | None,
            strawberry.argument(description="In these states; null: OPEN and TAKEN."),
        ] = None,
    ) -> list[RefinementRequest]:
        viewer = viewer_of(info.context)
        found = await queue_of(viewer, self.key, LIVE_QUESTIONS if states is None else states)
        return [question_of(each, viewer.person_id) for each in found]
