"""Pure decisions about positions: who sees one, who answers where a car stands, what may follow.

A question to a terminal:

    OPEN ──take──► TAKEN ──answer──► ANSWERED ──answer again──► ANSWERED
      │ ◄─hand back──┤ fail, cancel
      ├─answer───────┼──────────────────► ANSWERED
      ├─fail─────────┴──────────────────► FAILED
      └─cancel──────────────────────────► CANCELLED
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound
from parking.locations.kinds import (
    BindingScope,
    BindingState,
    PositionState,
    RefinementState,
)
from parking.locations.records import BindingRecord, PositionRecord, RefinementRecord

REFINING_ROLES = (Role.OPERATOR, Role.ATTENDANT)
"""Who answers for a place where a car stands."""

LIVE_QUESTIONS = (RefinementState.OPEN, RefinementState.TAKEN)
"""These wait for an answer."""


class RefinementStep(StrEnum):
    """What can happen to a question."""

    TAKE = "TAKE"
    HAND_BACK = "HAND_BACK"
    ANSWER = "ANSWER"
    FAIL = "FAIL"
    CANCEL = "CANCEL"


_O, _T, _A = RefinementState.OPEN, RefinementState.TAKEN, RefinementState.ANSWERED

QUESTIONS: Mapping[RefinementStep, Mapping[RefinementState, RefinementState]] = {
    RefinementStep.TAKE: {_O: _T},
    RefinementStep.HAND_BACK: {_T: _O},
    RefinementStep.ANSWER: dict.fromkeys((_O, _T, _A), _A),
    RefinementStep.FAIL: dict.fromkeys((_O, _T), RefinementState.FAILED),
    RefinementStep.CANCEL: dict.fromkeys((_O, _T), RefinementState.CANCELLED),
}
"""From which state each step leads where. What is not here is refused."""


def next_question_state(step: RefinementStep, state: RefinementState) -> RefinementState:
    """The state after a step. Raises `Conflict` with the code `WRONG_STATE`."""
    following = QUESTIONS[step].get(state)
    if following is None:
        wanted = " or ".join(sorted(QUESTIONS[step]))
        raise Conflict(
            f"the question is {state}; this needs one that is {wanted}", code="WRONG_STATE"
        )
    return following


def shows(binding: BindingRecord, position: PositionRecord, now: datetime) -> bool:
    """Whether its receiver sees the position by this binding at `now` (CLAIMS E10): both agreed,
    nobody took it back, its scope holds, and the car is still there."""
    return (
        binding.state is BindingState.ACTIVE
        and binding.sharer_id == position.person_id
        and position.state is PositionState.ACTIVE
        and _holds(binding, position, now)
    )


def _holds(binding: BindingRecord, position: PositionRecord, now: datetime) -> bool:
    match binding.scope:
        case BindingScope.ONE_STAY:
            return binding.position_id == position.id
        case BindingScope.UNTIL:
            return binding.until is not None and now < binding.until
        case BindingScope.ALWAYS:
            return True


def is_sharer(viewer: Viewer, position: PositionRecord) -> bool:
    """Whether it is the viewer's own car, by their own sign-in."""
    return position.person_id == signed_in(viewer)


def may_see_position(
    viewer: Viewer, position: PositionRecord, bindings: Iterable[BindingRecord], now: datetime
) -> bool:
    """The sharer, always; a receiver while one of the bindings shows it to them. Nobody else: no
    attendant, operator, API key or platform, and no holder of a booking's link or vehicle code."""
    if is_sharer(viewer, position):
        return True
    person_id = signed_in(viewer)
    return person_id is not None and any(
        each.receiver_id == person_id and shows(each, position, now) for each in bindings
    )


def signed_in(viewer: Viewer) -> int | None:
    """The viewer's person, when they signed in themselves."""
    return None if viewer.is_stand_in else viewer.person_id


def may_refine(viewer: Viewer, organisation_id: int) -> bool:
    """See a place's queue and answer: its OPERATORs and ATTENDANTs, never an API key."""
    return signed_in(viewer) is not None and viewer.has_role(organisation_id, *REFINING_ROLES)


def require_refiner(viewer: Viewer, organisation_id: int) -> int:
    """The viewer's person id. Raises `NotFound`: who may not answer knows of no question."""
    person_id = signed_in(viewer)
    if person_id is None or not may_refine(viewer, organisation_id):
        raise NotFound("there is no such question")
    return person_id


def require_own_turn(question: RefinementRecord, person_id: int, *, is_operator: bool) -> None:
    """What one person has taken, nobody else answers, except an OPERATOR. Raises `Conflict` with
    the code `TAKEN_BY_ANOTHER`."""
    is_taken = question.state is RefinementState.TAKEN
    if is_taken and question.taken_by != person_id and not is_operator:
        raise Conflict(
            "somebody else has taken this question; ask them to hand it back, or an OPERATOR",
            code="TAKEN_BY_ANOTHER",
        )
