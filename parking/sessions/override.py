"""The operator's word: beginning and ending a stay where the devices do not say it right."""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock, as_utc
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.occupancy.models import Occupancy
from parking.reservations.record import (
    BookingChange,
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, next_state
from parking.sessions.limits import EARLY
from parking.sessions.models import SessionCause
from parking.sessions.records import SessionRecord
from parking.sessions.rows import is_open, open_session, session_by_id
from parking.sessions.rules import Beginning, may_see_session, require_override
from parking.sessions.stays import begin_stay, end_stay
from parking.storage.sql import database


async def start_session(viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus) -> int:
    """Begin the stay of a booking, for a driver whose credential or bay does not work; its id.

    It began when the car came, where a sensor saw that, else now. For OPERATORs and ATTENDANTs of
    the place. Raises NotFound, NotPermitted, Conflict `WRONG_STATE`, `TOO_EARLY` and `BAY_IN_USE`.
    """
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_override(viewer, reservation)
        next_state(Step.BEGIN, reservation.state)
        await _require_room(change, reservation)
        begins = Beginning(await _came_at(change, reservation), SessionCause.OPERATOR)
        made = await begin_stay(change, reservation, begins, viewer)
        await _audit(change, viewer, "start_session", made)
    return made.id


async def end_session(
    viewer: Viewer,
    session_id: int,
    ended_at: datetime | None = None,
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """End a stay that the devices did not see ending; at `ended_at` (None: now).

    For OPERATORs and ATTENDANTs of the place. Raises NotFound, NotPermitted, InvalidInput for a
    time before the stay or in the future, and Conflict `ENDED`.
    """
    found = await session_by_id(database(), session_id)
    if found is None or not may_see_session(viewer, found):
        raise NotFound("there is no such session")
    async with changing_bookings([found.place_id], clock, bus) as change:
        session = await session_by_id(change.sql, session_id)
        assert session is not None, "sessions are never deleted"
        require_override(viewer, await locked_reservation(change.sql, session.reservation_id))
        if not is_open(session):
            raise Conflict("the session has ended already", code="ENDED")
        left_at = _checked(ended_at, session, change.at)
        ended = await end_stay(change, session, left_at, SessionCause.OPERATOR, viewer)
        await _audit(change, viewer, "end_session", ended)


async def _require_room(change: BookingChange, reservation: ReservationRecord) -> None:
    if change.at < reservation.starts_at - EARLY:
        raise Conflict("the booking begins later; extend or rebook it first", code="TOO_EARLY")
    if await open_session(change.sql, reservation.space_id) is not None:
        raise Conflict(
            "another stay is under way in the space; end that one first", code="BAY_IN_USE"
        )


async def _came_at(change: BookingChange, reservation: ReservationRecord) -> datetime:
    """When the car came, where that lies within what the booking allows."""
    state = (await change.place.states([reservation.space_id])).get(reservation.space_id)
    if state is None or state.occupancy is not Occupancy.OCCUPIED or not state.occupancy_since:
        return change.at
    since = as_utc(state.occupancy_since)
    is_theirs = reservation.starts_at - EARLY <= since <= change.at
    return since if is_theirs and since >= reservation.created_at else change.at


def _checked(ended_at: datetime | None, session: SessionRecord, now: datetime) -> datetime:
    until = now if ended_at is None else as_utc(ended_at)
    if not session.started_at <= until <= now:
        raise InvalidInput("endedAt", "a stay ends after it began, and not in the future")
    return until


async def _audit(change: BookingChange, viewer: Viewer, verb: str, session: SessionRecord) -> None:
    detail = {"reservation": session.reservation_id, "space": session.space_id}
    subject, organisation = f"session:{session.id}", session.operator_id
    await record_audit(change.sql, viewer, verb, subject, organisation, detail, change.at)
