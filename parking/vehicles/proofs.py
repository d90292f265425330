"""Proof that a driver may speak for a vehicle: the driver asks, the operator of a place decides.

A proof is with the operator, for all its places. Every verb raises NotFound (also for what the
viewer may not know of) and NotPermitted, and does nothing where it is done already.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from parking.accounts.attempts import take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.places.queries import place_by_id
from parking.places.rules import checked_text
from parking.storage.faults import Contended
from parking.storage.locks import lock_vehicle_proofs
from parking.storage.sql import Sql
from parking.storage.transactions import transaction
from parking.vehicles.limits import (
    PROOFS_AT_ONCE_MAX,
    PROOFS_PER_PERSON,
    REASON_CHARACTERS_MAX,
    REFERENCE_CHARACTERS_MAX,
)
from parking.vehicles.models import ProofState
from parking.vehicles.own import own_enrolment
from parking.vehicles.queries import proofs_by_id
from parking.vehicles.records import ProofRecord
from parking.vehicles.rules import may_decide_proof, may_revoke_proof, require_proof_following


async def request_proof(
    viewer: Viewer, enrolment_id: int, place_id: int, document_reference: str, *, clock: Clock
) -> int:
    """Ask the operator of a place; the proof's id. One that is asked for or approved already stays
    as it is. Raises InvalidInput, TooManyTries and what `own_enrolment` raises."""
    reference = checked_text("document_reference", document_reference, REFERENCE_CHARACTERS_MAX)
    place, at = await place_by_id(viewer, place_id), clock.now()
    async with transaction() as sql:
        enrolment = await own_enrolment(sql, viewer, enrolment_id)
        await take_attempt(sql, PROOFS_PER_PERSON, str(enrolment.person_id), b"", at)
        await sql.execute(
            "INSERT INTO vehicle_proof (enrolment_id, organisation_id, document_reference,"
            " requested_at) VALUES ($1, $2, $3, $4) ON CONFLICT (enrolment_id, organisation_id)"
            " WHERE state IN ('REQUESTED', 'APPROVED') DO NOTHING",
            enrolment_id,
            place.organisation_id,
            reference,
            at,
        )
        asked = await _live(sql, enrolment_id, place.organisation_id)
        subject, operator = f"vehicle_proof:{asked}", place.organisation_id
        await record_audit(sql, viewer, "request_vehicle_proof", subject, operator, {}, at)
    return asked


async def approve_proofs(viewer: Viewer, proof_ids: Sequence[int], *, clock: Clock) -> None:
    """The drivers speak for their vehicles at the operator's places, all or none. For OPERATORs.
    Raises InvalidInput, or Conflict `WRONG_STATE`."""
    await _decide(viewer, proof_ids, ProofState.APPROVED, "", may_decide_proof, clock)


async def decline_proofs(
    viewer: Viewer, proof_ids: Sequence[int], reason: str, *, clock: Clock
) -> None:
    """Refuse, and say why. Raises as `approve_proofs`."""
    await _decide(viewer, proof_ids, ProofState.DECLINED, reason, may_decide_proof, clock)


async def revoke_proofs(
    viewer: Viewer, proof_ids: Sequence[int], reason: str, *, clock: Clock
) -> None:
    """Take back what was approved, as the operator; give it up, as the driver. Raises as
    `approve_proofs`."""
    await _decide(viewer, proof_ids, ProofState.REVOKED, reason, may_revoke_proof, clock)


async def _decide(
    viewer: Viewer,
    proof_ids: Sequence[int],
    state: ProofState,
    reason: str,
    may: Callable[[Viewer, ProofRecord], bool],
    clock: Clock,
) -> None:
    _check_count(proof_ids)
    is_required = state is not ProofState.APPROVED
    why = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=is_required)
    at = clock.now()
    async with transaction() as sql:
        await lock_vehicle_proofs(sql, proof_ids)
        for proof_id in dict.fromkeys(proof_ids):
            await _decide_one(sql, viewer, proof_id, state, why, may, at)


async def _decide_one(
    sql: Sql,
    viewer: Viewer,
    proof_id: int,
    state: ProofState,
    reason: str,
    may: Callable[[Viewer, ProofRecord], bool],
    at: datetime,
) -> None:
    proof = (await proofs_by_id(viewer, [proof_id], sql)).get(proof_id)
    if proof is None:
        raise NotFound("there is no such proof")
    if not may(viewer, proof):
        raise NotPermitted("only an OPERATOR of the organisation that was asked may do this")
    if proof.state is state:
        return
    require_proof_following(proof.state, state)
    await sql.execute(
        "UPDATE vehicle_proof SET state = $2, reason = $3, decided_by = $4, decided_at = $5"
        " WHERE id = $1",
        proof_id,
        state.value,
        reason,
        viewer.person_id,
        at,
    )
    verb, subject = f"vehicle_proof_{state.value.lower()}", f"vehicle_proof:{proof_id}"
    detail = {"reason": reason}
    await record_audit(sql, viewer, verb, subject, proof.organisation_id, detail, at)


async def _live(sql: Sql, enrolment_id: int, organisation_id: int) -> int:
    row = await sql.fetch_one(
        "SELECT id FROM vehicle_proof WHERE enrolment_id = $1 AND organisation_id = $2"
        " AND state IN ('REQUESTED', 'APPROVED')",
        enrolment_id,
        organisation_id,
    )
    if row is None:
        raise Contended("the proof was decided this very moment; run it again")
    return int(row["id"])


def _check_count(ids: Sequence[int]) -> None:
    if not 1 <= len(ids) <= PROOFS_AT_ONCE_MAX:
        message = f"{len(ids)} are given; 1 to {PROOFS_AT_ONCE_MAX} are decided at once"
        raise InvalidInput("proof_ids", message)
