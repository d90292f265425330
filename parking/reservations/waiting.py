"""Waitlists as they are read: entries, where they stand, and what they ask for."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput
from parking.listings.rules import START_LATE_MAX
from parking.places.conditions import Conditions
from parking.places.search import Key
from parking.reservations.models import WaitlistState
from parking.reservations.wanted import Wanted
from parking.storage.sql import Sql, as_time, as_time_or_none, database
from parking.windows import Window

PAGE_ROWS_MAX = 10_001


class Filters(NamedTuple):
    """What a space has to have. None asks for nothing; heights are metres."""

    is_ev: bool | None = None
    is_accessible: bool | None = None
    height_metres: float | None = None


class WaitlistEntry(NamedTuple):
    """Somebody waits for any space of a place for a window. Times are aware UTC.

    `position` is 1 for the head of the queue; 0 for who does not wait any more. `operator_id` is
    the organisation that runs the place. `wish_id` is what the entries have in common by which one
    bay is waited for at several places, best first.
    """

    id: int
    state: WaitlistState
    place_id: int
    person_id: int
    plate: str
    starts_at: datetime
    ends_at: datetime
    filters: Filters
    reservation_id: int | None
    offer_expires_at: datetime | None
    wish_id: int | None
    created_at: datetime
    operator_id: int
    position: int

    @property
    def window(self) -> Window:
        """What is waited for."""
        return Window(self.starts_at, self.ends_at)

    def wanted(self) -> Wanted:
        """The search that finds a space for it. Only offers that need no further answer."""
        return Wanted(
            self.place_id, self.window, self.plate, **self.filters._asdict(), is_instant=True
        )


_STATE = """
CASE WHEN w.state <> 'OFFERED' THEN w.state
     WHEN r.state IN ('CONFIRMED', 'ACTIVE', 'COMPLETED', 'NO_SHOW') THEN 'TAKEN'
     WHEN r.state IN ('CANCELLED', 'EXPIRED') THEN 'EXPIRED' ELSE w.state END
"""
"""What became of the offered hold counts, though no worker has taken it down yet."""

_AHEAD = """
(SELECT COUNT(*) FROM waitlist_entry a
  WHERE a.place_id = w.place_id AND a.id <= w.id AND a.state = 'WAITING')
"""

_SELECT = f"""
SELECT w.id, {_STATE} AS state, w.place_id, w.person_id, w.plate, w.starts_at, w.ends_at,
       w.filters, w.reservation_id, w.offer_expires_at, w.wish_id, w.created_at,
       p.organisation_id AS operator_id, {{position}} AS position
  FROM waitlist_entry w JOIN place p ON p.id = w.place_id
  LEFT JOIN reservation r ON r.id = w.reservation_id
"""
_POSITION = f"CASE WHEN w.state = 'WAITING' THEN {_AHEAD} ELSE 0 END"
SELECT_ENTRIES = _SELECT.format(position=_POSITION)
"""To be followed by a WHERE; each row is `waitlist_entry`'s."""
_SELECT_QUEUE = _SELECT.format(position="0")
"""Without counting for each who is ahead, which grows with the square of a queue."""


def waitlist_entry(row: Mapping[str, Any]) -> WaitlistEntry:
    """A row of `SELECT_ENTRIES`, typed."""
    typed = {
        "state": WaitlistState(row["state"]),
        "starts_at": as_time(row["starts_at"]),
        "ends_at": as_time(row["ends_at"]),
        "filters": Filters(**json.loads(row["filters"])),
        "offer_expires_at": as_time_or_none(row["offer_expires_at"]),
        "created_at": as_time(row["created_at"]),
    }
    return WaitlistEntry(**{**row, **typed})


def is_over(entry: WaitlistEntry, now: datetime) -> bool:
    """Whether the time that was waited for has begun without an offer."""
    return entry.state is WaitlistState.WAITING and entry.starts_at + START_LATE_MAX < now


def has_ended(entry: WaitlistEntry, now: datetime) -> bool:
    """Whether an offer was taken, given back or let go."""
    until = entry.offer_expires_at
    is_offered = entry.state is WaitlistState.OFFERED
    is_late = is_offered and until is not None and until <= now
    return is_late or entry.state in {WaitlistState.TAKEN, WaitlistState.EXPIRED}


def may_see_entry(viewer: Viewer, entry: WaitlistEntry) -> bool:
    """Whose it is, and who works at the place; no API keys."""
    if viewer.api_key_id is not None:
        return False
    is_own = viewer.person_id is not None and viewer.person_id == entry.person_id
    return is_own or viewer.has_role(entry.operator_id, Role.OPERATOR, Role.ATTENDANT)


async def entries_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, WaitlistEntry]:
    """The entries of these ids that the viewer may see."""
    sql = database()
    found = await read_entries(sql, f"w.id {sql.any_of('$1')}", list(ids))
    return {each.id: each for each in found if may_see_entry(viewer, each)}


async def find_entries(
    viewer: Viewer, place_id: int | None = None, *, limit: int, after: Key | None = None
) -> list[WaitlistEntry]:
    """A page of entries that the viewer may see, in the order of joining, after the key `(id,)`:
    one's own, and all of the places where one works. `place_id` asks for one place."""
    where = Conditions(database())
    if place_id is not None:
        where.add(f"w.place_id = {where.argument(place_id)}")
    if after is not None:
        where.add(f"w.id > {where.argument(_checked_key(after))}")
    _visible(where, viewer)
    rest = f"{where} ORDER BY w.id LIMIT {min(limit, PAGE_ROWS_MAX)}"
    return await read_entries(database(), rest, *where.arguments)


def entry_key(entry: WaitlistEntry) -> Key:
    """What the list is sorted by."""
    return (entry.id,)


def _checked_key(after: Key) -> int:
    if len(after) != 1 or not isinstance(after[0], int):
        raise InvalidInput("after", "the cursor is of another list; begin without one")
    return after[0]


def _visible(where: Conditions, viewer: Viewer) -> None:
    """The same as `may_see_entry`, for the database."""
    if viewer.is_system:
        return
    if viewer.person_id is None:
        where.add("1 = 0")
        return
    said = f"w.person_id = {where.argument(viewer.person_id)}"
    working = sorted(viewer.organisations(Role.OPERATOR, Role.ATTENDANT))
    if working:
        said += f" OR p.organisation_id {where.any_of(working)}"
    where.add(said)


async def read_queue(sql: Sql, place_id: int, limit: int) -> list[WaitlistEntry]:
    """Who waits at a place or has an offer, in the order of joining; their positions are not
    counted."""
    rows = await sql.fetch(
        f"{_SELECT_QUEUE} WHERE w.place_id = $1 AND w.state IN ('WAITING', 'OFFERED')"
        " ORDER BY w.id LIMIT $2",
        place_id,
        limit,
    )
    return [waitlist_entry(row) for row in rows]


async def read_wish(sql: Sql, wish_id: int) -> list[WaitlistEntry]:
    """The entries of one wish, the best place first; whoever asks."""
    rows = await sql.fetch(f"{_SELECT_QUEUE} WHERE w.wish_id = $1 ORDER BY w.id", wish_id)
    return [waitlist_entry(row) for row in rows]


async def read_entries(sql: Sql, condition: str, *arguments: Any) -> list[WaitlistEntry]:
    """Entries, whoever asks: for verbs and the worker, which decide themselves."""
    rows = await sql.fetch(f"{SELECT_ENTRIES} WHERE {condition}", *arguments)
    return [waitlist_entry(row) for row in rows]
