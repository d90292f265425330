"""Who may see and change vehicles, and what becomes of a proof. Pure.

A vehicle belongs to nobody; an enrolment is its driver's alone. Whoever gives its vehicle code may
use what hangs on it, and change nothing of it. An operator sees only whom a driver has shown it.
"""

from collections.abc import Mapping

from parking.accounts.models import Role
from parking.accounts.rules import acts_in, require_person
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.vehicles.models import ProofState
from parking.vehicles.records import EnrolmentRecord, ProofRecord

PROOF_FOLLOWING: Mapping[ProofState, frozenset[ProofState]] = {
    ProofState.REQUESTED: frozenset({ProofState.APPROVED, ProofState.DECLINED, ProofState.REVOKED}),
    ProofState.APPROVED: frozenset({ProofState.REVOKED}),
    ProofState.DECLINED: frozenset(),
    ProofState.REVOKED: frozenset(),
}
"""Which states a proof can go to; a new one is asked for after the end of another."""


def is_driver(viewer: Viewer, person_id: int, enrolment_id: int) -> bool:
    """Whether the enrolment is the viewer's own: signed in, or by its vehicle code."""
    if viewer.person_id != person_id or viewer.link_of is not None:
        return False
    return viewer.enrolment_of in {None, enrolment_id}


def may_see_enrolment(viewer: Viewer, enrolment: EnrolmentRecord) -> bool:
    """Its driver alone: whoever else drives the vehicle has an enrolment of their own."""
    return viewer.is_system or is_driver(viewer, enrolment.person_id, enrolment.id)


def may_decide(viewer: Viewer, organisation_id: int) -> bool:
    """See who asked an operator, and decide: its OPERATORs, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(organisation_id, Role.OPERATOR)


def may_see_proof(viewer: Viewer, proof: ProofRecord) -> bool:
    """The driver and the operator that was asked."""
    if may_decide(viewer, proof.organisation_id):
        return True
    return is_driver(viewer, proof.person_id, proof.enrolment_id)


def may_decide_proof(viewer: Viewer, proof: ProofRecord) -> bool:
    """Approve and decline: the operator that was asked."""
    return may_decide(viewer, proof.organisation_id)


def may_revoke_proof(viewer: Viewer, proof: ProofRecord) -> bool:
    """The operator takes it back; the driver may give it up."""
    if may_decide(viewer, proof.organisation_id):
        return True
    return not viewer.is_stand_in and viewer.person_id == proof.person_id


def require_driver(viewer: Viewer) -> int:
    """The person's id. Raises `Unauthenticated`, and `NotPermitted` for an API key and for whoever
    has a link or a vehicle code only."""
    person_id = require_person(viewer)
    if viewer.is_stand_in:
        raise NotPermitted("this is for the driver; sign in first")
    return person_id


def require_decider(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for an organisation in which the viewer is nobody, else `NotPermitted`."""
    if may_decide(viewer, organisation_id):
        return
    if not acts_in(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    raise NotPermitted("only an OPERATOR of the organisation may do this")


def require_proof_following(state: ProofState, wanted: ProofState) -> None:
    """Raises `Conflict` with the code `WRONG_STATE`."""
    if wanted not in PROOF_FOLLOWING[state]:
        may = ", ".join(sorted(PROOF_FOLLOWING[state])) or "nothing else; ask for a new one"
        raise Conflict(f"the proof is {state}; it can become {may}", code="WRONG_STATE")
