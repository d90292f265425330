"""Who sees a delegated exit right, and how long it is followed. Pure."""

from datetime import datetime

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rules import LIVE, OPENING, OVER, ends_at, standing
from parking.access.models import DelegationPayer
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotPermitted
from parking.locations.rules import signed_in
from parking.reservations.models import ReservationState


def may_see_delegation(viewer: Viewer, delegation: DelegationRecord) -> bool:
    """Whose car it is, and who has agreed to fetch it or was bound before; each signed in."""
    person_id = signed_in(viewer)
    return person_id is not None and person_id in (delegation.person_id, delegation.fetcher_id)


def is_owner(viewer: Viewer, delegation: DelegationRecord) -> bool:
    """Whether the viewer gave it."""
    return signed_in(viewer) == delegation.person_id


def shown(delegation: DelegationRecord, now: datetime) -> DelegationRecord:
    """The right with the state that it counts as at `now`."""
    return delegation._replace(state=standing(delegation, now))


def has_code(delegation: DelegationRecord) -> bool:
    """Whether there is a code to show by a right with the state that it counts as (`shown`): it
    opens, and the car is in or on its way to the gate."""
    is_in = delegation.stay_state is ReservationState.ACTIVE or delegation.stay_state in OVER
    return delegation.state in OPENING and is_in


def is_for(viewer: Viewer, delegation: DelegationRecord) -> bool:
    """Whether a code of it is for the viewer, who has its address. That alone is enough where the
    OWNER pays; what a FETCHER has agreed to pay opens for this person alone, signed in."""
    if delegation.payer is DelegationPayer.OWNER:
        return True
    person_id = signed_in(viewer)
    is_agreed = delegation.accepted_at is not None
    return is_agreed and person_id is not None and person_id == delegation.fetcher_id


def require_for(viewer: Viewer, delegation: DelegationRecord) -> None:
    """Raises Conflict `NOT_DELEGATED` where its FETCHER has yet to agree, and NotPermitted for who
    is not that one."""
    if is_for(viewer, delegation):
        return
    if delegation.accepted_at is None:
        raise Conflict(
            "who is to fetch the car has yet to agree to pay; agree first", code="NOT_DELEGATED"
        )
    raise NotPermitted("sign in as who agreed to pay: this code is for them alone")


def next_look(delegation: DelegationRecord) -> datetime | None:
    """When a right that was live as it was read changes by the clock alone, which may be past by
    now; None for others."""
    if delegation.state not in LIVE:
        return None
    return ends_at(delegation) if delegation.stay_state in OVER else delegation.valid_until
