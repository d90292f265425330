"""Reading vehicles and proofs: what a viewer may see, and what rights ask of the database.

Batch readers take many ids and answer with a mapping, in one statement; lists go on after an id.
"""

from collections.abc import Mapping, Sequence

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.conditions import Conditions
from parking.storage.sql import Sql, database
from parking.vehicles.models import ProofState
from parking.vehicles.records import (
    SELECT_ENROLMENTS,
    SELECT_PROOFS,
    EnrolmentRecord,
    ProofRecord,
    enrolment_record,
    proof_record,
)
from parking.vehicles.rules import may_see_enrolment, may_see_proof, require_decider


async def enrolments_of_person(
    viewer: Viewer, *, limit: int, after: int = 0
) -> list[EnrolmentRecord]:
    """At most `limit` of the viewer's own vehicles with an id above `after`, oldest first; none
    for an API key. Who gave a vehicle code sees that one."""
    if viewer.person_id is None:
        return []
    rows = await database().fetch(
        f"{SELECT_ENROLMENTS} WHERE e.person_id = $1 AND e.id > $2 AND e.removed_at IS NULL"
        " ORDER BY e.id LIMIT $3",
        viewer.person_id,
        after,
        limit,
    )
    found = map(enrolment_record, rows)
    return [each for each in found if may_see_enrolment(viewer, each)]


async def enrolments_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, EnrolmentRecord]:
    """Those of the enrolments that the viewer may see, removed ones too."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_ENROLMENTS} WHERE e.id {sql.any_of('$1')}", list(ids))
    found = {row["id"]: enrolment_record(row) for row in rows}
    return {key: each for key, each in found.items() if may_see_enrolment(viewer, each)}


async def enrolment_by_id(viewer: Viewer, enrolment_id: int) -> EnrolmentRecord:
    """The viewer's own vehicle, in use. Raises NotFound."""
    found = (await enrolments_by_id(viewer, [enrolment_id])).get(enrolment_id)
    if found is None or not found.is_live:
        raise NotFound("there is no such vehicle")
    return found


async def enrolments_of_plate(sql: Sql, plate: str) -> list[EnrolmentRecord]:
    """All live enrolments of a plate (normalised), of every country and driver, oldest first.

    For the domain only: no answer may tell anybody how many there are.
    """
    rows = await sql.fetch(
        f"{SELECT_ENROLMENTS} WHERE v.plate = $1 AND e.removed_at IS NULL ORDER BY e.id", plate
    )
    return [enrolment_record(row) for row in rows]


async def is_proven(sql: Sql, enrolment_id: int, operator_id: int) -> bool:
    """Whether the operator has approved that this driver speaks for the vehicle."""
    return bool(await proven_of(sql, [enrolment_id], operator_id))


async def proven_of(sql: Sql, enrolment_ids: Sequence[int], operator_id: int) -> set[int]:
    """Those of the enrolments whose drivers speak for the vehicle, as the operator has approved.
    Anybody may enrol any plate, so this is asked in one statement, however many have."""
    rows = await sql.fetch(
        f"SELECT enrolment_id FROM vehicle_proof WHERE enrolment_id {sql.any_of('$1')}"
        " AND organisation_id = $2 AND state = 'APPROVED'",
        list(enrolment_ids),
        operator_id,
    )
    return {row["enrolment_id"] for row in rows}


async def proofs_by_id(
    viewer: Viewer, ids: Sequence[int], sql: Sql | None = None
) -> Mapping[int, ProofRecord]:
    """Those of the proofs that the viewer may see."""
    sql = sql or database()
    rows = await sql.fetch(f"{SELECT_PROOFS} WHERE f.id {sql.any_of('$1')}", list(ids))
    found = {row["id"]: proof_record(row) for row in rows}
    return {key: each for key, each in found.items() if may_see_proof(viewer, each)}


async def proofs_of_enrolments(
    viewer: Viewer, enrolment_ids: Sequence[int]
) -> Mapping[int, list[ProofRecord]]:
    """All proofs of each of these vehicles that the viewer may see, newest first."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_PROOFS} WHERE f.enrolment_id {sql.any_of('$1')} ORDER BY f.id DESC",
        list(enrolment_ids),
    )
    found: dict[int, list[ProofRecord]] = {}
    for proof in map(proof_record, rows):
        if may_see_proof(viewer, proof):
            found.setdefault(proof.enrolment_id, []).append(proof)
    return found


async def proofs_of_organisation(
    viewer: Viewer,
    organisation_id: int,
    states: Sequence[ProofState] | None = None,
    *,
    limit: int,
    after: int = 0,
) -> list[ProofRecord]:
    """At most `limit` proofs that an operator was asked for, with an id above `after`, oldest
    first; REQUESTED alone is its queue. Raises NotFound and NotPermitted."""
    require_decider(viewer, organisation_id)
    sql = database()
    where = Conditions(sql)
    where.add(f"f.organisation_id = {where.argument(organisation_id)}")
    where.add(f"f.id > {where.argument(after)}")
    if states is not None:
        where.add(f"f.state {where.any_of([state.value for state in states])}")
    rows = await sql.fetch(
        f"{SELECT_PROOFS} WHERE {where} ORDER BY f.id LIMIT {where.argument(limit)}",
        *where.arguments,
    )
    return [proof_record(row) for row in rows]
