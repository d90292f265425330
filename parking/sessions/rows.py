"""Rows of stays, written by raw SQL in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from parking.rates.lines import lines_json
from parking.reservations.record import BookingChange
from parking.reservations.records import ReservationRecord
from parking.sessions.models import SegmentKind, SessionState
from parking.sessions.pricing import PricedPart
from parking.sessions.records import SELECT_SESSIONS, SessionRecord, session_record
from parking.sessions.rules import Beginning
from parking.sessions.segments import Part
from parking.sessions.topics import tell_session
from parking.storage.faults import Contended
from parking.storage.sql import Sql

INSERT_SESSION = """
INSERT INTO session (reservation_id, space_id, place_id, person_id, plate, state, started_at,
                     started_by, currency, lines, version)
VALUES ($1, $2, $3, $4, $5, 'OPEN', $6, $7, $8, '[]', 1) RETURNING id
"""

INSERT_SEGMENT = """
INSERT INTO segment (session_id, position, kind, starts_at, ends_at, amount_minor, lines)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

SegmentRow = tuple[SegmentKind, datetime, datetime | None, int | None, str]


async def open_session(sql: Sql, space_id: int) -> SessionRecord | None:
    """The stay under way in a bay; there is never a second."""
    row = await sql.fetch_one(
        f"{SELECT_SESSIONS} WHERE s.space_id = $1 AND s.state = 'OPEN'", space_id
    )
    return None if row is None else session_record(row)


async def session_by_id(sql: Sql, session_id: int) -> SessionRecord | None:
    """A stay, whoever asks."""
    row = await sql.fetch_one(f"{SELECT_SESSIONS} WHERE s.id = $1", session_id)
    return None if row is None else session_record(row)


async def insert_session(
    change: BookingChange, reservation: ReservationRecord, begins: Beginning
) -> SessionRecord:
    """Write a new stay, and have it told."""
    [row] = await change.sql.fetch(
        INSERT_SESSION, reservation.id, reservation.space_id, reservation.place_id,
        reservation.person_id, reservation.plate, begins.at, begins.cause, reservation.currency,
    )  # fmt: skip
    made = await session_by_id(change.sql, row["id"])
    assert made is not None, "it was just written"
    tell_session(change.place, made)
    return made


async def update_session(
    change: BookingChange, session: SessionRecord, **changes: Any
) -> SessionRecord:
    """Write the changed columns and the next version, and have it told.

    Raises `Contended` when somebody else changed it since it was read.
    """
    changed = session._replace(version=session.version + 1, **changes)
    names = [*changes, "version"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=3))
    written = await change.sql.execute(
        f"UPDATE session SET {assignments} WHERE id = $1 AND version = $2",
        session.id,
        session.version,
        *(getattr(changed, name) for name in names),
    )
    if written != 1:
        raise Contended(f"session {session.id} has changed since it was read; run it again")
    tell_session(change.place, changed)
    return changed


async def note_left(sql: Sql, session: SessionRecord, left_at: datetime | None) -> None:
    """Since when the bay has been seen free; nothing that anybody is shown."""
    await sql.execute(
        "UPDATE session SET left_at = $2 WHERE id = $1 AND state = 'OPEN'", session.id, left_at
    )


async def write_open_parts(sql: Sql, session: SessionRecord, parts: Sequence[Part]) -> None:
    """The parts of a stay so far, the last of them without an end."""
    begun = [part for part in parts if part.starts_at < part.ends_at] or [parts[0]]
    rows: list[SegmentRow] = [
        (part.kind, part.starts_at, part.ends_at, None, "[]") for part in begun
    ]
    kind, starts_at, *_ = rows[-1]
    rows[-1] = (kind, starts_at, None, None, "[]")
    await _write(sql, session.id, rows)


async def write_priced_parts(sql: Sql, session: SessionRecord, parts: Iterable[PricedPart]) -> None:
    """The parts of a stay that is over, each with its price."""
    rows: list[SegmentRow] = [
        (p.part.kind, p.part.starts_at, p.part.ends_at, p.amount_minor, lines_json(p.lines))
        for p in parts
    ]
    await _write(sql, session.id, rows)


async def _write(sql: Sql, session_id: int, rows: Sequence[SegmentRow]) -> None:
    await sql.execute("DELETE FROM segment WHERE session_id = $1", session_id)
    numbered = [(session_id, position, *row) for position, row in enumerate(rows)]
    await sql.execute_many(INSERT_SEGMENT, numbered)


def is_open(session: SessionRecord | None) -> bool:
    """Whether there is a stay, and it goes on."""
    return session is not None and session.state is SessionState.OPEN
