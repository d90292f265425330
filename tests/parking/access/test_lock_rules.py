"""The pure rules of locks, as tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from parking.access.models import CommandCause, CommandState, LockTarget
from parking.access.rules import (
    ANSWER_MAX,
    EARLY_MARGIN,
    EXPIRIES,
    LIVE,
    PERSON_FRESH,
    STEPS,
    Bay,
    Claimant,
    Stand,
    cause_for,
    holds_now,
    is_known_free,
    may_step,
    may_use,
    outcome_of,
)
from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import NotPermitted
from parking.occupancy.models import LockState, Occupancy, Source
from parking.reservations.models import ReservationState

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLACE, LESSOR, DRIVER = 1, 2, 7


def test_a_final_state_has_no_step_left() -> None:
    final = {CommandState.DONE, CommandState.FAILED, CommandState.EXPIRED, CommandState.SUPERSEDED}
    assert set(CommandState) - LIVE == final
    assert all(not may_step(before, after) for before in final for after in CommandState)


def test_steps_only_lead_forward() -> None:
    order = list(CommandState)
    for before, following in STEPS.items():
        assert all(order.index(after) > order.index(before) for after in following)
    assert not may_step(CommandState.QUEUED, CommandState.DONE)
    assert not may_step(CommandState.QUEUED, CommandState.ACCEPTED)


def test_somebody_who_waits_gets_a_minute_and_maintenance_a_day() -> None:
    assert EXPIRIES[CommandCause.CREDENTIAL] == timedelta(seconds=60)
    assert EXPIRIES[CommandCause.REPAIR] == timedelta(hours=24)
    assert set(EXPIRIES) == set(CommandCause)
    assert timedelta(seconds=93) == ANSWER_MAX


def stand(occupancy: Occupancy, source: Source = Source.DEVICE, **ages: float) -> Stand:
    return Stand(
        occupancy,
        source,
        NOW - timedelta(seconds=ages.get("observed", 0)),
        NOW - timedelta(seconds=ages["heard"]) if "heard" in ages else None,
        3600 if source is Source.DEVICE else None,
    )


@pytest.mark.parametrize(
    ("seen", "is_free"),
    [
        (stand(Occupancy.FREE), True),
        (stand(Occupancy.OCCUPIED), False),
        (stand(Occupancy.UNKNOWN), False),
        (stand(Occupancy.FREE, observed=3600), True),
        (stand(Occupancy.FREE, observed=3601), False),
        # It said so long ago, and has given signs of life since.
        (stand(Occupancy.FREE, observed=90_000, heard=10), True),
        (stand(Occupancy.FREE, observed=90_000, heard=3601), False),
        (stand(Occupancy.FREE, Source.PERSON, observed=PERSON_FRESH.total_seconds()), True),
        (stand(Occupancy.FREE, Source.PERSON, observed=PERSON_FRESH.total_seconds() + 1), False),
        (stand(Occupancy.FREE, Source.STALENESS), False),
        (stand(Occupancy.FREE, Source.NONE), False),
        (Stand(Occupancy.FREE, Source.DEVICE, None), False),
    ],
)
def test_an_arm_rises_only_where_it_is_freshly_known_that_no_car_stands(
    seen: Stand, is_free: bool
) -> None:
    assert is_known_free(seen, NOW) is is_free


def claimant(
    state: ReservationState = ReservationState.CONFIRMED,
    starts: timedelta = timedelta(0),
    ends: timedelta = timedelta(hours=1),
    person_id: int = DRIVER,
) -> Claimant:
    return Claimant(3, 11, person_id, LESSOR, state, NOW + starts, NOW + ends)


@pytest.mark.parametrize(
    ("held", "holds"),
    [
        (claimant(), True),
        (claimant(starts=EARLY_MARGIN), True),
        (claimant(starts=EARLY_MARGIN + SECOND), False),
        (claimant(starts=-timedelta(hours=2), ends=SECOND), True),
        (claimant(starts=-timedelta(hours=2), ends=timedelta(0)), False),
        # Who stays too long is still let out, and in, until the stay is ended.
        (claimant(ReservationState.ACTIVE, -timedelta(hours=9), -timedelta(hours=3)), True),
        *[
            (claimant(state), False)
            for state in ReservationState
            if state not in (ReservationState.CONFIRMED, ReservationState.ACTIVE)
        ],
    ],
)
def test_a_reservation_holds_in_its_window_and_a_little_around(held: Claimant, holds: bool) -> None:
    assert holds_now(held, NOW) is holds


EARLY = claimant(starts=EARLY_MARGIN)
BEFORE = replace(claimant(starts=-timedelta(hours=1), ends=timedelta(minutes=15)), reservation_id=4)
CONFIRMED, ACTIVE = ReservationState.CONFIRMED, ReservationState.ACTIVE


@pytest.mark.parametrize(
    ("held", "others", "may"),
    [
        (EARLY, [], True),
        (EARLY, [EARLY], True),
        (EARLY, [BEFORE, EARLY], False),
        (EARLY, [replace(BEFORE, ends_at=NOW + SECOND)], False),
        (EARLY, [replace(BEFORE, ends_at=NOW)], True),
        (EARLY, [replace(BEFORE, ends_at=NOW, state=ACTIVE)], False),
        (EARLY, [replace(BEFORE, state=ReservationState.NO_SHOW)], True),
        (EARLY, [replace(BEFORE, starts_at=NOW + SECOND)], True),
        # In one's own window the bay is one's own, whoever stays too long.
        (claimant(), [replace(BEFORE, ends_at=NOW, state=ACTIVE)], True),
        (claimant(starts=EARLY_MARGIN + SECOND), [], False),
    ],
)
def test_early_a_holder_may_only_where_nobody_elses_window_is_on(
    held: Claimant, others: list[Claimant], may: bool
) -> None:
    assert may_use(held, others, NOW) is may


def person(person_id: int = 50, **roles: int) -> Viewer:
    return Viewer(person_id, roles={o: frozenset({Role(r)}) for r, o in roles.items()})


FREE_BAY = Bay(PLACE, frozenset({LESSOR}), None)
HELD_BAY = Bay(PLACE, frozenset({LESSOR}), claimant())
EARLY_BAY = Bay(PLACE, frozenset({LESSOR}), claimant(starts=EARLY_MARGIN + SECOND))
KEY = Viewer(api_key_id=1, roles={PLACE: frozenset()}, scopes=frozenset({Scope.DEVICES_WRITE}))


@pytest.mark.parametrize(
    ("viewer", "bay", "cause"),
    [
        (person(DRIVER), HELD_BAY, CommandCause.HOLDER),
        (person(DRIVER), EARLY_BAY, None),
        (person(DRIVER), FREE_BAY, None),
        (person(), HELD_BAY, None),
        (person(OWNER=LESSOR), FREE_BAY, CommandCause.OWNER),
        (person(OPERATOR=LESSOR), FREE_BAY, CommandCause.OWNER),
        (person(ATTENDANT=LESSOR), FREE_BAY, None),
        (person(OWNER=LESSOR), HELD_BAY, None),
        (person(OWNER=LESSOR), EARLY_BAY, CommandCause.OWNER),
        (person(OWNER=99), FREE_BAY, None),
        (person(OPERATOR=PLACE), HELD_BAY, CommandCause.OPERATOR),
        (person(ATTENDANT=PLACE), FREE_BAY, CommandCause.OPERATOR),
        (person(MERCHANT=PLACE), FREE_BAY, None),
        (KEY, HELD_BAY, CommandCause.OPERATOR),
        (SYSTEM, HELD_BAY, CommandCause.OPERATOR),
        (ANONYMOUS, FREE_BAY, None),
        (ANONYMOUS, HELD_BAY, None),
    ],
)
def test_who_may_move_an_arm(viewer: Viewer, bay: Bay, cause: CommandCause | None) -> None:
    if cause is None:
        with pytest.raises(NotPermitted):
            cause_for(viewer, bay, NOW)
    else:
        assert cause_for(viewer, bay, NOW) is cause


@pytest.mark.parametrize(
    ("target", "measured", "outcome"),
    [
        (LockTarget.LOWERED, LockState.LOWERED, (CommandState.DONE, "")),
        (LockTarget.RAISED, LockState.RAISED, (CommandState.DONE, "")),
        (LockTarget.LOWERED, LockState.RAISED, None),
        (LockTarget.RAISED, LockState.LOWERED, None),
        (LockTarget.RAISED, LockState.MOVING, (CommandState.ACCEPTED, "")),
        (LockTarget.RAISED, LockState.OBSTRUCTED, (CommandState.FAILED, "OBSTRUCTED")),
        (LockTarget.LOWERED, LockState.FORCED, (CommandState.FAILED, "FORCED")),
        (LockTarget.LOWERED, LockState.FAULT, (CommandState.FAILED, "FAULT")),
        (LockTarget.LOWERED, LockState.UNKNOWN, None),
    ],
)
def test_what_a_measured_state_says_of_a_command(
    target: LockTarget, measured: LockState, outcome: tuple[CommandState, str] | None
) -> None:
    assert outcome_of(target, measured) == outcome
