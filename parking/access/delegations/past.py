"""A delegated exit right as it was: for what a reader decided alone, and tells later. Pure."""

from datetime import datetime

from parking.access.check import Reader
from parking.access.delegations.records import DelegationRecord
from parking.access.models import DelegationPayer, DelegationState
from parking.reservations.models import ReservationState


def as_it_was(
    delegation: DelegationRecord,
    stay_state: ReservationState,
    reader: Reader,
    at: datetime,
    *,
    is_same: bool = False,
) -> DelegationRecord:
    """The right as it stood at `at`, beside the stay's state then; what came later is left out.

    There is one exit, whatever the order in which gates tell of it: one by another showing counts
    at a gate also where it came later. `is_same`: this reader has asked about this very token, and
    then decided alone, so that its own exit does not count.
    """
    before = delegation._replace(stay_state=stay_state)
    if stay_state is not ReservationState.COMPLETED:
        before = before._replace(stay_ended_at=None)
    has_left_here = is_same and delegation.used_device_id == reader.device_id
    if not has_left_here and _had_ended(delegation, reader, at):
        return before
    return before._replace(state=_state_at(delegation, at), used_at=None, ended_at=None)


def _had_ended(delegation: DelegationRecord, reader: Reader, at: datetime) -> bool:
    if reader.space_id is None and delegation.used_device_id is not None:
        return True
    return delegation.ended_at is not None and delegation.ended_at <= at


def _state_at(delegation: DelegationRecord, at: datetime) -> DelegationState:
    """Of one that was live still."""
    if at < _agreed_at(delegation):
        return DelegationState.OFFERED
    opened_at = delegation.opened_at
    is_open = opened_at is not None and opened_at <= at
    return DelegationState.LEAVING if is_open else DelegationState.ACTIVE


def _agreed_at(delegation: DelegationRecord) -> datetime:
    if delegation.payer is DelegationPayer.OWNER:
        return delegation.created_at
    # Not agreed to yet: only its end makes it something else.
    return delegation.accepted_at or delegation.valid_until
