"""Decisions about delegated exit rights, pure: their states, and whether one lets a car out.

OFFERED ──accept─► ACTIVE ──open (bay)─► LEAVING ──use (gate), stay over─► USED
   │                  └──────────────use (gate)──────────────────────────►
   ├── revoke ─► REVOKED     (also of ACTIVE and LEAVING)
   ├── expire ─► EXPIRED     (also of ACTIVE and LEAVING)
   └── stay over ─► ENDED    (also of ACTIVE)
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from parking.access.check import Booking, Outcome, Reader, token_fault
from parking.access.cwt import Claims
from parking.access.delegations.records import DelegationRecord
from parking.access.models import DelegationState
from parking.errors import Conflict
from parking.reservations.models import ReservationState

_O, _A = DelegationState.OFFERED, DelegationState.ACTIVE
_L, _U = DelegationState.LEAVING, DelegationState.USED

LIVE = frozenset({_O, _A, _L})
OPENING = frozenset({_A, _L})
"""These let the car out."""
OVER = frozenset(
    {
        ReservationState.COMPLETED,
        ReservationState.CANCELLED,
        ReservationState.EXPIRED,
        ReservationState.NO_SHOW,
    }
)
"""A stay that is not to come, or is past."""


class Act(StrEnum):
    """What can happen to a delegated exit right."""

    ACCEPT = "accept"
    OPEN = "open"
    USE = "use"
    REVOKE = "revoke"
    EXPIRE = "expire"
    LEAVE = "leave"


MACHINE: Mapping[Act, Mapping[DelegationState, DelegationState]] = {
    Act.ACCEPT: {_O: _A},
    Act.OPEN: {_A: _L, _L: _L},
    Act.USE: {_A: _U, _L: _U},
    Act.REVOKE: dict.fromkeys(LIVE, DelegationState.REVOKED),
    Act.EXPIRE: dict.fromkeys(LIVE, DelegationState.EXPIRED),
    Act.LEAVE: {_O: DelegationState.ENDED, _A: DelegationState.ENDED, _L: _U},
}
"""From which state each act leads where; what is not here is refused."""


def next_state(act: Act, state: DelegationState) -> DelegationState:
    """The state after an act. Raises `Conflict` with the code `WRONG_STATE`."""
    following = MACHINE[act].get(state)
    if following is None:
        raise Conflict(
            f"this right to fetch the car is {state}; it takes one that is"
            f" {' or '.join(sorted(MACHINE[act]))}",
            code="WRONG_STATE",
        )
    return following


def standing(delegation: DelegationRecord, now: datetime) -> DelegationState:
    """What the right counts as at `now`, whether or not a worker has written it down."""
    act = due(delegation, now)
    return delegation.state if act is None else MACHINE[act][delegation.state]


def due(delegation: DelegationRecord, now: datetime) -> Act | None:
    """What the clock, or the end of the stay, has done to a live right by `now`.

    Once opened at the bay it is used when the stay is over, even if the gate saw nobody. Where the
    place has a gate, there is `EXIT_WAY` to reach it: the bay's sensor ends the stay before.
    """
    if delegation.state not in LIVE:
        return None
    is_expired = now >= delegation.valid_until
    if delegation.stay_state not in OVER:
        return Act.EXPIRE if is_expired else None
    until = delegation.way_until
    if delegation.state is not _O and until is not None and now < until and not is_expired:
        return None
    is_late = is_expired and delegation.state is not _L
    return Act.EXPIRE if is_late and _was_in_time(delegation) else Act.LEAVE


def _was_in_time(delegation: DelegationRecord) -> bool:
    """Whether its own end came before the stay's."""
    ended_at = delegation.stay_ended_at
    return ended_at is None or delegation.valid_until <= ended_at


def ends_at(delegation: DelegationRecord) -> datetime:
    """When a live right ends by itself, as far as is known now: for who waits for it."""
    until = delegation.way_until
    return delegation.valid_until if until is None else min(until, delegation.valid_until)


def judge_delegated(
    claims: Claims,
    delegation: DelegationRecord | None,
    booking: Booking | None,
    reader: Reader,
    now: datetime,
    *,
    is_used: bool,
) -> Outcome:
    """What comes of a proven token that names a delegation: it only lets out."""
    fault = token_fault(claims, reader, now)
    if fault is None:
        fault = _fault(claims, delegation, booking, reader, now)
    if fault is None and is_used:
        fault = Outcome.ALREADY_USED
    return fault or Outcome.GRANTED


def _fault(
    claims: Claims,
    delegation: DelegationRecord | None,
    booking: Booking | None,
    reader: Reader,
    now: datetime,
) -> Outcome | None:
    if booking is None or delegation is None or delegation.reservation_id != claims.reservation_id:
        return Outcome.NOT_DELEGATED
    held = booking.claimant
    if not reader.serves(booking.place_id, held.space_id) or held.space_id != claims.space_id:
        return Outcome.WRONG_SPACE
    if standing(delegation, now) not in OPENING:
        return Outcome.NOT_DELEGATED
    if held.state is ReservationState.ACTIVE:
        return None
    if held.state is ReservationState.COMPLETED:
        return None if reader.space_id is None else Outcome.ENDED
    return Outcome.NOT_DELEGATED  # the car is not in, or never was


def act_at(reader: Reader) -> Act:
    """What being let out there is: the first step at the bay, the exit at a gate."""
    return Act.USE if reader.space_id is None else Act.OPEN
