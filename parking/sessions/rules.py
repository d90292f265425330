"""Pure decisions about sessions: when a stay begins, when it is over, who may say otherwise.

A stay begins where three things meet: a car stands in the bay, a booking of the bay covers that
instant, and the car is the booking's. The last is known where a credential was admitted for it;
where nothing bars the bay (no lock) the sensor is trusted, for whoever comes into a booked bay in
its time is taken to be who booked it. A car that came before that time is somebody else's.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted
from parking.occupancy.models import Occupancy
from parking.reservations.models import ReservationState
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import ARRIVAL, Side, may_see, sides
from parking.sessions.limits import CLOCKS_APART, EARLY, FLICKER, LAST_MOMENT
from parking.sessions.models import SessionCause
from parking.sessions.records import SessionRecord


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known when a car stands in a bay that somebody has booked; times are aware UTC.

    `since` is when it came, as observed. `admitted_at` is when a credential of this booking was
    last admitted at this bay, None if never. `left_at` is when the stay before, of whichever
    booking, was over; None if there was none.
    """

    occupancy: Occupancy
    since: datetime | None
    state: ReservationState
    booked_at: datetime
    starts_at: datetime
    ends_at: datetime
    has_lock: bool
    admitted_at: datetime | None = None
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """A stay begins, at `at`; `cause` is what told."""

    at: datetime
    cause: SessionCause


class Departure(StrEnum):
    """What an observation means for a stay under way."""

    GOES_ON = "GOES_ON"
    LEAVES = "LEAVES"
    CAME_BACK = "CAME_BACK"
    IS_OVER = "IS_OVER"


def beginning(arrival: Arrival, now: datetime) -> Beginning | None:
    """Whether, when and by what the booking's stay begins; None where it does not (yet).

    | the car | the bay | begins |
    |---|---|---|
    | came before the booking was made, or under a stay that is over | any | never |
    | came with an admitted credential | any | when it came, at the earliest `EARLY` before |
    | was let in before the end, came within `ARRIVAL` after it | any | just before the end |
    | came in the booking's time | without a lock | when it came |
    | came at most `EARLY` before and is there at the start | without a lock | when it came |
    | came without a credential | with a lock | never; the operator may say otherwise |

    A car without a credential that draws in and out before the start was not the driver's, and must
    not use up the booking.
    """
    since = arrival.since
    if arrival.occupancy is not Occupancy.OCCUPIED or since is None:
        return None
    if arrival.state is not ReservationState.CONFIRMED or not _is_in_time(arrival, since):
        return None
    is_anothers = arrival.left_at is not None and since < arrival.left_at
    if is_anothers or since < arrival.booked_at - CLOCKS_APART:
        return None
    opens_at = arrival.starts_at - EARLY
    if arrival.admitted_at is not None:
        last = arrival.ends_at - LAST_MOMENT
        return Beginning(min(max(since, opens_at), last), SessionCause.CREDENTIAL)
    if arrival.has_lock or since < opens_at or now < arrival.starts_at:
        return None
    return Beginning(since, SessionCause.DEVICE)


def _is_in_time(arrival: Arrival, since: datetime) -> bool:
    """Whether the car came before the booking's end, or was let in before it and came at once."""
    let_in = arrival.admitted_at
    return since < arrival.ends_at or (let_in is not None and since - let_in <= ARRIVAL)


def departure(
    occupancy: Occupancy,
    since: datetime | None,
    started_at: datetime,
    left_at: datetime | None,
    now: datetime,
) -> Departure:
    """What the bay's occupancy since `since` means for a stay that began at `started_at`; `left_at`
    is since when it was seen free.

    A silent sensor (UNKNOWN) ends nothing, nor does one that has said FREE since before the stay
    began: an operator began it, who knows better.
    """
    if occupancy is Occupancy.FREE and (since is None or since < started_at):
        return Departure.GOES_ON
    if left_at is not None and occupancy is not Occupancy.FREE:
        is_car = occupancy is Occupancy.OCCUPIED and since is not None
        if is_car and since is not None and since - left_at < FLICKER:
            return Departure.CAME_BACK
        if is_car or now - left_at >= FLICKER:
            return Departure.IS_OVER
        return Departure.GOES_ON
    if occupancy is Occupancy.FREE and since is not None:
        first = since if left_at is None else left_at
        return Departure.IS_OVER if now - first >= FLICKER else Departure.LEAVES
    return Departure.GOES_ON


def may_see_session(viewer: Viewer, session: SessionRecord) -> bool:
    """The driver, the lessor, and who works at the place: who may see the booking."""
    if viewer.is_system:
        return True
    if viewer.api_key_id is not None or viewer.person_id is None:
        return False
    return (
        viewer.person_id == session.person_id
        or viewer.has_role(session.organisation_id, Role.OWNER, Role.OPERATOR)
        or viewer.has_role(session.operator_id, Role.OPERATOR, Role.ATTENDANT)
    )


STAFF = frozenset({Side.OPERATOR, Side.ATTENDANT, Side.SYSTEM})
"""Who may begin or end a stay by their word."""


def require_override(viewer: Viewer, reservation: ReservationRecord) -> None:
    """Raises NotFound for who may not know of the booking, NotPermitted for who does not work at
    its place."""
    if not may_see(viewer, reservation):
        raise NotFound("there is no such reservation")
    if STAFF.isdisjoint(sides(viewer, reservation)):
        raise NotPermitted("only OPERATORs and ATTENDANTs of the place may do this")
