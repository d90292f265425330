"""Who sees a delegated exit right, and how long it is followed. Pure."""

from datetime import datetime

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rules import LIVE, OPENING, OVER, ends_at, standing
from parking.accounts.viewer import Viewer
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


def next_look(delegation: DelegationRecord) -> datetime | None:
    """When a right that was live as it was read changes by the clock alone, which may be past by
    now; None for others."""
    if delegation.state not in LIVE:
        return None
    return ends_at(delegation) if delegation.stay_state in OVER else delegation.valid_until
