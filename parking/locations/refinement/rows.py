"""Questions to terminals, read whoever asks; and the one way in which they change."""

from typing import Any

from parking.locations.positions.rows import locked_position
from parking.locations.records import (
    SELECT_REFINEMENTS,
    PositionRecord,
    RefinementRecord,
    refinement_record,
)
from parking.storage.sql import Sql


async def question_row(sql: Sql, question_id: int) -> RefinementRecord | None:
    """The question, whoever asks."""
    row = await sql.fetch_one(f"{SELECT_REFINEMENTS} WHERE q.id = $1", question_id)
    return None if row is None else refinement_record(row)


async def locked_question(
    sql: Sql, question_id: int
) -> tuple[RefinementRecord, PositionRecord] | None:
    """The question and its position, whose lock is the question's too."""
    asked = await question_row(sql, question_id)
    position = None if asked is None else await locked_position(sql, asked.position_id)
    if position is None:
        return None
    question = await question_row(sql, question_id)  # as it is under the lock
    return None if question is None else (question, position)


async def write_question(sql: Sql, question: RefinementRecord, **changes: Any) -> RefinementRecord:
    """Write the changed columns and the next version of a question whose position is locked."""
    changed = question._replace(version=question.version + 1, **changes)
    names = [*changes, "version"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=2))
    await sql.execute(
        f"UPDATE refinement_request SET {assignments} WHERE id = $1",
        question.id,
        *(getattr(changed, name) for name in names),
    )
    return changed


async def was_moved_since(sql: Sql, question: RefinementRecord) -> bool:
    """Whether the car was moved after the question was asked: an answer is about where it was."""
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM position_version WHERE position_id = $1 AND number > $2"
        " AND kind = 'MOVED' LIMIT 1",
        question.position_id,
        question.asked_number,
    )
    return row is not None
