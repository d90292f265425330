"""The waitlist of a place: strictly first come, first offered.

    WAITING ──offer──► OFFERED ──accept──► TAKEN
       │ leave            │ leave ─► LEFT
       ├─► LEFT           └ expires ─► EXPIRED, and the next in the queue is offered
       └ its time begins ─► EXPIRED

An offer is a hold of a space: nobody else can book it until the offer expires. Accepting is
confirming that hold. Who comes later is offered only what nobody before them can use.
"""

import json
from collections.abc import Sequence
from typing import Any

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.places.queries import place_by_id
from parking.plates import normalised
from parking.reservations.cancel import cancel_in
from parking.reservations.confirm import confirm_in
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.models import WaitlistState
from parking.reservations.record import BookingChange, changing_bookings, locked_reservation
from parking.reservations.rules import WAITING
from parking.reservations.waiting import Filters, WaitlistEntry, may_see_entry, read_entries
from parking.reservations.wanted import Wanted, checked
from parking.storage.sql import database
from parking.windows import Window

ENTRIES_MAX = 20
"""So many entries one person may have waiting at a time; those of one wish count as one."""
NO_FILTERS = Filters()

LIVE = (WaitlistState.WAITING, WaitlistState.OFFERED)


async def join_waitlist(
    viewer: Viewer,
    place_id: int,
    window: Window,
    plate: str = "",
    filters: Filters = NO_FILTERS,
    *,
    clock: Clock,
    bus: Bus,
) -> int:
    """Queue up for any space of the place in the window; the entry's id.

    Raises NotFound, InvalidInput, and Conflict: `ALREADY_WAITING` for a window that overlaps one of
    the viewer's own there, `WAITLIST_FULL` for more than `ENTRIES_MAX`.
    """
    require_person(viewer)
    known_plate = normalised(plate)
    await place_by_id(viewer, place_id)
    checked(Wanted(place_id, window, known_plate, **filters._asdict()), clock.now())
    async with changing_bookings([place_id], clock, bus) as change:
        return await join_in(change, viewer, place_id, window, known_plate, filters)


async def join_in(
    change: BookingChange,
    viewer: Viewer,
    place_id: int,
    window: Window,
    plate: str,
    filters: Filters = NO_FILTERS,
    *,
    is_limited: bool = True,
) -> int:
    """`join_waitlist` in the caller's change of the place; the plate is normalised, and the window
    was looked at. Raises Conflict, but for who is brought by somebody with limits of their own."""
    person_id = require_person(viewer)
    if is_limited:
        await _require_room(change, person_id, place_id, window)
    [row] = await change.sql.fetch(
        "INSERT INTO waitlist_entry (state, person_id, plate, starts_at, ends_at, filters,"
        " created_at, place_id) VALUES ('WAITING', $1, $2, $3, $4, $5, $6, $7) RETURNING id",
        person_id, plate, window.starts_at, window.ends_at,
        json.dumps(filters._asdict()), change.at, place_id,
    )  # fmt: skip
    await tell(change, person_id, row["id"], WaitlistState.WAITING)
    return int(row["id"])


async def join_each(
    change: BookingChange,
    viewer: Viewer,
    place_ids: Sequence[int],
    window: Window,
    plate: str,
    filters: Filters = NO_FILTERS,
) -> int:
    """Queue up at several places, best first, for one bay; the wish's id, which is that of its
    first entry. In the caller's change of all of them, for who is brought by somebody with limits
    of their own.

    Which offer is taken, and what becomes of the others, is for who made the wish to say; a place
    makes none while a better one's is open.
    """
    ids = [
        await join_in(change, viewer, each, window, plate, filters, is_limited=False)
        for each in place_ids
    ]
    await change.sql.execute(
        f"UPDATE waitlist_entry SET wish_id = $1 WHERE id {change.sql.any_of('$2')}", ids[0], ids
    )
    return ids[0]


async def leave_waitlist(viewer: Viewer, entry_id: int, *, clock: Clock, bus: Bus) -> None:
    """Give up waiting, and the hold that is offered. For whoever waits; staff of the place may
    take somebody off, too.

    Raises NotFound, and Conflict `NOT_WAITING` when it is over already.
    """
    place_id = await _place_of(viewer, entry_id)
    async with changing_bookings([place_id], clock, bus) as change:
        entry = await _locked(change, viewer, entry_id)
        if entry.state not in LIVE:
            raise Conflict(
                f"the entry is {entry.state}; there is nothing to leave", code="NOT_WAITING"
            )
        await leave_in(change, viewer, entry, "left the waitlist")


async def leave_in(
    change: BookingChange, viewer: Viewer, entry: WaitlistEntry, reason: str
) -> None:
    """`leave_waitlist` in the caller's change; the entry, which is live, was read under the lock
    of its place."""
    if entry.reservation_id is not None:
        hold = await locked_reservation(change.sql, entry.reservation_id)
        if hold.state in WAITING:
            await cancel_in(change, viewer, hold, reason)
    await move(change, entry, WaitlistState.LEFT)


async def accept_offer(
    viewer: Viewer, entry_id: int, *, clock: Clock, bus: Bus, funding: Funding = DUE_AT_END
) -> int:
    """Confirm the hold that is offered; the reservation's id. For whoever waits.

    Raises NotFound, NotPermitted, Conflict `NOT_OFFERED`, and as `confirm`.
    """
    place_id = await _place_of(viewer, entry_id)
    async with changing_bookings([place_id], clock, bus) as change:
        entry = await _locked(change, viewer, entry_id)
        if entry.person_id != viewer.person_id:
            raise NotPermitted("an offer is for the person who waited")
        if entry.state is not WaitlistState.OFFERED or entry.reservation_id is None:
            raise Conflict(
                f"the entry is {entry.state}; only an offer can be accepted", code="NOT_OFFERED"
            )
        hold = await locked_reservation(change.sql, entry.reservation_id)
        await confirm_in(change, viewer, hold, funding)
        await move(change, entry, WaitlistState.TAKEN)
    return hold.id


async def offered_holds(viewer: Viewer, entry_id: int) -> list[int]:
    """The hold that is offered, of who waits themselves; nothing for others."""
    found = await read_entries(database(), "w.id = $1", entry_id)
    return [
        each.reservation_id
        for each in found
        if each.reservation_id is not None and each.person_id == viewer.person_id
    ]


async def move(
    change: BookingChange, entry: WaitlistEntry, state: WaitlistState, **columns: Any
) -> None:
    """Write the next state of an entry read under the lock of its place, and tell its person."""
    names = ["state", *columns]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=2))
    await change.sql.execute(
        f"UPDATE waitlist_entry SET {assignments} WHERE id = $1", entry.id, state, *columns.values()
    )
    await tell(change, entry.person_id, entry.id, state)


async def tell(change: BookingChange, person_id: int, entry_id: int, state: WaitlistState) -> None:
    """After the commit: an entry of the person's has changed."""
    body = json.dumps({"waitlist_entry_id": entry_id, "state": state}).encode()
    await change.bus.publish(waitlist_topic(person_id), body)


def waitlist_topic(person_id: int) -> str:
    """What happens to a person's entries."""
    return f"person:{person_id}:waitlist"


async def _require_room(
    change: BookingChange, person_id: int, place_id: int, window: Window
) -> None:
    live = "w.state IN ('WAITING', 'OFFERED')"
    mine = await read_entries(change.sql, f"w.person_id = $1 AND {live}", person_id)
    mine = [entry for entry in mine if entry.state in LIVE]
    if len({entry.wish_id or entry.id for entry in mine}) >= ENTRIES_MAX:
        message = f"you wait {ENTRIES_MAX} times already; leave one of these waitlists first"
        raise Conflict(message, code="WAITLIST_FULL")
    if any(entry.place_id == place_id and entry.window.overlaps(window) for entry in mine):
        message = "you wait there for a part of this time already; leave that entry first"
        raise Conflict(message, code="ALREADY_WAITING")


async def _place_of(viewer: Viewer, entry_id: int) -> int:
    require_person(viewer)
    found = await read_entries(database(), "w.id = $1", entry_id)
    return _seen(viewer, found).place_id


async def _locked(change: BookingChange, viewer: Viewer, entry_id: int) -> WaitlistEntry:
    return _seen(viewer, await read_entries(change.sql, "w.id = $1", entry_id))


def _seen(viewer: Viewer, found: list[WaitlistEntry]) -> WaitlistEntry:
    if not found or not may_see_entry(viewer, found[0]):
        raise NotFound("there is no such waitlist entry")
    return found[0]
