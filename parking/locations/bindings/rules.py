"""Pure decisions about bindings: what may follow, who is who, and what counts at an instant.

    REQUESTED ──accept──► ACTIVE ──revoke──► REVOKED
        │ decline            └────lapse────► EXPIRED
        ├───────► DECLINED
        │ revoke
        ├───────► REVOKED
        └─lapse─► EXPIRED

Either side revokes at any time. One lapses when its invitation is not answered in time, its agreed
date is past, or its one stay is over: at reading that counts at once (`standing`), and a worker
writes it down.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from parking.accounts.viewer import Viewer
from parking.errors import Conflict, InvalidInput, NotFound, Refusal
from parking.locations.kinds import BindingScope, BindingSide, BindingState, InvitationWay
from parking.locations.records import BindingRecord
from parking.locations.rules import signed_in
from parking.places.rules import checked_text

NAME_CHARACTERS_MAX = 60
"""What one side calls the other: it goes out in an SMS, too."""
_ADDRESS = re.compile(r"[/@\\]|\w[.\u2024\u3002\uff0e\uff61]\w|(?:\d[\s()+-]*){5}")
"""What makes a phone draw a link: of a page (also with the other full stops of IDNA, RFC 3490
section 3.1), or of a number to be called."""


class BindingStep(StrEnum):
    """What can happen to a binding."""

    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    REVOKE = "REVOKE"
    LAPSE = "LAPSE"


_R, _A = BindingState.REQUESTED, BindingState.ACTIVE

MACHINE: Mapping[BindingStep, Mapping[BindingState, BindingState]] = {
    BindingStep.ACCEPT: {_R: _A},
    BindingStep.DECLINE: {_R: BindingState.DECLINED},
    BindingStep.REVOKE: dict.fromkeys((_R, _A), BindingState.REVOKED),
    BindingStep.LAPSE: dict.fromkeys((_R, _A), BindingState.EXPIRED),
}
"""From which state each step leads where. What is not here is refused."""


class AlreadyBound(Refusal):
    """The receiver sees this sharer's positions already, by a binding of the same reach."""

    code = "ALREADY_BOUND"


class NotYourself(Refusal):
    """Both sides of a binding would be one person."""

    code = "NOT_YOURSELF"


class NotYourNumber(Refusal):
    """The invitation was sent to a phone number that the viewer has not proven to be theirs."""

    code = "NOT_YOUR_NUMBER"


def next_state(step: BindingStep, state: BindingState) -> BindingState:
    """The state after a step. Raises `Conflict` with the code `WRONG_STATE`."""
    following = MACHINE[step].get(state)
    if following is None:
        wanted = " or ".join(sorted(MACHINE[step]))
        raise Conflict(
            f"the binding is {state}; this needs one that is {wanted}", code="WRONG_STATE"
        )
    return following


def standing(binding: BindingRecord, now: datetime) -> BindingState:
    """What counts at `now`, whatever is written yet. That its one stay is over, its record says."""
    if binding.state not in (_R, _A):
        return binding.state
    is_late = binding.state is _R and now >= binding.answer_until
    is_past = binding.until is not None and now >= binding.until
    return BindingState.EXPIRED if is_late or is_past else binding.state


def side_of(viewer: Viewer, binding: BindingRecord) -> BindingSide | None:
    """Which side of the binding the viewer is, by their own sign-in; None for everybody else."""
    person_id = signed_in(viewer)
    if person_id is None:
        return None
    if binding.sharer_id == person_id:
        return BindingSide.SHARER
    return BindingSide.RECEIVER if binding.receiver_id == person_id else None


def require_side(viewer: Viewer, binding: BindingRecord | None) -> BindingSide:
    """Which side the viewer is. Raises `NotFound`."""
    side = None if binding is None else side_of(viewer, binding)
    if side is None:
        raise NotFound("there is no such binding")
    return side


def other_side(side: BindingSide) -> BindingSide:
    """Who is on the other side."""
    return BindingSide.RECEIVER if side is BindingSide.SHARER else BindingSide.SHARER


def require_answerer(binding: BindingRecord, person_id: int, phone: str | None) -> None:
    """Whether this person may answer an invitation that they have the address of.

    `phone` is the number that the person has proven. Raises `NotYourself` and `NotYourNumber`.
    """
    asker = binding.sharer_id if binding.asked_by is BindingSide.SHARER else binding.receiver_id
    if asker == person_id:
        raise NotYourself("this is your own invitation; somebody else has to answer it")
    if binding.way is InvitationWay.PHONE and (not phone or phone != binding.phone):
        raise NotYourNumber(
            "this invitation was sent to another phone number; sign in with that number"
        )


def checked_scope(
    scope: BindingScope, position_id: int | None, until: datetime | None, now: datetime
) -> None:
    """Whether a scope has what it needs, and nothing else. Raises `InvalidInput`."""
    if (scope is BindingScope.ONE_STAY) != (position_id is not None):
        raise InvalidInput("position_id", "ONE_STAY, and no other scope, names a position")
    if (scope is BindingScope.UNTIL) != (until is not None):
        raise InvalidInput("until", "UNTIL, and no other scope, has an end")
    if until is not None and until <= now:
        raise InvalidInput("until", "the end is past; give a later one")


def checked_name(field: str, text: str) -> str:
    """What one side is called, may be empty. Raises `InvalidInput`: also for what looks like an
    address or a phone number, because a name goes out to people who have not agreed to anything.
    """
    name = checked_text(field, text, NAME_CHARACTERS_MAX, is_required=False)
    if _ADDRESS.search(name):
        raise InvalidInput(field, "a name has no address or number in it; give a name like Anna")
    return name
