"""Reading stays: only what the viewer may see, in batches and in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput
from parking.places.conditions import Conditions
from parking.sessions.models import SessionState
from parking.sessions.records import (
    SEGMENT_COLUMNS,
    SELECT_SESSIONS,
    SegmentRecord,
    SessionRecord,
    segment_record,
    session_record,
)
from parking.sessions.rules import may_see_session
from parking.storage.sql import as_time, database

Key: TypeAlias = tuple[Any, ...]

PAGE_ROWS_MAX = 10_001


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which stays are asked for; None asks for nothing."""

    person_id: int | None = None
    place_id: int | None = None
    state: SessionState | None = None


async def sessions_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SessionRecord]:
    """The stays of these ids."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_SESSIONS} WHERE s.id {sql.any_of('$1')}", list(ids))
    found = [session_record(row) for row in rows]
    return {each.id: each for each in found if may_see_session(viewer, each)}


async def sessions_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[SessionRecord]]:
    """The stays of each of these bookings, in order."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_SESSIONS} WHERE s.reservation_id {sql.any_of('$1')} ORDER BY s.id",
        list(reservation_ids),
    )
    found: dict[int, list[SessionRecord]] = {each: [] for each in reservation_ids}
    for session in map(session_record, rows):
        if may_see_session(viewer, session):
            found[session.reservation_id].append(session)
    return found


async def segments_of(
    viewer: Viewer, session_ids: Sequence[int]
) -> Mapping[int, list[SegmentRecord]]:
    """The parts of each of these stays, in order; priced once the stay is over."""
    seen = sorted(await sessions_by_id(viewer, session_ids))
    sql = database()
    rows = await sql.fetch(
        f"SELECT {SEGMENT_COLUMNS} FROM segment WHERE session_id {sql.any_of('$1')}"
        " ORDER BY session_id, position",
        seen,
    )
    found: dict[int, list[SegmentRecord]] = {each: [] for each in seen}
    for row in rows:
        found[row["session_id"]].append(segment_record(row))
    return found


async def find_sessions(
    viewer: Viewer, wanted: SessionFilter, *, limit: int, after: Key | None = None
) -> list[SessionRecord]:
    """A page of stays that the viewer may see, the latest start first; see `session_key`."""
    where = Conditions(database())
    for column in ("person_id", "place_id", "state"):
        value = getattr(wanted, column)
        if value is not None:
            where.add(f"s.{column} = {where.argument(value)}")
    _visible(where, viewer)
    if after is not None:
        started_at, key = map(where.argument, _checked_key(after))
        where.add(f"s.started_at < {started_at} OR (s.started_at = {started_at} AND s.id < {key})")
    rows = await database().fetch(
        f"{SELECT_SESSIONS} WHERE {where} ORDER BY s.started_at DESC, s.id DESC"
        f" LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [session_record(row) for row in rows]


def session_key(session: SessionRecord) -> Key:
    """What the list is sorted by."""
    return (session.started_at.isoformat(), session.id)


def _checked_key(after: Key) -> tuple[datetime, int]:
    try:
        started_at, session_id = after
        return as_time(datetime.fromisoformat(started_at)), int(session_id)
    except (TypeError, ValueError):
        message = "the cursor is of another list; begin without one"
        raise InvalidInput("after", message) from None


def _visible(where: Conditions, viewer: Viewer) -> None:
    """The same as `rules.may_see_session`, for the database."""
    if viewer.is_system:
        return
    if viewer.person_id is None:
        where.add("1 = 0")
        return
    leasing = sorted(viewer.organisations(Role.OWNER, Role.OPERATOR))
    working = sorted(viewer.organisations(Role.OPERATOR, Role.ATTENDANT))
    said = [f"s.person_id = {where.argument(viewer.person_id)}"]
    if leasing:
        said.append(f"r.organisation_id {where.any_of(leasing)}")
    if working:
        said.append(f"p.organisation_id {where.any_of(working)}")
    where.add(" OR ".join(said))
