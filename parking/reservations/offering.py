"""What the worker does for those who wait: offers that have come to an end, then new ones.

One place at a time, under its lock: two workers never offer twice. Entries are served in the order
of joining; each is offered what is idle for it then, so who comes later gets only what nobody
before them can use. A search that found nothing is not made again for who asks for the same, until
something is given back: a full place with a long queue costs as much as its different wishes.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.reservations.availability import first_idle
from parking.reservations.holding import For, book_in
from parking.reservations.lapse import give_up
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import WaitlistState
from parking.reservations.quote import Request
from parking.reservations.record import BookingChange, changing_bookings, locked_reservation
from parking.reservations.waiting import (
    WaitlistEntry,
    has_ended,
    is_over,
    read_queue,
    read_wish,
)
from parking.reservations.waitlist import move
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.windows import Window

LOOKED_AT_MAX = 1_000
"""So many of a place's queue are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits at a place, in the order of joining, and as whom. `has_plates`: some of what is
    offered there is for certain plates only."""

    entries: list[WaitlistEntry]
    people: Mapping[int, Viewer]
    has_plates: bool

    def viewer(self, entry: WaitlistEntry) -> Viewer:
        """Whoever waits, with the roles held now: some offers are for members only."""
        return self.people.get(entry.person_id) or Viewer(entry.person_id)

    def wish(self, entry: WaitlistEntry) -> Hashable:
        """What is the same for those who are offered the same."""
        roles = frozenset(self.viewer(entry).roles.items())
        plate = entry.plate if self.has_plates else ""
        return entry.window, entry.filters, plate, roles


async def serve_waitlists(clock: Clock, bus: Bus, limits: BookingLimits = DEFAULTS) -> int:
    """Settle and make offers wherever somebody waits; how many entries changed.

    A place is locked only when something is to be done there. Any number of workers may run.
    """
    rows = await database().fetch(
        "SELECT DISTINCT w.place_id FROM waitlist_entry w WHERE w.state IN ('WAITING', 'OFFERED')"
    )
    done = 0
    for place_id in sorted(row["place_id"] for row in rows):
        if await _is_due(database(), place_id, clock.now()):
            done += await retried(partial(_serve, place_id, clock, bus, limits))
    return done


async def _serve(place_id: int, clock: Clock, bus: Bus, limits: BookingLimits) -> int:
    async with changing_bookings([place_id], clock, bus) as change:
        return await serve_place(change, place_id, limits)


async def serve_place(
    change: BookingChange, place_id: int, limits: BookingLimits = DEFAULTS
) -> int:
    """Settle and make the offers of one place in the caller's change; how many entries changed."""
    queue, done = await _queue(change.sql, place_id), 0
    in_vain = set[Hashable]()
    for entry in queue.entries:
        if await _settle(change, entry):
            in_vain.clear()  # what it had is idle again
            done += 1
        elif entry.state is WaitlistState.WAITING and queue.wish(entry) not in in_vain:
            offered = await _offer(change, entry, queue.viewer(entry), limits)
            done += bool(offered)
            if offered is False:
                in_vain.add(queue.wish(entry))
    return done


async def serve_first(
    change: BookingChange,
    place_id: int,
    window: Window,
    viewer: Viewer,
    limits: BookingLimits = DEFAULTS,
) -> None:
    """Before somebody new books: whoever waits there for a part of the window is offered what is
    idle, so that nobody is overtaken between two looks of the worker.

    Where that leaves nothing for who is new, their refusal undoes the offers too, and the worker
    makes them anew.
    """
    others = await change.sql.fetch(
        "SELECT 1 AS waits FROM waitlist_entry w WHERE w.place_id = $1"
        " AND w.state IN ('WAITING', 'OFFERED') AND w.state = 'WAITING'"
        " AND w.starts_at < $3 AND w.ends_at > $2 AND w.person_id <> $4 LIMIT 1",
        place_id,
        window.starts_at,
        window.ends_at,
        viewer.person_id or 0,
    )
    if others:
        await serve_place(change, place_id, limits)


async def _is_due(sql: Sql, place_id: int, now: datetime) -> bool:
    """Whether anything can be done; looked at without a lock, so it may be gone under it."""
    queue, asked = await _queue(sql, place_id), set[Hashable]()
    for entry in queue.entries:
        if has_ended(entry, now) or is_over(entry, now):
            return True
        wish = queue.wish(entry)
        if entry.state is WaitlistState.WAITING and wish not in asked:
            if await first_idle(sql, queue.viewer(entry), entry.wanted(), now):
                return True
            asked.add(wish)
    return False


async def _settle(change: BookingChange, entry: WaitlistEntry) -> bool:
    """Take down what has ended; whether there was something."""
    if is_over(entry, change.at):
        await move(change, entry, WaitlistState.EXPIRED)
        return True
    if not has_ended(entry, change.at):
        return False
    if entry.state is WaitlistState.OFFERED and entry.reservation_id is not None:
        await give_up(change, [await locked_reservation(change.sql, entry.reservation_id)])
    taken = entry.state is WaitlistState.TAKEN
    await move(change, entry, WaitlistState.TAKEN if taken else WaitlistState.EXPIRED)
    return True


async def _offer(
    change: BookingChange, entry: WaitlistEntry, viewer: Viewer, limits: BookingLimits
) -> bool | None:
    """Hold a space for who waits; whether there was one. None: it is left to who is next, because a
    better place keeps one for them already."""
    idle = await first_idle(change.sql, viewer, entry.wanted(), change.at)
    if idle is None:
        return False
    if await _has_better(change, entry):
        return None
    until = change.at + limits.offer
    request = Request(idle[0], idle[1], entry.window, entry.plate)
    whom = For(waitlist_entry_id=entry.id, hold_until=until)
    try:
        hold = await book_in(change, viewer, request, whom, limits)
    except Refusal:  # what the search takes for idle, a verb may refuse: the next look may do
        return False
    columns = {"reservation_id": hold.id, "offer_expires_at": hold.hold_until}
    await move(change, entry, WaitlistState.OFFERED, **columns)
    return True


async def _has_better(change: BookingChange, entry: WaitlistEntry) -> bool:
    """Whether a better place of the same wish has an offer open. Read without that place's lock:
    two that come at once are sorted out by who made the wish."""
    if entry.wish_id is None:
        return False
    found = await read_wish(change.sql, entry.wish_id)
    return any(
        each.id < entry.id
        and each.state is WaitlistState.OFFERED
        and not has_ended(each, change.at)
        for each in found
    )


async def _queue(sql: Sql, place_id: int) -> Queue:
    entries = await read_queue(sql, place_id, LOOKED_AT_MAX)
    waiting = {each.person_id for each in entries if each.state is WaitlistState.WAITING}
    if not waiting:
        return Queue(entries, {}, has_plates=False)
    plates = await sql.fetch(
        "SELECT 1 AS has FROM listing WHERE place_id = $1 AND state = 'ACTIVE'"
        " AND audience = 'PLATES' LIMIT 1",
        place_id,
    )
    return Queue(entries, await _people(sql, sorted(waiting)), has_plates=bool(plates))


async def _people(sql: Sql, person_ids: list[int]) -> dict[int, Viewer]:
    """Those of them who are members of something."""
    rows = await sql.fetch(
        "SELECT person_id, organisation_id, role FROM membership"
        f" WHERE person_id {sql.any_of('$1')}",
        person_ids,
    )
    held: dict[int, dict[int, set[Role]]] = {}
    for row in rows:
        roles = held.setdefault(row["person_id"], {})
        roles.setdefault(row["organisation_id"], set()).add(Role(row["role"]))
    return {
        person_id: Viewer(person_id, roles={key: frozenset(each) for key, each in roles.items()})
        for person_id, roles in held.items()
    }
