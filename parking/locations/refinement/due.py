"""Asking map services: a question is leased by its `due_at`, asked outside of any transaction, and
answered under the lock of its position. After some attempts in vain it has failed."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import VersionSource
from parking.locations.limits import (
    MAP_AT_ONCE_MAX,
    MAP_ATTEMPTS_MAX,
    MAP_BACK_OFF,
    MAP_LEASE,
    REASON_CHARACTERS_MAX,
)
from parking.locations.records import RefinementRecord
from parking.locations.refinement.answer import Answerer, checked_answer, write_answer
from parking.locations.refinement.map_service import (
    MapQuestion,
    MapService,
    MapServiceRefused,
    MapServiceUnavailable,
)
from parking.locations.refinement.rows import locked_question, question_row, write_question
from parking.locations.refinement.telling import announce_question
from parking.locations.rules import LIVE_QUESTIONS, RefinementStep, next_question_state
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction

_DUE = (
    "SELECT id, due_at FROM refinement_request WHERE due_at <= $1"
    f" ORDER BY due_at LIMIT {MAP_AT_ONCE_MAX}"
)
_ABOUT = """
SELECT p.name, p.external_id, v.latitude, v.longitude, v.accuracy_metres, v.floor, v.area, v.bay
  FROM refinement_request q JOIN place p ON p.id = q.place_id
  JOIN position_version v ON v.position_id = q.position_id AND v.number = q.asked_number
 WHERE q.id = $1
"""

log = logging.getLogger(__name__)


async def ask_map_service(service: MapService, clock: Clock, bus: Bus) -> int:
    """Ask what is due; how many questions. Any number of workers may call it."""
    rows = await database().fetch(_DUE, clock.now())
    await asyncio.gather(*(_safely(row, service, clock, bus) for row in rows))
    return len(rows)


async def _safely(row: Mapping[str, Any], service: MapService, clock: Clock, bus: Bus) -> None:
    try:
        if await _leased(row, clock.now()):
            await _ask(row["id"], service, clock, bus)
    except Exception:  # the others' questions are not this one's fault
        log.exception("question %s to the map service failed; it is asked again", row["id"])


async def _leased(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether this worker has it; a crash leaves it to the next after the lease."""
    taken = await database().execute(
        "UPDATE refinement_request SET due_at = $3, attempts = attempts + 1"
        " WHERE id = $1 AND due_at <= $2",
        row["id"],
        now,
        now + MAP_LEASE,
    )
    return bool(taken)


async def _ask(question_id: int, service: MapService, clock: Clock, bus: Bus) -> None:
    question = await question_row(database(), question_id)
    row = await database().fetch_one(_ABOUT, question_id)
    if question is None or row is None or question.state not in LIVE_QUESTIONS:
        return
    try:
        said = checked_answer(await service.locate(_asked(question, row)))
        await retried(partial(_answer, question_id, said, clock, bus))
    except MapServiceUnavailable as error:
        await retried(partial(_again_or_fail, question_id, str(error), clock, bus))
    except MapServiceRefused as error:
        await retried(partial(_fail, question_id, str(error), clock, bus))
    except Refusal as refusal:
        reason = f"the answer of the map service is of no use: {refusal.message}"
        await retried(partial(_fail, question_id, reason, clock, bus))


def _asked(question: RefinementRecord, row: Mapping[str, Any]) -> MapQuestion:
    return MapQuestion(
        place_id=question.place_id,
        place_name=row["name"],
        place_external_id=row["external_id"] or "",
        latitude=row["latitude"],
        longitude=row["longitude"],
        accuracy_metres=row["accuracy_metres"],
        floor=row["floor"],
        area=row["area"],
        bay=row["bay"],
    )


async def _answer(question_id: int, said: Mapping[str, Any], clock: Clock, bus: Bus) -> None:
    """Unless the car was moved, is gone, or the sharer asks no more: then nobody needs it."""
    async with HeldBus(bus) as held, transaction() as sql:
        found = await locked_question(sql, question_id)
        if found is not None and found[0].state in LIVE_QUESTIONS:
            by = Answerer(VersionSource.MAP_SERVICE, SYSTEM.actor)
            await write_answer(sql, held, *found, said, by, clock.now())


async def _again_or_fail(question_id: int, reason: str, clock: Clock, bus: Bus) -> None:
    question = await question_row(database(), question_id)
    if question is None or question.attempts >= MAP_ATTEMPTS_MAX:
        await _fail(question_id, reason, clock, bus)
        return
    pause = MAP_BACK_OFF * 2 ** (question.attempts - 1)
    await database().execute(
        "UPDATE refinement_request SET due_at = $2 WHERE id = $1 AND due_at IS NOT NULL",
        question_id,
        clock.now() + pause,
    )


async def _fail(question_id: int, reason: str, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        found = await locked_question(sql, question_id)
        if found is None or found[0].state not in LIVE_QUESTIONS:
            return
        question, position = found
        at, state = clock.now(), next_question_state(RefinementStep.FAIL, question.state)
        failed = await write_question(
            sql, question, state=state, reason=reason[:REASON_CHARACTERS_MAX], answered_at=at,
            due_at=None,
        )  # fmt: skip
        await announce_question(sql, held, position, failed, at)
