"""A terminal's part: take a question, hand it back, answer it, or say that it cannot (CLAIMS E4,
E11).

An answer is about the place in which the car stood when the question was asked. Once the car was
moved or is gone it is refused, however late or out of order it comes; so it never overwrites what
is newer. An answer after an answer is a correction. Who answers says which version of the question
they have seen: of two who answer at once the second is told to look again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from parking.accounts.audit import record_audit
from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import RefinementState, Terminal, VersionKind, VersionSource
from parking.locations.limits import REASON_CHARACTERS_MAX
from parking.locations.positions.facts import answers, checked_given
from parking.locations.positions.revise import require_active, revised
from parking.locations.positions.versions import Said, add_version
from parking.locations.records import PositionRecord, RefinementRecord
from parking.locations.refinement.rows import locked_question, was_moved_since, write_question
from parking.locations.refinement.telling import announce_question
from parking.locations.rules import (
    RefinementStep,
    next_question_state,
    require_own_turn,
    require_refiner,
)
from parking.places.rules import checked_text
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

Columns: TypeAlias = Mapping[str, Any]


class Answerer(NamedTuple):
    """Who answers; `person_id` is None for a machine."""

    source: VersionSource
    actor: str
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody of the place's staff with a locked question in hand."""

    person_id: int
    organisation_id: int
    question: RefinementRecord
    position: PositionRecord


@dataclass(frozen=True, slots=True)
class TerminalAnswer:
    """`given` by the names of `Facts`: floor, area, bay, space_id, coordinates. `version` is that
    of the question as it was seen."""

    question_id: int
    version: int
    given: Mapping[str, Any]


async def take_refinement(viewer: Viewer, question_id: int, *, clock: Clock, bus: Bus) -> None:
    """See to a question, so that nobody else does. Raises `NotFound`, and `Conflict`: WRONG_STATE,
    TAKEN_BY_ANOTHER, CAR_MOVED, POSITION_ENDED."""

    def take(turn: Turn, at: datetime) -> Columns:
        return {"taken_by": turn.person_id, "taken_at": at}

    await _step(viewer, question_id, RefinementStep.TAKE, take, clock=clock, bus=bus)


async def hand_back_refinement(viewer: Viewer, question_id: int, *, clock: Clock, bus: Bus) -> None:
    """Leave a question that was taken to somebody else. Raises as `take_refinement`."""

    def hand_back(_turn: Turn, _at: datetime) -> Columns:
        return {"taken_by": None, "taken_at": None}

    await _step(viewer, question_id, RefinementStep.HAND_BACK, hand_back, clock=clock, bus=bus)


async def fail_refinement(
    viewer: Viewer, question_id: int, reason: str, *, clock: Clock, bus: Bus
) -> None:
    """Say that the car was not found, and why, for the sharer. Raises as `take_refinement`, and
    `InvalidInput`."""
    reason = checked_text("reason", reason, REASON_CHARACTERS_MAX)

    def fail(turn: Turn, at: datetime) -> Columns:
        return {"reason": reason, "answered_by": turn.person_id, "answered_at": at}

    await _step(viewer, question_id, RefinementStep.FAIL, fail, clock=clock, bus=bus)


async def answer_refinement(
    viewer: Viewer, answer: TerminalAnswer, *, clock: Clock, bus: Bus
) -> None:
    """Say where the car stands: at least one of floor, area, bay and coordinates; it becomes the
    position's next version, with who said it and when.

    Raises `NotFound`, `InvalidInput`, and `Conflict`: CHANGED_MEANWHILE, WRONG_STATE, CAR_MOVED,
    POSITION_ENDED, TAKEN_BY_ANOTHER, TOO_MANY_VERSIONS.
    """
    given = checked_answer(answer.given)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            turn, at = await _turn(sql, viewer, answer.question_id), clock.now()
            await require_current(sql, turn.question, turn.position)  # the better reason
            _require_seen(turn.question, answer.version)
            await _require_of_place(sql, turn.question, given)
            by = Answerer(VersionSource.ATTENDANT, viewer.actor, turn.person_id)
            await write_answer(sql, held, turn.question, turn.position, given, by, at)
            await _audit(sql, viewer, RefinementStep.ANSWER, turn, at)

    await retried(write)


def checked_answer(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a terminal says, checked. Raises `InvalidInput` for one that says nothing of where."""
    checked = {
        name: value for name, value in checked_given(given).items() if value not in (None, "")
    }
    if not answers(checked):
        raise InvalidInput("input", "say at least one of floor, area, bay, space and coordinates")
    return checked


async def write_answer(
    sql: Sql,
    bus: Bus,
    question: RefinementRecord,
    position: PositionRecord,
    given: Mapping[str, Any],
    by: Answerer,
    at: datetime,
) -> None:
    """Make a checked answer the next version of a locked position: a refinement, or, after an
    answer, a correction. Raises `Conflict` as `answer_refinement`."""
    await require_current(sql, question, position)
    state = next_question_state(RefinementStep.ANSWER, question.state)
    was_answered = question.state is RefinementState.ANSWERED
    kind = VersionKind.CORRECTED if was_answered else VersionKind.REFINED
    facts = await revised(sql, position, kind, given)
    said = Said(facts, kind, by.source, by.actor, question.id)
    changed = await add_version(sql, bus, position, said, at)
    answered = await write_question(
        sql, question, state=state, answered_by=by.person_id, answered_at=at,
        answer_number=changed.version, due_at=None,
    )  # fmt: skip
    await announce_question(sql, bus, changed, answered, at)


async def _step(
    viewer: Viewer,
    question_id: int,
    step: RefinementStep,
    columns: Callable[[Turn, datetime], Columns],
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """Take a step that changes nothing of what is known; `columns` gives what it writes."""

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            turn, at = await _turn(sql, viewer, question_id), clock.now()
            await require_current(sql, turn.question, turn.position)
            state = next_question_state(step, turn.question.state)
            changed = await write_question(sql, turn.question, state=state, **columns(turn, at))
            await announce_question(sql, held, turn.position, changed, at)
            await _audit(sql, viewer, step, turn, at)

    await retried(write)


async def _turn(sql: Sql, viewer: Viewer, question_id: int) -> Turn:
    """The question, of a place whose staff the viewer is, and which nobody else has taken."""
    found = await locked_question(sql, question_id)
    if found is None or found[0].terminal is not Terminal.ATTENDANT:
        raise NotFound("there is no such question")
    question, position = found
    row = await sql.fetch_one("SELECT organisation_id FROM place WHERE id = $1", question.place_id)
    if row is None:
        raise NotFound("there is no such question")
    organisation_id = row["organisation_id"]
    person_id = require_refiner(viewer, organisation_id)
    is_operator = viewer.has_role(organisation_id, Role.OPERATOR)
    require_own_turn(question, person_id, is_operator=is_operator)
    return Turn(person_id, organisation_id, question, position)


async def require_current(sql: Sql, question: RefinementRecord, position: PositionRecord) -> None:
    """Raises `Conflict`: the car is not where the question was about."""
    require_active(position)
    if position.place_id != question.place_id or await was_moved_since(sql, question):
        raise Conflict(
            "the car was moved, or is in another place, since this was asked; the answer would be"
            " about where it was",
            code="CAR_MOVED",
        )


def _require_seen(question: RefinementRecord, version: int) -> None:
    if question.version != version:
        raise Conflict(
            "somebody else has seen to this question meanwhile; look at it, and answer again if"
            " something is still to be said",
            code="CHANGED_MEANWHILE",
        )


async def _require_of_place(sql: Sql, question: RefinementRecord, given: Mapping[str, Any]) -> None:
    if "space_id" not in given:
        return
    row = await sql.fetch_one(
        "SELECT place_id FROM space WHERE id = $1 AND retired_at IS NULL", given["space_id"]
    )
    if row is None or row["place_id"] != question.place_id:
        raise InvalidInput("spaceId", "there is no such space in the place")


async def _audit(sql: Sql, viewer: Viewer, step: RefinementStep, turn: Turn, at: datetime) -> None:
    verb, subject = f"{step.value.lower()}_refinement", f"refinement:{turn.question.id}"
    await record_audit(sql, viewer, verb, subject, turn.organisation_id, {}, at)
