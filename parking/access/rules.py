"""Pure decisions about locks: the life of a command, what an arm may do now, who may ask for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.access.models import CommandCause, CommandState, LockTarget
from parking.accounts.models import Role
from parking.accounts.rules import may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import NotPermitted, Refusal
from parking.occupancy.models import LockState, Occupancy, Source
from parking.reservations.models import ReservationState

EARLY_MARGIN = timedelta(minutes=15)
"""A holder may open so long before the reservation begins."""

WAITING_EXPIRY = timedelta(seconds=60)
"""A command for which somebody stands before the arm (DEVICES section 3)."""
KEEPING_EXPIRY = timedelta(minutes=10)
"""A command that keeps a bay free; the worker orders anew what is still wanted then."""
REPAIR_EXPIRY = timedelta(hours=24)
"""A command of maintenance, which waits for a lock that sleeps."""

ANSWER_MAX = timedelta(seconds=93)
"""MAX_TRANSMIT_WAIT (RFC 7252 section 4.8.2): no word for so long and the arm is UNKNOWN."""

PERSON_FRESH = timedelta(minutes=15)
"""What a person saw is not enough to raise an arm for longer than this."""

EXPIRIES: Mapping[CommandCause, timedelta] = {
    CommandCause.CREDENTIAL: WAITING_EXPIRY,
    CommandCause.HOLDER: WAITING_EXPIRY,
    CommandCause.OWNER: WAITING_EXPIRY,
    CommandCause.OPERATOR: WAITING_EXPIRY,
    CommandCause.RESERVATION: KEEPING_EXPIRY,
    CommandCause.DEPARTURE: KEEPING_EXPIRY,
    CommandCause.REPAIR: REPAIR_EXPIRY,
}

STEPS: Mapping[CommandState, frozenset[CommandState]] = {
    CommandState.QUEUED: frozenset(
        {
            CommandState.DELIVERED,
            CommandState.FAILED,
            CommandState.EXPIRED,
            CommandState.SUPERSEDED,
        }
    ),
    CommandState.DELIVERED: frozenset(
        {
            CommandState.ACCEPTED,
            CommandState.DONE,
            CommandState.FAILED,
            CommandState.EXPIRED,
            CommandState.SUPERSEDED,
        }
    ),
    CommandState.ACCEPTED: frozenset(
        {CommandState.DONE, CommandState.FAILED, CommandState.SUPERSEDED}
    ),
    CommandState.DONE: frozenset(),
    CommandState.FAILED: frozenset(),
    CommandState.EXPIRED: frozenset(),
    CommandState.SUPERSEDED: frozenset(),
}
"""DEVICES section 3; whatever has no step left is final."""

LIVE = frozenset(state for state, steps in STEPS.items() if steps)


class NoLock(Refusal):
    """The bay has no lock that is in use."""

    code = "NO_LOCK"


class SpaceNotFree(Refusal):
    """The arm would rise under a car, or nobody knows that it would not."""

    code = "SPACE_NOT_FREE"


class NoClaim(Refusal):
    """Whoever is to be let in has no reservation of this bay that holds now."""

    code = "NO_CLAIM"


@dataclass(frozen=True, slots=True)
class Stand:
    """What is known of whether a car stands in a bay; times are aware UTC.

    `heard_at` is when the device that says so was last heard, `lifetime_seconds` how long it is
    believed then; both None where no device says it.
    """

    occupancy: Occupancy
    source: Source
    observed_at: datetime | None
    heard_at: datetime | None = None
    lifetime_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Claimant:
    """What of a reservation takes part in opening its bay; times are aware UTC."""

    reservation_id: int
    space_id: int
    person_id: int
    organisation_id: int
    state: ReservationState
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Bay:
    """Whose a bay is at this instant.

    `owner_ids` are the organisations that offer it in an active listing, `live` the reservation
    that holds now or begins soon.
    """

    place_organisation_id: int
    owner_ids: frozenset[int]
    live: Claimant | None


def may_step(before: CommandState, after: CommandState) -> bool:
    """Whether a command may go from one state to the other."""
    return after in STEPS[before]


def is_known_free(stand: Stand, now: datetime) -> bool:
    """Whether it is known, and freshly so, that no car stands in the bay (never raise under one).

    A sensor speaks when something changes and once a day: its word holds while it is not silent.
    A person's word holds for `PERSON_FRESH`.
    """
    if stand.occupancy is not Occupancy.FREE or stand.observed_at is None:
        return False
    if stand.source is Source.PERSON:
        return now - stand.observed_at <= PERSON_FRESH
    if stand.source is not Source.DEVICE or stand.lifetime_seconds is None:
        return False
    heard_at = max(stand.observed_at, stand.heard_at or stand.observed_at)
    return now - heard_at <= timedelta(seconds=stand.lifetime_seconds)


def require_free(stand: Stand, now: datetime) -> None:
    """Raises SpaceNotFree unless the arm may rise."""
    if not is_known_free(stand, now):
        raise SpaceNotFree(
            "the bay is not known to be free, so its arm stays down; try again when the car is away"
            " and the sensor says so"
        )


def holds_now(claimant: Claimant, now: datetime) -> bool:
    """Whether a reservation lets its holder in at this instant (I7).

    From `EARLY_MARGIN` before its start to its end; once the stay has begun, until it is ended. By
    the clock alone: whether a worker has marked a no-show yet makes no difference.
    """
    if claimant.state is ReservationState.ACTIVE:
        return claimant.starts_at - EARLY_MARGIN <= now
    if claimant.state is not ReservationState.CONFIRMED:
        return False
    return claimant.starts_at - EARLY_MARGIN <= now < claimant.ends_at


def may_use(held: Claimant, others: Iterable[Claimant], now: datetime) -> bool:
    """Whether a reservation's holder may be let in and move the arm at this instant: it holds, and
    in its early margin nobody else's window is not over. `others` may contain itself."""
    if not holds_now(held, now) or held.starts_at <= now:
        return holds_now(held, now)
    return not any(_is_in_use(e, now) for e in others if e.reservation_id != held.reservation_id)


def _is_in_use(claimant: Claimant, now: datetime) -> bool:
    """Whether its window has begun and is not over; a stay that has begun is, until it is ended."""
    if claimant.state is ReservationState.ACTIVE:
        return claimant.starts_at <= now
    return claimant.state is ReservationState.CONFIRMED and (
        claimant.starts_at <= now < claimant.ends_at
    )


def require_claim(claimant: Claimant | None, space_id: int, now: datetime) -> None:
    """Raises NoClaim unless this reservation is of this bay and holds now."""
    if claimant is None or claimant.space_id != space_id or not holds_now(claimant, now):
        raise NoClaim(
            "there is no reservation of this bay that holds now; check the bay and the window"
        )


def require_unclaimed(claims: Iterable[Claimant], now: datetime) -> None:
    """Raises NoClaim where somebody's reservation holds: the owner does not open then."""
    if any(holds_now(each, now) for each in claims):
        raise NoClaim("somebody's reservation holds now; the bay is theirs until it is over")


BY_CLAIM = frozenset({CommandCause.CREDENTIAL, CommandCause.HOLDER})
"""Moving the arm for these causes needs a reservation; the others' right is checked by
`cause_for`."""


def cause_for(viewer: Viewer, bay: Bay, now: datetime) -> CommandCause:
    """As what the viewer may move the arm: OPERATOR, HOLDER or OWNER.

    Operators and attendants of the place always; the holder while the reservation holds; the owner
    (OWNER or OPERATOR of a lessor) while nobody's does. Raises NotPermitted.
    """
    if may_tend(viewer, bay.place_organisation_id):
        return CommandCause.OPERATOR
    live = bay.live if bay.live is not None and holds_now(bay.live, now) else None
    if live is not None and viewer.person_id is not None and viewer.person_id == live.person_id:
        return CommandCause.HOLDER
    is_owner = any(may_lease(viewer, each) for each in bay.owner_ids)
    if is_owner and live is None:
        return CommandCause.OWNER
    if is_owner:
        raise NotPermitted("somebody's reservation holds now; the bay is theirs until it is over")
    raise NotPermitted(
        "only who holds the bay now, its owner, or the place's staff may move the arm"
    )


def may_tend(viewer: Viewer, organisation_id: int) -> bool:
    """Who works in the place: its OPERATORs, ATTENDANTs, and keys with `devices:write`."""
    return may(viewer, organisation_id, (Role.OPERATOR, Role.ATTENDANT), Scope.DEVICES_WRITE)


def may_lease(viewer: Viewer, organisation_id: int) -> bool:
    """Who acts for a lessor: its OWNERs and OPERATORs, and keys with `devices:write`."""
    return may(viewer, organisation_id, (Role.OWNER, Role.OPERATOR), Scope.DEVICES_WRITE)


def outcome_of(target: LockTarget, measured: LockState) -> tuple[CommandState, str] | None:
    """What a measured state of the arm says of a command, with the reason of a failure.

    None where it says nothing: the arm still stands where it stood, or nobody knows.
    """
    if measured.value == target.value:
        return CommandState.DONE, ""
    if measured is LockState.MOVING:
        return CommandState.ACCEPTED, ""
    if measured in (LockState.OBSTRUCTED, LockState.FORCED, LockState.FAULT):
        return CommandState.FAILED, measured.value
    return None
