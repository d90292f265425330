"""Pure decisions about occupancy: the one display status of a space, the state of a place."""

from dataclasses import dataclass
from math import ceil

from parking.occupancy.models import Claim, LockState, Occupancy, Service, SpaceStatus
from parking.places.models import PlaceState

ALMOST_FULL_SHARE_ENTER = 0.05
ALMOST_FULL_SHARE_LEAVE = 0.10
FULL_SHARE_LEAVE = 0.01
UNKNOWN_SHARE_ENTER = 0.50
UNKNOWN_SHARE_LEAVE = 0.40
ALMOST_FULL_SPACES_MIN = 5
"""A place with fewer offered spaces is never "almost full": one free bay is simply available."""


def space_status(
    occupancy: Occupancy, service: Service, claim: Claim, lock: LockState
) -> SpaceStatus:
    """The display status of a space from its four axes (DESIGN section 2).

    Not a plain order of precedence: a closed, occupied or claimed bay stays so whatever its lock
    says and though its sensor is silent; a bay that would be available does not survive a silent
    sensor or a lock arm that cannot be trusted to move.
    """
    if service is Service.CLOSED:
        return SpaceStatus.CLOSED
    if occupancy is Occupancy.OCCUPIED:
        return SpaceStatus.OCCUPIED
    if claim is not Claim.NONE:
        return SpaceStatus.RESERVED
    if occupancy is Occupancy.UNKNOWN or lock in (LockState.FAULT, LockState.OBSTRUCTED):
        return SpaceStatus.UNKNOWN
    return SpaceStatus.AVAILABLE


@dataclass(frozen=True, slots=True)
class Counts:
    """How many spaces of a place have each status."""

    available: int = 0
    reserved: int = 0
    occupied: int = 0
    closed: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.available + self.reserved + self.occupied + self.closed + self.unknown

    @property
    def offered(self) -> int:
        """Spaces that are not closed."""
        return self.total - self.closed


def moved(counts: Counts, before: SpaceStatus, after: SpaceStatus) -> Counts:
    """The counts after one space went from `before` to `after`."""
    if before is after:
        return counts
    numbers = {status: getattr(counts, status.lower()) for status in SpaceStatus}
    numbers[before] -= 1
    numbers[after] += 1
    assert numbers[before] >= 0, f"no space was {before} in {counts}"
    return Counts(**{status.lower(): number for status, number in numbers.items()})


def place_state(previous: PlaceState, is_open: bool, counts: Counts) -> PlaceState:
    """How full a place is, with hysteresis so that one car does not make a sign flicker.

    A state is entered at one bound and left at a wider one (constants above); so the previous
    state takes part in the decision.
    """
    if not is_open or counts.offered == 0:
        return PlaceState.CLOSED
    if _is_mostly_unknown(previous, counts):
        return PlaceState.UNKNOWN
    if counts.available == 0:
        return PlaceState.FULL
    if previous is PlaceState.FULL and counts.available < ceil(FULL_SHARE_LEAVE * counts.offered):
        return PlaceState.FULL
    if _is_almost_full(previous, counts):
        return PlaceState.ALMOST_FULL
    return PlaceState.SPACES_AVAILABLE


def _is_mostly_unknown(previous: PlaceState, counts: Counts) -> bool:
    was = previous is PlaceState.UNKNOWN
    share = UNKNOWN_SHARE_LEAVE if was else UNKNOWN_SHARE_ENTER
    return counts.unknown > share * counts.offered


def _is_almost_full(previous: PlaceState, counts: Counts) -> bool:
    if counts.offered < ALMOST_FULL_SPACES_MIN:
        return False
    was = previous in (PlaceState.ALMOST_FULL, PlaceState.FULL)
    share = ALMOST_FULL_SHARE_LEAVE if was else ALMOST_FULL_SHARE_ENTER
    return counts.available <= ceil(share * counts.offered)
