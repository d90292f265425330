"""Who sees a position by which binding: tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    PositionState,
)
from parking.locations.records import BindingRecord, PositionRecord
from parking.locations.rules import may_refine, may_see_position, shows

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHARER, RECEIVER = 1, 2

POSITION = PositionRecord(
    id=7, person_id=SHARER, reservation_id=None, booked_space_id=None, place_id=None, title="",
    state=PositionState.ACTIVE, version=1, change=1, created_at=NOW, changed_at=NOW, ended_at=None,
)  # fmt: skip
BINDING = BindingRecord(
    id=3, sharer_id=SHARER, receiver_id=RECEIVER, state=BindingState.ACTIVE,
    scope=BindingScope.ALWAYS, position_id=None, until=None, asked_by=BindingSide.SHARER,
    way=InvitationWay.LINK, phone="", sharer_name="", receiver_name="", locale="en", asked_at=NOW,
    answer_until=NOW, answered_at=NOW, ended_at=None, ended_by="", version=1,
)  # fmt: skip
ONE_STAY = BINDING._replace(scope=BindingScope.ONE_STAY, position_id=7)
UNTIL = BINDING._replace(scope=BindingScope.UNTIL, until=NOW)


@pytest.mark.parametrize("position", PositionState)
@pytest.mark.parametrize("state", BindingState)
@pytest.mark.parametrize(
    ("binding", "holds"),
    [
        (BINDING, True),
        (BINDING._replace(sharer_id=9), False),
        (ONE_STAY, True),
        (ONE_STAY._replace(position_id=8), False),
        (UNTIL, False),
        (UNTIL._replace(until=NOW + SECOND), True),
        (UNTIL._replace(until=NOW - SECOND), False),
    ],
)
def test_a_binding_shows_what_both_agreed_to_while_the_car_is_there(
    binding: BindingRecord, holds: bool, state: BindingState, position: PositionState
) -> None:
    wanted = holds and state is BindingState.ACTIVE and position is PositionState.ACTIVE
    bound, seen = binding._replace(state=state), POSITION._replace(state=position)
    assert shows(bound, seen, NOW) is wanted
    receiver = Viewer(person_id=RECEIVER)
    assert may_see_position(receiver, seen, [bound], NOW) is wanted
    assert may_see_position(Viewer(person_id=SHARER), seen, [bound], NOW)
    assert not may_see_position(Viewer(person_id=5), seen, [bound], NOW)


SHARED = [BINDING]
OFFICE = {4: frozenset({Role.OPERATOR, Role.ATTENDANT, Role.PLATFORM})}


@pytest.mark.parametrize(
    "viewer",
    [
        ANONYMOUS,
        SYSTEM,
        Viewer(api_key_id=1, roles={4: frozenset()}, scopes=frozenset({"places:write"})),
        Viewer(hook_id=1),
        Viewer(person_id=5, roles=OFFICE),
        replace(Viewer(person_id=SHARER), link_of=12),
        replace(Viewer(person_id=SHARER), enrolment_of=12),
        replace(Viewer(person_id=RECEIVER), link_of=12),
    ],
)
def test_nobody_else_sees_it(viewer: Viewer) -> None:
    assert not may_see_position(viewer, POSITION, SHARED, NOW)


@pytest.mark.parametrize(
    ("viewer", "wanted"),
    [
        (Viewer(person_id=5, roles={4: frozenset({Role.OPERATOR})}), True),
        (Viewer(person_id=5, roles={4: frozenset({Role.ATTENDANT})}), True),
        (Viewer(person_id=5, roles={4: frozenset({Role.MERCHANT, Role.OWNER})}), False),
        (Viewer(person_id=5, roles={5: frozenset({Role.OPERATOR})}), False),
        (Viewer(person_id=5, link_of=1, roles={4: frozenset({Role.OPERATOR})}), False),
        (Viewer(api_key_id=5, roles={4: frozenset()}, scopes=frozenset({"places:write"})), False),
        (SYSTEM, False),
        (ANONYMOUS, False),
    ],
)
def test_who_answers_for_a_place(viewer: Viewer, wanted: bool) -> None:
    assert may_refine(viewer, 4) is wanted
