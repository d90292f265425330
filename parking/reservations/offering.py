"""What the worker does for those who wait: offers that have come to an end, then new ones.

One place at a time, under its lock: two workers never offer twice. Entries are served in the order
of joining; each is offered what is idle for it then, so who comes later gets only what nobody
before them can use.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.reservations.holding import For, book_in
from parking.reservations.lapse import give_up
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import WaitlistState
from parking.reservations.offers import Asked
from parking.reservations.quote import Request
from parking.reservations.record import BookingChange, changing_bookings, locked_reservation
from parking.reservations.waiting import WaitlistEntry, has_ended, is_over, read_entries
from parking.reservations.waitlist import move
from parking.reservations.wanted import Ring, reach_of
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.windows import Window

LOOKED_AT_MAX = 200
"""So many of a place's queue are looked at in one go."""
EVERYWHERE = Ring(-1.0, 0.0)

_LIVE = "w.state IN ('WAITING', 'OFFERED')"


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
    done = 0
    for entry in await _queue(change.sql, place_id):
        done += await _settle(change, entry) or await _offer(change, entry, limits)
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
    asked: set[object] = set()
    for entry in await _queue(sql, place_id):
        if has_ended(entry, now) or is_over(entry, now):
            return True
        if entry.state is not WaitlistState.WAITING:
            continue
        viewer = await _person(sql, entry.person_id)
        wish = (entry.window, entry.plate, entry.filters, *sorted(viewer.roles))
        if wish not in asked and await _idle(sql, viewer, entry, now):
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


async def _offer(change: BookingChange, entry: WaitlistEntry, limits: BookingLimits) -> bool:
    """Hold a space for who waits; whether there was one."""
    if entry.state is not WaitlistState.WAITING:
        return False
    viewer = await _person(change.sql, entry.person_id)
    idle = await _idle(change.sql, viewer, entry, change.at)
    if idle is None:
        return False
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


async def _idle(
    sql: Sql, viewer: Viewer, entry: WaitlistEntry, now: datetime
) -> tuple[int, int] | None:
    """Listing and space that the entry can have now."""
    wanted = entry.wanted()
    rows = await Asked(sql, viewer, wanted, reach_of(wanted), now).idle_offers(EVERYWHERE, 1)
    return (rows[0]["listing_id"], rows[0]["space_id"]) if rows else None


async def _queue(sql: Sql, place_id: int) -> Sequence[WaitlistEntry]:
    """Those who wait or have an offer, in the order of joining."""
    rest = f"w.place_id = $1 AND {_LIVE} ORDER BY w.id LIMIT {LOOKED_AT_MAX}"
    return await read_entries(sql, rest, place_id)


async def _person(sql: Sql, person_id: int) -> Viewer:
    """Whoever waits, with the roles held now: some offers are for members only."""
    rows = await sql.fetch(
        "SELECT organisation_id, role FROM membership WHERE person_id = $1", person_id
    )
    held: dict[int, set[Role]] = {}
    for row in rows:
        held.setdefault(row["organisation_id"], set()).add(Role(row["role"]))
    return Viewer(person_id, roles={key: frozenset(roles) for key, roles in held.items()})
