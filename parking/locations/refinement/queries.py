"""Reading questions to terminals: the sharer's own, and the queue of a place for its staff.

The staff see what finding the car needs: the place, the sharer's words, when and in which state,
and the floor, area and bay of the version that the question is about. Nothing of the person, the
title, note, photo, coordinates, plate, or any other version; and nothing once the car was moved
or is gone, or the sharer asks no more.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.locations.kinds import RefinementState, Terminal
from parking.locations.limits import QUEUE_MAX
from parking.locations.records import (
    OVER,
    SELECT_REFINEMENTS,
    SELECT_VERSIONS,
    PositionVersionRecord,
    RefinementRecord,
    refinement_record,
    version_record,
)
from parking.locations.rules import LIVE_QUESTIONS, may_refine, signed_in
from parking.places.conditions import Conditions
from parking.storage.sql import database


class SeenQuestion(NamedTuple):
    """A question as its viewer sees it: `is_own` to the sharer."""

    question: RefinementRecord
    is_own: bool
    floor: str
    area: str
    bay: str


_SELECT = (
    SELECT_REFINEMENTS.replace(
        " FROM refinement_request q",
        ", v.floor AS basic_floor, v.area AS basic_area, v.bay AS basic_bay,"
        " p.person_id AS sharer_id FROM refinement_request q",
    )
    + " JOIN parking_position p ON p.id = q.position_id"
    " JOIN position_version v ON v.position_id = q.position_id AND v.number = q.asked_number"
    " LEFT JOIN reservation r ON r.id = p.reservation_id"
    " LEFT JOIN place l ON l.id = q.place_id"
)
_IS_HERE = f"p.state = 'ACTIVE' AND (r.id IS NULL OR r.state NOT IN {OVER})"
_IS_UNMOVED = """p.place_id = q.place_id AND NOT EXISTS (
 SELECT 1 FROM position_version m WHERE m.position_id = q.position_id
    AND m.number > q.asked_number AND m.kind = 'MOVED')"""


async def questions_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SeenQuestion]:
    """Those of these that the viewer may see."""
    where = Conditions(database())
    where.add(f"q.id {where.any_of(ids)}")
    return {each.question.id: each for each in await _read(viewer, where, "")}


async def questions_of(
    viewer: Viewer, position_ids: Sequence[int]
) -> Mapping[int, list[SeenQuestion]]:
    """All that was asked about each of these positions, the oldest first; for their sharer only."""
    where = Conditions(database())
    where.add(f"q.position_id {where.any_of(position_ids)}")
    where.add(f"p.person_id = {where.argument(signed_in(viewer) or 0)}")
    found: dict[int, list[SeenQuestion]] = {position_id: [] for position_id in position_ids}
    for each in await _read(viewer, where, " ORDER BY q.id"):
        found[each.question.position_id].append(each)
    return found


async def queue_of(
    viewer: Viewer, place_id: int, states: Sequence[RefinementState] = LIVE_QUESTIONS
) -> list[SeenQuestion]:
    """The questions to the attendants of a place, the oldest first; none for who may not answer."""
    where = Conditions(database())
    where.add(f"q.place_id = {where.argument(place_id)}")
    where.add(f"q.state {where.any_of([each.value for each in states])}")
    where.add(_staff(viewer, where))
    return await _read(viewer, where, f" ORDER BY q.id LIMIT {QUEUE_MAX}")


async def tends(viewer: Viewer, place_id: int) -> bool:
    """Whether the viewer answers the questions of a place."""
    row = await database().fetch_one("SELECT organisation_id FROM place WHERE id = $1", place_id)
    return row is not None and may_refine(viewer, row["organisation_id"])


async def _read(viewer: Viewer, where: Conditions, rest: str) -> list[SeenQuestion]:
    person_id = signed_in(viewer)
    if person_id is None:
        return []
    own = f"p.person_id = {where.argument(person_id)}"
    where.add(f"{own} OR ({_staff(viewer, where)})")
    rows = await database().fetch(f"{_SELECT} WHERE {where}{rest}", *where.arguments)
    return [
        SeenQuestion(
            refinement_record(row), row["sharer_id"] == person_id,
            row["basic_floor"], row["basic_area"], row["basic_bay"],
        )
        for row in rows
    ]  # fmt: skip


def _staff(viewer: Viewer, where: Conditions) -> str:
    """What the staff of a place sees (`rules.may_refine`), for the database."""
    mine = sorted(each for each in viewer.roles if may_refine(viewer, each))
    if not mine:
        return "1 = 0"
    attendant = where.argument(Terminal.ATTENDANT.value)
    return (
        f"q.terminal = {attendant} AND l.organisation_id {where.any_of(mine)} AND {_IS_HERE}"
        f" AND q.state <> 'CANCELLED' AND {_IS_UNMOVED}"
    )


async def answers_of(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, PositionVersionRecord]:
    """The version that the newest answer to each of these became; for their sharer only."""
    sql = database()
    rows = await sql.fetch(
        SELECT_VERSIONS.replace(" FROM ", ", q.id AS question_id FROM ", 1)
        + " JOIN refinement_request q ON q.position_id = v.position_id"
        " AND q.answer_number = v.number JOIN parking_position p ON p.id = q.position_id"
        f" WHERE q.id {sql.any_of('$1')} AND p.person_id = $2",
        list(ids),
        signed_in(viewer) or 0,
    )
    return {row["question_id"]: version_record(row) for row in rows}
