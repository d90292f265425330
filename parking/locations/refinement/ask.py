"""Asking a terminal where exactly the car stands (CLAIMS E3), and taking the question back."""

from datetime import datetime, timedelta
from typing import Any

from parking.accounts.attempts import Limit, take_attempt
from parking.accounts.rules import require_person
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import RefinementState, Terminal, VersionKind, VersionSource
from parking.locations.limits import ASKED_PER_DAY_MAX, NOTE_CHARACTERS_MAX, REFINEMENTS_MAX
from parking.locations.positions.facts import facts_of, next_facts
from parking.locations.positions.revise import own_position, require_active, require_room
from parking.locations.positions.rows import newest_version
from parking.locations.positions.spaces import facts_of_space
from parking.locations.positions.versions import Said, add_version
from parking.locations.records import PositionRecord, PositionVersionRecord, RefinementRecord
from parking.locations.refinement.rows import locked_question, question_row, write_question
from parking.locations.refinement.telling import announce_question
from parking.locations.rules import LIVE_QUESTIONS, RefinementStep, is_sharer, next_question_state
from parking.places.rules import checked_text
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

ASKED_PER_DAY = Limit("refinements_asked", ASKED_PER_DAY_MAX, timedelta(days=1))


async def ask_refinement(
    viewer: Viewer,
    position_id: int,
    terminal: Terminal,
    words: str = "",
    *,
    clock: Clock,
    bus: Bus,
) -> int:
    """Ask, as the sharer; the question's id. The space's own record answers at once, a map service
    is asked by a worker, attendants see the question in the queue of their place.

    Raises `NotFound`, `InvalidInput`, `TooManyTries`, and `Conflict`: POSITION_ENDED, NO_PLACE
    (nobody knows which terminal serves it), NO_SPACE, NO_COORDINATES, ALREADY_ASKED,
    TOO_MANY_QUESTIONS.
    """
    person_id = require_person(viewer)
    words = checked_text("words", words, NOTE_CHARACTERS_MAX, is_required=False)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_position(sql, viewer, position_id)
            require_active(position)
            version = await newest_version(sql, position)
            require_askable(terminal, version)
            await _require_not_asked(sql, position, terminal)
            if terminal is not Terminal.SPACE_RECORD:
                await take_attempt(sql, ASKED_PER_DAY, str(person_id), b"", clock.now())
            question = await _insert(sql, position, version, terminal, words, clock.now())
            if terminal is Terminal.SPACE_RECORD:
                await _answer_by_record(sql, held, position, version, question, clock.now())
            await announce_question(sql, held, position, question, clock.now())
            return question.id

    return await retried(write)


async def withdraw_refinement(viewer: Viewer, question_id: int, *, clock: Clock, bus: Bus) -> None:
    """Ask no more, as the sharer. Raises `NotFound`, and `Conflict` with the code WRONG_STATE."""
    require_person(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            found = await locked_question(sql, question_id)
            if found is None or not is_sharer(viewer, found[1]):
                raise NotFound("there is no such question")
            question, position = found
            state = next_question_state(RefinementStep.CANCEL, question.state)
            changed = await write_question(sql, question, state=state, due_at=None)
            await announce_question(sql, held, position, changed, clock.now())

    await retried(write)


def require_askable(terminal: Terminal, version: PositionVersionRecord) -> None:
    """Raises `Conflict` when the terminal has nothing to go by."""
    if version.place_id is None:
        raise Conflict(
            "it is not known in which place the car stands; say that first", code="NO_PLACE"
        )
    if terminal is Terminal.SPACE_RECORD and version.space_id is None:
        raise Conflict(
            "no bay of the place's plan is known; ask an attendant instead", code="NO_SPACE"
        )
    if terminal is Terminal.MAP_SERVICE and version.latitude is None:
        raise Conflict(
            "a map service needs coordinates; give those of the phone first", code="NO_COORDINATES"
        )


async def _require_not_asked(sql: Sql, position: PositionRecord, terminal: Terminal) -> None:
    rows = await sql.fetch(
        "SELECT terminal, state FROM refinement_request WHERE position_id = $1", position.id
    )
    if any(each["terminal"] == terminal and each["state"] in LIVE_QUESTIONS for each in rows):
        raise Conflict(
            f"{terminal.value} is asked already; wait for the answer, or take the question back",
            code="ALREADY_ASKED",
        )
    if len(rows) >= REFINEMENTS_MAX:
        raise Conflict(
            f"{REFINEMENTS_MAX} questions were asked about this position, and no more may be",
            code="TOO_MANY_QUESTIONS",
        )


async def _insert(
    sql: Sql,
    position: PositionRecord,
    version: PositionVersionRecord,
    terminal: Terminal,
    words: str,
    at: datetime,
) -> RefinementRecord:
    row = await sql.fetch_one(
        "INSERT INTO refinement_request (position_id, place_id, terminal, words, asked_number,"
        " asked_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        position.id,
        version.place_id,
        terminal.value,
        words,
        version.number,
        at,
        at if terminal is Terminal.MAP_SERVICE else None,
    )
    assert row is not None, "an INSERT … RETURNING gives its row"
    question = await question_row(sql, row["id"])
    assert question is not None, "it was inserted"
    return question


async def _answer_by_record(
    sql: Sql,
    bus: Bus,
    position: PositionRecord,
    version: PositionVersionRecord,
    question: RefinementRecord,
    at: datetime,
) -> None:
    require_room(position)
    space = await facts_of_space(sql, version.space_id)
    facts = next_facts(facts_of(version), VersionKind.REFINED, {}, space=space)
    said = Said(facts, VersionKind.REFINED, VersionSource.SPACE_RECORD, SYSTEM.actor, question.id)
    changed = await add_version(sql, bus, position, said, at)
    answered: dict[str, Any] = {
        "state": RefinementState.ANSWERED,
        "answered_at": at,
        "answer_number": changed.version,
    }
    await write_question(sql, question, **answered)
