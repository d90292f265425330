"""Beginning and ending a stay, in the transaction of what told of it."""

from asyncio import to_thread
from datetime import datetime

from parking.access.commands import order
from parking.access.models import CommandCause, LockTarget
from parking.accounts.viewer import Viewer
from parking.errors import Refusal
from parking.rates.lines import lines_json, total_minor
from parking.reservations.models import ReservationState
from parking.reservations.record import BookingChange, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.use import begin_use, end_use
from parking.sessions.contracts import read_contract
from parking.sessions.models import SessionCause, SessionState
from parking.sessions.pricing import price_stay, stay_lines
from parking.sessions.records import SessionRecord
from parking.sessions.rows import (
    insert_session,
    update_session,
    write_open_parts,
    write_priced_parts,
)
from parking.sessions.rules import Beginning
from parking.sessions.segments import segments


async def begin_stay(
    change: BookingChange, reservation: ReservationRecord, begins: Beginning, viewer: Viewer
) -> SessionRecord:
    """The car has come: the booking is ACTIVE, its stay OPEN.

    Raises Conflict `WRONG_STATE` unless the booking is CONFIRMED; the bay must have no open stay.
    """
    made = await insert_session(change, reservation, begins)
    detail = {"session": made.id, "by": begins.cause}
    begun = await begin_use(change, reservation, viewer, begins.at, detail)
    stay = (await read_contract(change.sql, begun)).stay(begins.at, begins.at)
    await write_open_parts(change.sql, made, segments(stay))
    return made


async def end_stay(
    change: BookingChange,
    session: SessionRecord,
    left_at: datetime,
    cause: SessionCause,
    viewer: Viewer,
) -> SessionRecord:
    """The car has left, at `left_at`: the stay is ENDED and priced, the booking COMPLETED, and the
    arm is ordered up behind it."""
    sql, ended_at = change.sql, max(left_at, session.started_at)
    reservation = await locked_reservation(sql, session.reservation_id)
    contract = await read_contract(sql, reservation)
    # However long it was it has to be priced; meanwhile others are served.
    parts = await to_thread(price_stay, session.started_at, ended_at, contract)
    lines = stay_lines(parts)
    overstay = reservation.ends_at if ended_at > reservation.ends_at else None
    ended = await update_session(
        change, session, state=SessionState.ENDED, ended_at=ended_at, ended_by=cause,
        left_at=None, overstay_since=overstay, amount_minor=total_minor(lines),
        lines=lines_json(lines),
    )  # fmt: skip
    await write_priced_parts(sql, ended, parts)
    if reservation.state is ReservationState.ACTIVE:
        detail = {"session": ended.id, "by": cause, "amount_minor": ended.amount_minor}
        await end_use(change, reservation, viewer, ended_at, detail)
    await _raise_arm(change, ended, viewer)
    return ended


async def _raise_arm(change: BookingChange, session: SessionRecord, viewer: Viewer) -> None:
    """Keep the bay for the next; where it cannot be now, the worker sees to it later."""
    try:
        await order(
            change.place, session.space_id, LockTarget.RAISED, CommandCause.DEPARTURE, viewer.actor,
            reservation_id=session.reservation_id,
        )  # fmt: skip
    except Refusal:
        return
