"""Who may do what with an organisation, as tables."""

import pytest

from parking.accounts.models import Role
from parking.accounts.rules import (
    acts_in,
    keeps_an_operator,
    may,
    may_manage,
    may_remove,
    require_manager,
    require_person,
)
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import NotFound, NotPermitted, Unauthenticated

OURS, THEIRS = 1, 2
OPERATOR = Viewer(person_id=1, roles={OURS: frozenset({Role.OPERATOR})})
ATTENDANT = Viewer(person_id=2, roles={OURS: frozenset({Role.ATTENDANT})})
DRIVER = Viewer(person_id=3)
KEY = Viewer(api_key_id=1, roles={OURS: frozenset()}, scopes=frozenset({"places:write"}))


@pytest.mark.parametrize(
    ("viewer", "organisation_id", "belongs", "operates", "manages"),
    [
        (ANONYMOUS, OURS, False, False, False),
        (DRIVER, OURS, False, False, False),
        (ATTENDANT, OURS, True, False, False),
        (OPERATOR, OURS, True, True, True),
        (OPERATOR, THEIRS, False, False, False),
        (KEY, OURS, True, True, False),
        (KEY, THEIRS, False, False, False),
        (SYSTEM, THEIRS, True, True, True),
    ],
)
def test_who_may_do_what(
    viewer: Viewer, organisation_id: int, belongs: bool, operates: bool, manages: bool
) -> None:
    assert acts_in(viewer, organisation_id) is belongs
    assert may(viewer, organisation_id, [Role.OPERATOR], "places:write") is operates
    assert may_manage(viewer, organisation_id) is manages


def test_a_key_does_only_what_its_scopes_name() -> None:
    assert not may(KEY, OURS, list(Role), "devices:write")


def test_a_key_given_a_role_by_mistake_still_has_only_its_scopes() -> None:
    key = Viewer(api_key_id=1, roles={OURS: frozenset({Role.OPERATOR})})
    assert not may(key, OURS, [Role.OPERATOR], "places:write")
    assert not may_manage(key, OURS)


@pytest.mark.parametrize(
    ("viewer", "person_id", "allowed"),
    [(OPERATOR, 2, True), (ATTENDANT, 2, True), (ATTENDANT, 1, False), (KEY, 2, False)],
)
def test_a_member_is_removed_by_an_operator_or_leaves(
    viewer: Viewer, person_id: int, allowed: bool
) -> None:
    assert may_remove(viewer, OURS, person_id) is allowed


@pytest.mark.parametrize(
    ("members", "person_id", "role", "kept"),
    [
        ([(1, Role.OPERATOR)], 1, Role.OPERATOR, False),
        ([(1, Role.OPERATOR)], 1, None, False),
        ([(1, Role.OPERATOR), (1, Role.OWNER)], 1, Role.OWNER, True),
        ([(1, Role.OPERATOR), (2, Role.ATTENDANT)], 1, None, False),
        ([(1, Role.OPERATOR), (2, Role.OPERATOR)], 1, None, True),
        ([(1, Role.OPERATOR), (2, Role.ATTENDANT)], 2, None, True),
        ([], 1, None, False),
    ],
)
def test_an_operator_is_left(
    members: list[tuple[int, Role]], person_id: int, role: Role | None, kept: bool
) -> None:
    assert keeps_an_operator(members, person_id, role) is kept


def test_denied_looks_like_missing_to_strangers_only() -> None:
    with pytest.raises(NotFound):
        require_manager(OPERATOR, THEIRS)
    with pytest.raises(NotPermitted):
        require_manager(ATTENDANT, OURS)


@pytest.mark.parametrize(("viewer", "refusal"), [(ANONYMOUS, Unauthenticated), (KEY, NotPermitted)])
def test_what_needs_a_person_says_so(viewer: Viewer, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        require_person(viewer)
