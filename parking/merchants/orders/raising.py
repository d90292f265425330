"""Raising the lock of a bay that an order has (CLAIMS D7, D17), and seeing whether it did.

`look_of` is the rule: what is done about the arm now, and when it is looked at next.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from parking.access.commands import order as order_command
from parking.access.contradictions import OPEN_MAX, TRY_AGAIN
from parking.access.models import CommandCause, LockTarget
from parking.access.rules import EARLY_MARGIN, NoLock, SpaceNotFree, is_known_free
from parking.access.watch_facts import Watched, bays_to_watch
from parking.accounts.viewer import SYSTEM
from parking.merchants.records import UnitRecord, minutes
from parking.occupancy.models import LockState
from parking.reservations.record import BookingChange

SOON = timedelta(seconds=5)
"""How long an arm takes that was told to move; then it is looked at again."""
NOT_YET = timedelta(minutes=1)
"""A car stands there still, or somebody else is about to drive in."""
LATER = timedelta(minutes=5)
"""An arm that is up may still fail."""
NEAR = timedelta(hours=2)
"""An arm that stands well is looked at again so long before the booking begins."""


class Look(StrEnum):
    """What is done about an arm."""

    RAISE = "RAISE"
    MOVE_ON = "MOVE_ON"
    WAIT = "WAIT"


class Looked(NamedTuple):
    """What is done now, and when it is looked at next; None: never again."""

    look: Look
    next_at: datetime | None


def first_look(unit: UnitRecord, starts_at: datetime, now: datetime) -> datetime:
    """When the arm is to be raised: at once, or so long before the start as the unit says."""
    if unit.raise_minutes is None:
        return now
    return max(starts_at - minutes(unit.raise_minutes), now)


def look_of(
    bay: Watched, *, is_broken: bool, reservation_id: int, starts_at: datetime, now: datetime
) -> Looked:
    """What is to be done about the arm of a bay that is booked from `starts_at`.

    A lock that fails makes the order move on. An arm that is down is raised, where it is known that
    nobody stands there and nobody else may drive in. In the margin before the start the arm is its
    holder's, and what keeps every booked bay (`parking.access.due_locks`) sees to it.
    """
    if bay.device_id is None:
        return Looked(Look.WAIT, None)
    if is_broken:
        return Looked(Look.MOVE_ON, now + LATER)
    is_holders = now >= starts_at - EARLY_MARGIN
    if bay.is_commanded or is_holders or bay.lock is LockState.RAISED:
        return Looked(Look.WAIT, _next_look(bay, starts_at, now))
    if may_raise(bay, reservation_id, now):
        return Looked(Look.RAISE, now + SOON)
    return Looked(Look.WAIT, now + NOT_YET)


def _next_look(bay: Watched, starts_at: datetime, now: datetime) -> datetime | None:
    if bay.is_commanded:
        return now + SOON
    if now >= starts_at - EARLY_MARGIN:
        return now + NOT_YET if now < starts_at else None
    return max(now + LATER, starts_at - NEAR)


def may_raise(bay: Watched, reservation_id: int, now: datetime) -> bool:
    """Whether the arm may go up for this booking: nobody stands there, nobody else has the bay, it
    was not just opened for somebody, and not just told something else."""
    is_anothers = bay.claim is not None and bay.claim.reservation_id != reservation_id
    is_opened = bay.opened is not None and now - bay.opened.at < OPEN_MAX
    is_told = bay.tried_at is not None and now - bay.tried_at < TRY_AGAIN
    is_down = bay.lock in (LockState.LOWERED, LockState.UNKNOWN)
    is_disturbed = is_anothers or is_opened or is_told
    return is_down and not is_disturbed and is_known_free(bay.stand, now)


async def raise_now(
    change: BookingChange, space_id: int, reservation_id: int, starts_at: datetime
) -> tuple[int | None, datetime | None]:
    """For a booking just made: order the arm up if it may rise; the command's id, if there is one,
    and when the arm is looked at next."""
    [bay] = await bays_to_watch(change.sql, change.at, 0, [space_id])
    looked = look_of(
        bay, is_broken=False, reservation_id=reservation_id, starts_at=starts_at, now=change.at
    )
    is_due = bay.device_id is not None and bay.lock is not LockState.RAISED
    if not (is_due and may_raise(bay, reservation_id, change.at)):
        return None, looked.next_at
    command_id = await order_up(change, space_id, reservation_id)
    return command_id, change.at + SOON


async def order_up(change: BookingChange, space_id: int, reservation_id: int) -> int | None:
    """Queue the command that keeps the bay free; None where the arm may not rise after all."""
    try:
        return await order_command(
            change.place, space_id, LockTarget.RAISED, CommandCause.RESERVATION, SYSTEM.actor,
            reservation_id=reservation_id,
        )  # fmt: skip
    except (NoLock, SpaceNotFree):
        return None
