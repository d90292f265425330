"""Who may issue, run, attend and hold: a table."""

from dataclasses import replace

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.rights.rules import (
    is_holder,
    issuing_organisations,
    may_attend,
    may_contract,
    may_issue,
    may_read_issued,
    may_read_run,
    may_run,
    running_organisations,
)
from tests.support.operators import api_key, member

OURS, OTHERS = 5, 6
_RULES = (may_issue, may_contract, may_run, may_attend, may_read_issued, may_read_run)

TABLE: list[tuple[Viewer, str]] = [
    (member(OURS, Role.OPERATOR), "yes yes yes yes yes yes"),
    (member(OURS, Role.MERCHANT), "yes yes no no yes no"),
    (member(OURS, Role.OWNER), "yes yes no no yes no"),
    (member(OURS, Role.ATTENDANT), "no no no yes no no"),
    (member(OURS, Role.DRIVER), "no no no no no no"),
    (member(OTHERS, Role.OPERATOR, Role.MERCHANT, Role.ATTENDANT), "no no no no no no"),
    (member(OTHERS, Role.PLATFORM), "no no no no yes yes"),
    (api_key(OURS, Scope.RIGHTS_WRITE), "yes no no yes yes yes"),
    (api_key(OURS, Scope.RIGHTS_READ), "no no no no yes yes"),
    (api_key(OURS, Scope.PLACES_WRITE, Scope.DEVICES_WRITE), "no no no no no no"),
    (api_key(OTHERS, Scope.RIGHTS_WRITE), "no no no no no no"),
    (SYSTEM, "yes yes yes yes yes yes"),
    (ANONYMOUS, "no no no no no no"),
]


@pytest.mark.parametrize(("viewer", "wanted"), TABLE, ids=[str(each[0].actor) for each in TABLE])
def test_who_may(viewer: Viewer, wanted: str) -> None:
    assert " ".join("yes" if rule(viewer, OURS) else "no" for rule in _RULES) == wanted
    for rule, organisations in (
        (may_read_issued, issuing_organisations), (may_read_run, running_organisations),
    ):  # fmt: skip
        found = organisations(viewer)
        assert (found is None or OURS in found) == rule(viewer, OURS)


def test_a_right_is_its_drivers_or_whoevers_gave_the_code_of_its_vehicle() -> None:
    driver = Viewer(person_id=1)
    assert is_holder(driver, 1, 9)
    assert is_holder(replace(driver, enrolment_of=9), 1, 9)
    assert not is_holder(replace(driver, enrolment_of=8), 1, 9)
    assert not is_holder(replace(driver, link_of=3), 1, 9)
    for stranger in (Viewer(person_id=2), ANONYMOUS, SYSTEM, api_key(OURS, Scope.RIGHTS_WRITE)):
        assert not is_holder(stranger, 1, 9)
