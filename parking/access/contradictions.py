"""What contradicts itself at a bay, and which arms are to rise by themselves: pure decisions."""

from datetime import datetime, timedelta

from parking.access.models import AlarmKind, CommandCause
from parking.access.rules import is_known_free
from parking.access.watch_facts import Watched
from parking.occupancy.models import LockState, Occupancy
from parking.reservations.models import ReservationState

SETTLE = timedelta(seconds=30)
"""Sensor and lock do not speak at the same time: so long two reports may contradict."""
ARRIVAL_SETTLE = timedelta(minutes=2)
"""So long after a car came its session may need to begin."""
OPEN_WITHOUT_CAR = timedelta(minutes=5)
"""An open bay without a car is an invitation: after this it is an alarm."""

AFTER_DEPARTURE = timedelta(seconds=30)
"""A car may stop and reverse once more while leaving; then the arm goes up."""
OPEN_MAX = timedelta(minutes=10)
"""Nobody came: the arm goes up again (CN108538078A)."""
TRY_AGAIN = timedelta(seconds=60)
"""After a command that did not succeed, the next that nobody asked for waits so long."""

STAFF = frozenset({CommandCause.OWNER, CommandCause.OPERATOR, CommandCause.REPAIR})


def contradictions(bay: Watched, now: datetime) -> dict[AlarmKind, str]:
    """What is wrong at the bay now, each with a sentence for who goes there."""
    found: dict[AlarmKind, str] = {}
    if bay.device_id is not None:
        found |= _of_arm(bay, now)
    if bay.occupancy is Occupancy.OCCUPIED:
        found |= _of_car(bay, now)
    return found


def _of_arm(bay: Watched, now: datetime) -> dict[AlarmKind, str]:
    found: dict[AlarmKind, str] = {}
    if bay.lock is LockState.FORCED:
        found[AlarmKind.FORCED] = "the arm was pushed down by force"
    if bay.lock in (LockState.OBSTRUCTED, LockState.FAULT):
        found[AlarmKind.OBSTRUCTED] = "the arm is obstructed or broken and stands halfway"
    if bay.is_silent or _failed_silently(bay):
        found[AlarmKind.LOCK_SILENT] = "the lock does not answer; nobody knows how its arm stands"
    if _is_open_without_car(bay, now):
        found[AlarmKind.OPEN_WITHOUT_CAR] = "the arm is down and no car came"
    return found


def _failed_silently(bay: Watched) -> bool:
    """An arm that was told to move and of which nothing is known since."""
    return bay.lock is LockState.UNKNOWN and bay.tried_at is not None and not bay.is_commanded


def _is_open_without_car(bay: Watched, now: datetime) -> bool:
    is_open = bay.lock is LockState.LOWERED and bay.occupancy is Occupancy.FREE
    if not is_open or not (bay.is_listed or bay.claim is not None):
        return False
    return _both_since(bay, now) >= OPEN_WITHOUT_CAR


def _of_car(bay: Watched, now: datetime) -> dict[AlarmKind, str]:
    """A car stands there."""
    stands_for = now - (bay.occupancy_since or now)
    if bay.claim is not None and bay.claim.state is ReservationState.ACTIVE:
        is_over = bay.claim.ends_at <= now
        return {AlarmKind.OVERSTAY: "the stay is longer than was booked"} if is_over else {}
    if bay.device_id is None:
        return {}
    if bay.lock is LockState.RAISED and _both_since(bay, now) >= SETTLE:
        text = "a car is reported above an arm that is up: the sensor or the lock is wrong"
        return {AlarmKind.RAISED_YET_OCCUPIED: text}
    if stands_for >= ARRIVAL_SETTLE and not _was_let_in(bay, now):
        return {AlarmKind.OCCUPIED_WITHOUT_RIGHT: _intruder(bay, now)}
    return {}


def _intruder(bay: Watched, now: datetime) -> str:
    if _has_begun(bay, now):
        return "a car stands there that is not the one that booked"
    return "a car stands there without a booking"


def _has_begun(bay: Watched, now: datetime) -> bool:
    """Whether the bay is somebody's by booking now, and not only soon."""
    return bay.claim is not None and bay.claim.starts_at <= now


def _was_let_in(bay: Watched, now: datetime) -> bool:
    """Whether the arm went down for this car by somebody who may, or the bay is nobody's offer."""
    if bay.claim is None and not bay.is_listed:
        return True
    opened = bay.opened
    if opened is None or bay.lock is not LockState.LOWERED:
        return False
    if bay.claim is not None and opened.reservation_id == bay.claim.reservation_id:
        return True
    return opened.cause in STAFF and not _has_begun(bay, now)


def _both_since(bay: Watched, now: datetime) -> timedelta:
    """For how long arm and car have stood as they stand."""
    known = [at for at in (bay.occupancy_since, bay.lock_since) if at is not None]
    return now - max(known) if known else timedelta(0)


def wants_raising(bay: Watched, now: datetime) -> CommandCause | None:
    """Why the arm is to rise now without anybody asking, None where it is to stay.

    For a booking that begins soon or is on, unless its holder has just opened; after the car has
    left; and where the bay is offered and stood open too long.
    """
    if not _may_rise(bay, now):
        return None
    if bay.claim is not None:
        return CommandCause.RESERVATION if _is_to_keep_free(bay, now) else None
    if not bay.is_listed or bay.lock is LockState.UNKNOWN:
        return None
    if _car_has_left(bay) and now - (bay.occupancy_since or now) >= AFTER_DEPARTURE:
        return CommandCause.DEPARTURE
    return CommandCause.DEPARTURE if _both_since(bay, now) >= OPEN_MAX else None


def _may_rise(bay: Watched, now: datetime) -> bool:
    """Whether the arm is down, nothing stands in its way, and it was not just told something."""
    if bay.device_id is None or bay.is_commanded or not is_known_free(bay.stand, now):
        return False
    if bay.tried_at is not None and now - bay.tried_at < TRY_AGAIN:
        return False
    return bay.lock in (LockState.LOWERED, LockState.UNKNOWN)


def _is_to_keep_free(bay: Watched, now: datetime) -> bool:
    claim = bay.claim
    if claim is None or claim.state is not ReservationState.CONFIRMED:
        return False
    opened = bay.opened
    is_opened = opened is not None and (
        opened.reservation_id == claim.reservation_id or opened.cause in STAFF
    )
    return not is_opened or _both_since(bay, now) >= OPEN_MAX


def _car_has_left(bay: Watched) -> bool:
    """Whether the bay became free after the arm had gone down."""
    if bay.occupancy_since is None or bay.lock_since is None:
        return False
    return bay.occupancy_since > bay.lock_since
