"""Pure decisions about payments: what follows from what a rail tells, in whatever order it comes.

    CREATED ──► ACTION_NEEDED ──► AUTHORISED ──► CAPTURED
       └──────────────┴───────────────┴──► RELEASED, DECLINED, FAILED

Nothing goes back: an older word about a payment changes nothing. Money that a rail reserved or took
although Berth has given up on it is given back, or goes to the driver's wallet: never lost.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from parking.settlement.kinds import PaymentState, Purpose
from parking.settlement.rails.port import Told

_S = PaymentState
WAITING = frozenset({_S.CREATED, _S.ACTION_NEEDED, _S.AUTHORISED})
"""It is not known yet, or not decided, whether the money will be taken."""
ENDED = frozenset({_S.RELEASED, _S.DECLINED, _S.FAILED})
BOOKED = frozenset({Purpose.BOOKING, Purpose.EXTENSION})
"""Reserved first, taken with the booking; the others are taken at once, for the wallet."""

LOOK_UP_AFTER = timedelta(seconds=30)
"""So long a payment may be without news before the worker asks the rail itself."""
EXTENSION_WAITS = timedelta(minutes=15)
"""So long what was reserved for an extension may wait for it."""
IN_FLIGHT_MAX = timedelta(minutes=2)
"""So long a request whose answer is lost may still be on its way to the rail."""
GIVE_UP_AFTER = timedelta(hours=1)
"""A payment that its rail has never heard of for so long never reached it."""
ACTION_WAITS = timedelta(hours=24)
"""So long a driver may take to agree to a payment for the wallet."""
AUTHORISED_FOR = timedelta(days=6)
"""So long the ledger keeps what is reserved when the rail does not say; card authorisations last
five to seven days."""


class Effect(StrEnum):
    """What has to be done besides writing the state."""

    HOLD = "HOLD"
    VOID = "VOID"
    CREDIT = "CREDIT"
    RELEASE = "RELEASE"


class Turn(NamedTuple):
    """The state that follows, and what has to be done."""

    state: PaymentState
    effects: frozenset[Effect] = frozenset()


def turn(state: PaymentState, purpose: Purpose, told: Told, *, is_secured: bool) -> Turn:
    """What follows when the rail tells `told` of a payment that is `state` with us."""
    if state is _S.CAPTURED or told is Told.PROCESSING:
        return Turn(state)
    if told is Told.CAPTURED:
        is_escrows = is_secured and state is _S.AUTHORISED
        return Turn(_S.CAPTURED, _none() if is_escrows else _captured(state))
    if state in ENDED:
        return Turn(state, _only(Effect.RELEASE) if told in _HOLDS else _none())
    if state is _S.AUTHORISED:
        return _of_authorised(told, is_secured=is_secured)
    following = _FOLLOWING[told]
    is_held = following is _S.AUTHORISED and purpose in BOOKED
    return Turn(following, _only(Effect.HOLD) if is_held else _none())


_HOLDS = frozenset({Told.AUTHORISED, Told.ACTION_NEEDED})
_FOLLOWING = {
    Told.ACTION_NEEDED: _S.ACTION_NEEDED,
    Told.AUTHORISED: _S.AUTHORISED,
    Told.RELEASED: _S.RELEASED,
    Told.DECLINED: _S.DECLINED,
}


def _of_authorised(told: Told, *, is_secured: bool) -> Turn:
    """What is in escrow already stays; that its rail let it go is the capture's to find out."""
    if told is Told.RELEASED and not is_secured:
        return Turn(_S.RELEASED, _only(Effect.VOID))
    return Turn(_S.AUTHORISED)


def _captured(state: PaymentState) -> frozenset[Effect]:
    """Money came in that no booking has, or for which the driver has become a debtor: it is theirs,
    and debts are paid from it."""
    held = {Effect.VOID} if state is _S.AUTHORISED else set()
    return frozenset({Effect.CREDIT, *held})


def _only(effect: Effect) -> frozenset[Effect]:
    return frozenset({effect})


def _none() -> frozenset[Effect]:
    return frozenset()


def is_unused(
    purpose: Purpose, created_at: datetime, waits_until: datetime | None, now: datetime
) -> bool:
    """Whether nobody waits for the payment any more. `waits_until` is when the hold of its booking
    lapses, None when there is none (any more)."""
    if purpose is Purpose.BOOKING:
        return waits_until is None or waits_until <= now
    waits = EXTENSION_WAITS if purpose is Purpose.EXTENSION else ACTION_WAITS
    return created_at + waits <= now
