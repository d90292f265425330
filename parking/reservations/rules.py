"""Pure decisions about bookings: the state machine, who may take which step, what is claimed when.

    REQUESTED ──accept─► PENDING_PAYMENT ──confirm─► CONFIRMED ──begin─► ACTIVE ──end─► COMPLETED
        │ decline, cancel       │ cancel                 │ cancel
        ├───────► CANCELLED ◄───┴────────────────────────┤
        │ lapse                 │ lapse                  │ miss
        └───────► EXPIRED ◄─────┘                        └───────► NO_SHOW

Extending, moving to another space and renewing the link keep the state; so do ADMIT and REFUSE,
which note in whatever state that a credential was shown at the bay, and TAKE (`taking`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.occupancy.models import Claim
from parking.reservations.models import Party, ReservationState
from parking.reservations.records import ReservationRecord

LIVE = frozenset(
    {
        ReservationState.REQUESTED,
        ReservationState.PENDING_PAYMENT,
        ReservationState.CONFIRMED,
        ReservationState.ACTIVE,
    }
)
"""These block their space: the same states as in the database's `reservation_no_overlap`."""
WAITING = frozenset({ReservationState.REQUESTED, ReservationState.PENDING_PAYMENT})
"""These lapse at `hold_until`."""
BOOKED = frozenset({ReservationState.CONFIRMED, ReservationState.ACTIVE})
"""These give a right to the space."""

CLAIM_AHEAD = timedelta(minutes=10)
"""So long before its start a booking shows on its space: others see that it is not to be had."""

ARRIVAL = timedelta(minutes=10)
"""From being let in to standing in the bay; so long an open arm waits for its car, too."""


class Step(StrEnum):
    """What can happen to a booking; the value is the kind of its event."""

    REQUEST = "reservation_requested"
    HOLD = "reservation_held"
    ACCEPT = "reservation_accepted"
    DECLINE = "reservation_declined"
    CONFIRM = "reservation_confirmed"
    EXTEND = "reservation_extended"
    MOVE = "reservation_moved"
    RENEW_LINK = "reservation_link_renewed"
    CANCEL = "reservation_cancelled"
    LAPSE = "reservation_expired"
    MISS = "reservation_no_show"
    BEGIN = "reservation_started"
    END = "reservation_completed"
    OVERSTAY = "reservation_overstayed"
    BLOCK = "reservation_bay_blocked"
    ADMIT = "access_granted"
    REFUSE = "access_refused"
    TAKE = "reservation_taken"


class Side(StrEnum):
    """What somebody is to a booking."""

    DRIVER = "DRIVER"
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    ATTENDANT = "ATTENDANT"
    SYSTEM = "SYSTEM"


_R, _P = ReservationState.REQUESTED, ReservationState.PENDING_PAYMENT
_C, _A = ReservationState.CONFIRMED, ReservationState.ACTIVE

MACHINE: Mapping[Step, Mapping[ReservationState, ReservationState]] = {
    Step.ACCEPT: {_R: _P},
    Step.DECLINE: {_R: ReservationState.CANCELLED},
    Step.CONFIRM: {_P: _C},
    Step.EXTEND: {_C: _C, _A: _A},
    Step.MOVE: {_R: _R, _P: _P, _C: _C, _A: _A},
    Step.RENEW_LINK: {_R: _R, _P: _P, _C: _C, _A: _A},
    Step.CANCEL: dict.fromkeys((_R, _P, _C), ReservationState.CANCELLED),
    Step.LAPSE: dict.fromkeys((_R, _P), ReservationState.EXPIRED),
    Step.MISS: {_C: ReservationState.NO_SHOW},
    Step.BEGIN: {_C: _A},
    Step.END: {_A: ReservationState.COMPLETED},
    Step.OVERSTAY: {_A: _A},
    Step.BLOCK: {_R: _R, _P: _P, _C: _C},
}
"""From which state each step leads where; REQUEST and HOLD make a booking. What is not here is
refused."""

_STAFF = {Side.OWNER, Side.OPERATOR}

MAY: Mapping[Step, frozenset[Side]] = {
    Step.ACCEPT: frozenset({Side.OWNER}),
    Step.DECLINE: frozenset({Side.OWNER}),
    Step.CONFIRM: frozenset({Side.DRIVER}),
    Step.EXTEND: frozenset({Side.DRIVER}),
    Step.MOVE: frozenset({*_STAFF, Side.ATTENDANT}),
    Step.RENEW_LINK: frozenset({Side.DRIVER}),
    Step.CANCEL: frozenset({Side.DRIVER, *_STAFF}),
    Step.BEGIN: frozenset({Side.OPERATOR, Side.ATTENDANT}),
    Step.END: frozenset({Side.OPERATOR, Side.ATTENDANT}),
}
"""Who may take a step by a verb of their own; the platform (SYSTEM) may take each."""


def next_state(step: Step, state: ReservationState) -> ReservationState:
    """The state after a step. Raises `Conflict` with the code `WRONG_STATE`."""
    following = MACHINE[step].get(state)
    if following is None:
        wanted = " or ".join(sorted(MACHINE[step]))
        raise Conflict(
            f"the reservation is {state}; this needs one that is {wanted}", code="WRONG_STATE"
        )
    return following


def sides(viewer: Viewer, reservation: ReservationRecord) -> frozenset[Side]:
    """All that the viewer is to the booking; nothing for strangers and API keys."""
    if viewer.is_system:
        return frozenset({Side.SYSTEM})
    if viewer.api_key_id is not None:
        return frozenset()
    place, lessor = reservation.operator_id, reservation.organisation_id
    held = {
        Side.DRIVER: viewer.person_id == reservation.person_id,
        Side.OWNER: viewer.has_role(lessor, Role.OWNER, Role.OPERATOR),
        Side.OPERATOR: viewer.has_role(place, Role.OPERATOR),
        Side.ATTENDANT: viewer.has_role(place, Role.ATTENDANT),
    }
    return frozenset(side for side, is_held in held.items() if is_held)


def may_see(viewer: Viewer, reservation: ReservationRecord) -> bool:
    """The driver, the lessor, and who works at the place."""
    return bool(sides(viewer, reservation))


def may_take(step: Step, viewer: Viewer, reservation: ReservationRecord) -> bool:
    """Whether the viewer may take the step, whatever the booking's state."""
    held = sides(viewer, reservation)
    return Side.SYSTEM in held or not held.isdisjoint(MAY.get(step, frozenset()))


def require_may(step: Step, viewer: Viewer, reservation: ReservationRecord) -> None:
    """Raises `NotFound` for who may not know of the booking, else `NotPermitted`."""
    if not may_see(viewer, reservation):
        raise NotFound("there is no such reservation")
    if not may_take(step, viewer, reservation):
        may = ", ".join(sorted(MAY.get(step, ())))
        raise NotPermitted(f"this is not yours to do; it is for: {may or 'nobody'}")


def party(viewer: Viewer, reservation: ReservationRecord) -> Party:
    """As whom the viewer ends a booking. A driver who is staff too acts as the driver: what is
    better for the driver (a full refund) is not theirs to choose."""
    held = sides(viewer, reservation)
    order = {
        Side.DRIVER: Party.DRIVER, Side.OWNER: Party.OWNER,
        Side.OPERATOR: Party.OPERATOR, Side.ATTENDANT: Party.OPERATOR,
    }  # fmt: skip
    return next((party for side, party in order.items() if side in held), Party.SYSTEM)


def has_lapsed(reservation: ReservationRecord, now: datetime) -> bool:
    """Whether it waited in vain: a hold at its very end is over."""
    until = reservation.hold_until
    return reservation.state in WAITING and until is not None and until <= now


def claim_due(reservation: ReservationRecord, now: datetime) -> Claim:
    """What the booking has to show on its space now.

    From `CLAIM_AHEAD` before its start to its end; in use, until it is left.
    """
    if reservation.state is ReservationState.ACTIVE:
        return Claim.RESERVED
    is_near = reservation.starts_at - CLAIM_AHEAD <= now < reservation.ends_at
    if reservation.state not in LIVE or not is_near or has_lapsed(reservation, now):
        return Claim.NONE
    return Claim.RESERVED if reservation.state in BOOKED else Claim.HELD


def strongest(claims: Iterable[Claim]) -> Claim:
    """What a space shows on which several bookings have a claim."""
    order = (Claim.RESERVED, Claim.HELD)
    shown = set(claims)
    return next((claim for claim in order if claim in shown), Claim.NONE)


def is_missed(
    reservation: ReservationRecord,
    grace: timedelta,
    now: datetime,
    admitted_at: datetime | None = None,
) -> bool:
    """Whether nobody came: `grace` after the start, or at the end of a shorter booking. Who was let
    in, at `admitted_at` (the last time), has `ARRIVAL` to drive in, also beyond that."""
    if admitted_at is not None and now < admitted_at + ARRIVAL:
        return False
    over = min(reservation.starts_at + grace, reservation.ends_at)
    return reservation.state is ReservationState.CONFIRMED and over <= now
