"""The state machine, who may, what is claimed when: tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.occupancy.models import Claim
from parking.reservations.models import Party, ReservationState
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import (
    LIVE,
    MACHINE,
    Side,
    Step,
    claim_due,
    has_lapsed,
    is_missed,
    may_take,
    next_state,
    party,
    require_may,
    sides,
    strongest,
)

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DRIVER, LESSOR, PLACE = 7, 20, 30
STATES = {
    "R": ReservationState.REQUESTED, "P": ReservationState.PENDING_PAYMENT,
    "C": ReservationState.CONFIRMED, "A": ReservationState.ACTIVE,
    "D": ReservationState.COMPLETED, "X": ReservationState.CANCELLED,
    "E": ReservationState.EXPIRED, "N": ReservationState.NO_SHOW,
}  # fmt: skip
TABLE = {
    #                  R    P    C    A    D    X    E    N
    Step.ACCEPT:     " P    -    -    -    -    -    -    -",
    Step.DECLINE:    " X    -    -    -    -    -    -    -",
    Step.CONFIRM:    " -    C    -    -    -    -    -    -",
    Step.EXTEND:     " -    -    C    A    -    -    -    -",
    Step.MOVE:       " R    P    C    A    -    -    -    -",
    Step.RENEW_LINK: " R    P    C    A    -    -    -    -",
    Step.CANCEL:     " X    X    X    -    -    -    -    -",
    Step.LAPSE:      " E    E    -    -    -    -    -    -",
    Step.MISS:       " -    -    N    -    -    -    -    -",
    Step.BEGIN:      " -    -    A    -    -    -    -    -",
    Step.END:        " -    -    -    D    -    -    -    -",
    Step.OVERSTAY:   " -    -    -    A    -    -    -    -",
    Step.BLOCK:      " R    P    C    -    -    -    -    -",
    Step.OVERSTAY:   " -    -    -    A    -    -    -    -",
    Step.BLOCK:      " R    P    C    -    -    -    -    -",
}  # fmt: skip


def booking(state: str = "C", **values: Any) -> ReservationRecord:
    """A booking of `[NOW + 1 h, NOW + 3 h)`."""
    given: dict[str, Any] = dict.fromkeys(ReservationRecord._fields)
    given |= {
        "id": 1, "state": STATES[state], "person_id": DRIVER, "organisation_id": LESSOR,
        "operator_id": PLACE, "starts_at": NOW + timedelta(hours=1),
        "ends_at": NOW + timedelta(hours=3),
    }  # fmt: skip
    return ReservationRecord(**(given | values))


def test_the_machine_is_the_table() -> None:
    assert set(TABLE) == set(MACHINE)
    for step, row in TABLE.items():
        for state, following in zip(STATES.values(), row.split(), strict=True):
            if following == "-":
                with pytest.raises(Conflict, match=f"is {state}") as refused:
                    next_state(step, state)
                assert refused.value.code == "WRONG_STATE"
            else:
                assert next_state(step, state) is STATES[following]


def test_only_live_states_lead_anywhere() -> None:
    assert {state for steps in MACHINE.values() for state in steps} == LIVE


PEOPLE = {
    "driver": Viewer(person_id=DRIVER),
    "owner": Viewer(person_id=2, roles={LESSOR: frozenset({Role.OWNER})}),
    "lessor": Viewer(person_id=3, roles={LESSOR: frozenset({Role.OPERATOR})}),
    "operator": Viewer(person_id=4, roles={PLACE: frozenset({Role.OPERATOR})}),
    "attendant": Viewer(person_id=5, roles={PLACE: frozenset({Role.ATTENDANT})}),
    "merchant": Viewer(person_id=6, roles={PLACE: frozenset({Role.MERCHANT})}),
    "lessor's attendant": Viewer(person_id=8, roles={LESSOR: frozenset({Role.ATTENDANT})}),
    "stranger": Viewer(person_id=9, roles={99: frozenset({Role.OPERATOR})}),
    "key": Viewer(api_key_id=1, roles={PLACE: frozenset()}),
    "nobody": ANONYMOUS,
    "system": SYSTEM,
}
SIDES = {
    "driver": {Side.DRIVER}, "owner": {Side.OWNER}, "lessor": {Side.OWNER},
    "operator": {Side.OPERATOR}, "attendant": {Side.ATTENDANT}, "system": {Side.SYSTEM},
}  # fmt: skip
MAY = {
    Step.ACCEPT: "owner lessor",
    Step.DECLINE: "owner lessor",
    Step.CONFIRM: "driver",
    Step.EXTEND: "driver",
    Step.RENEW_LINK: "driver",
    Step.CANCEL: "driver owner lessor operator",
    Step.MOVE: "owner lessor operator attendant",
    Step.MISS: "",
    Step.BEGIN: "operator attendant",
    Step.END: "operator attendant",
    Step.LAPSE: "",
    Step.OVERSTAY: "",
    Step.BLOCK: "",
}


@pytest.mark.parametrize("name", PEOPLE)
def test_what_somebody_is_to_a_booking(name: str) -> None:
    assert sides(PEOPLE[name], booking()) == SIDES.get(name, set())


@pytest.mark.parametrize("step", MAY)
def test_who_may_take_a_step(step: Step) -> None:
    may = {name for name, viewer in PEOPLE.items() if may_take(step, viewer, booking())}
    assert may == {*MAY[step].split(), "system"}


def test_denied_looks_like_missing() -> None:
    with pytest.raises(NotFound):
        require_may(Step.CANCEL, PEOPLE["stranger"], booking())
    with pytest.raises(NotPermitted, match="DRIVER, OPERATOR, OWNER"):
        require_may(Step.CANCEL, PEOPLE["attendant"], booking())


def test_a_driver_who_is_staff_too_cancels_as_the_driver() -> None:
    both = Viewer(person_id=DRIVER, roles={LESSOR: frozenset({Role.OWNER})})
    assert party(both, booking()) is Party.DRIVER
    assert party(PEOPLE["owner"], booking()) is Party.OWNER
    assert party(PEOPLE["attendant"], booking()) is Party.OPERATOR
    assert party(SYSTEM, booking()) is Party.SYSTEM


@pytest.mark.parametrize(
    ("state", "minutes", "shown"),
    [
        ("C", 49, Claim.NONE),
        ("C", 50, Claim.RESERVED),
        ("C", 179, Claim.RESERVED),
        ("C", 180, Claim.NONE),
        ("R", 50, Claim.HELD),
        ("P", 60, Claim.HELD),
        ("A", 10, Claim.RESERVED),
        ("A", 500, Claim.RESERVED),
        ("D", 100, Claim.NONE),
        ("X", 100, Claim.NONE),
        ("E", 100, Claim.NONE),
        ("N", 100, Claim.NONE),
    ],
)
def test_what_a_booking_shows_on_its_space(state: str, minutes: int, shown: Claim) -> None:
    hold = NOW + timedelta(hours=2) if state in "RP" else None
    at = NOW + timedelta(minutes=minutes)
    assert claim_due(booking(state, hold_until=hold), at) is shown


def test_a_lapsed_hold_shows_nothing() -> None:
    until = NOW + timedelta(hours=2)
    waiting = booking("P", hold_until=until)
    assert not has_lapsed(waiting, until - timedelta(microseconds=1))
    assert has_lapsed(waiting, until)
    assert claim_due(waiting, until) is Claim.NONE
    assert not has_lapsed(booking("C", hold_until=until), until)


def test_the_strongest_claim_is_shown() -> None:
    assert strongest([Claim.NONE, Claim.HELD, Claim.RESERVED]) is Claim.RESERVED
    assert strongest([Claim.NONE, Claim.HELD]) is Claim.HELD
    assert strongest([]) is Claim.NONE


@pytest.mark.parametrize(
    ("state", "grace", "minutes", "missed"),
    [("C", 30, 89, False), ("C", 30, 90, True), ("C", 500, 179, False), ("C", 500, 180, True),
     ("A", 30, 500, False), ("P", 30, 500, False)],
)  # fmt: skip
def test_when_nobody_came(state: str, grace: int, minutes: int, missed: bool) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert is_missed(booking(state), timedelta(minutes=grace), at) is missed
