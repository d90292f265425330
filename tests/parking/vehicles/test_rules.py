"""Who may, and what follows what."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import Conflict, NotFound, NotPermitted, Unauthenticated
from parking.vehicles.find import holder_of
from parking.vehicles.models import ProofState
from parking.vehicles.records import EnrolmentRecord, ProofRecord
from parking.vehicles.rules import (
    PROOF_FOLLOWING,
    may_decide_proof,
    may_revoke_proof,
    may_see_enrolment,
    may_see_proof,
    require_decider,
    require_driver,
    require_proof_following,
)
from tests.support.operators import api_key, member

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ENROLMENT = EnrolmentRecord(5, 2, 7, "DE", "BMW1234", "", NOW, 1, NOW, None)
PROOF = ProofRecord(
    9, 5, 40, ProofState.REQUESTED, "Paper", "", NOW, None, None, 7, "Ada", "DE", "BMW1234", "Quay"
)
DRIVER = Viewer(person_id=7)
HOLDER = holder_of(ENROLMENT)
OF_OTHERS = holder_of(ENROLMENT._replace(id=6))
LINK = replace(DRIVER, link_of=3)
OPERATOR, ATTENDANT = member(40, Role.OPERATOR), member(40, Role.ATTENDANT)
ELSEWHERE = member(41, Role.OPERATOR)
EVERYBODY = {
    "anonymous": ANONYMOUS, "system": SYSTEM, "driver": DRIVER, "holder": HOLDER,
    "holder of others": OF_OTHERS, "link": LINK, "operator": OPERATOR, "attendant": ATTENDANT,
    "elsewhere": ELSEWHERE, "key": api_key(40),
}  # fmt: skip


def test_who_may() -> None:
    def who(may: object, thing: object) -> set[str]:
        assert callable(may)
        return {name for name, viewer in EVERYBODY.items() if may(viewer, thing)}

    assert who(may_see_enrolment, ENROLMENT) == {"system", "driver", "holder"}
    assert who(may_see_proof, PROOF) == {"system", "driver", "holder", "operator"}
    assert who(may_decide_proof, PROOF) == {"system", "operator"}
    assert who(may_revoke_proof, PROOF) == {"system", "operator", "driver"}


def test_only_a_signed_in_driver_changes_vehicles() -> None:
    assert require_driver(DRIVER) == 7
    with pytest.raises(Unauthenticated):
        require_driver(ANONYMOUS)
    for viewer in (HOLDER, LINK, api_key(40)):
        with pytest.raises(NotPermitted):
            require_driver(viewer)


def test_a_queue_is_its_operators() -> None:
    require_decider(OPERATOR, 40)
    for viewer in (ATTENDANT, api_key(40)):
        with pytest.raises(NotPermitted):
            require_decider(viewer, 40)
    for viewer in (DRIVER, ELSEWHERE, HOLDER, ANONYMOUS):
        with pytest.raises(NotFound):
            require_decider(viewer, 40)


def test_what_a_proof_can_become() -> None:
    for state in ProofState:
        for wanted in ProofState:
            if wanted in PROOF_FOLLOWING[state]:
                require_proof_following(state, wanted)
            else:
                with pytest.raises(Conflict) as refused:
                    require_proof_following(state, wanted)
                assert refused.value.code == "WRONG_STATE"


def test_whoever_gave_the_code_has_keys_of_their_own() -> None:
    assert (HOLDER.actor, HOLDER.person_id, dict(HOLDER.roles)) == ("vehicle:5", 7, {})
    assert HOLDER.is_stand_in
    assert not DRIVER.is_stand_in
