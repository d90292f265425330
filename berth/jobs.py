"""The worker's jobs: what becomes due without anybody asking for it."""

from berth.worker import Job
from parking.access.alarms import watch_bays
from parking.access.due_locks import raise_due_locks
from parking.access.expire import EXPIRED_MAX, expire_commands
from parking.access.revocations import prune_access
from parking.accounts.prune import prune
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.relay import Relay
from parking.events.retention import prune_events
from parking.listings.extend import LISTINGS_AT_ONCE_MAX, extend_openings
from parking.occupancy.staleness import STALE_MAX, mark_stale
from parking.reservations.due import run_due
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.offering import serve_waitlists
from parking.reservations.prune import prune_quotes
from parking.reservations.relay import BookingRelay
from parking.sessions.follow import follow_places
from parking.sessions.limits import EVENTS_MAX
from parking.sessions.overstay import find_overstays, protect_next
from parking.sessions.sweep import sweep_stays

STALENESS_SECONDS = 5.0
"""How late a silent device may be noticed."""
RELAY_SECONDS = 1.0
"""How late subscribers hear of a change whose process died before it could tell them."""
POLL_SECONDS = 0.5
"""Without Redis: how late an API process hears of another process' changes."""
SESSIONS_SECONDS = 0.5
"""How late a stay begins or ends after its car."""
OVERSTAYS_SECONDS = 1.0
WAITLISTS_SECONDS = 1.0
"""How late a space that frees is offered to whoever waits for it."""
BOOKINGS_SECONDS = 1.0
"""How late a hold lapses for its watchers, and a booking shows on its space."""
COMMANDS_SECONDS = 1.0
"""How late a command that nobody fetched, or answered, is ended."""
BAYS_SECONDS = 2.0
"""How late an arm goes up by itself, and a contradiction at a bay becomes an alarm."""
OPENINGS_SECONDS = 60.0
"""How late listings follow a place into another time zone; else they are a week ahead."""
EVENTS_SECONDS = 600.0
ACCOUNTS_SECONDS = 3600.0


def worker_jobs(clock: Clock, bus: Bus, limits: BookingLimits = DEFAULTS) -> list[Job]:
    """All jobs of a worker."""
    relay, booking_relay = Relay(bus, clock), BookingRelay(bus, clock)

    async def forget() -> int:
        return sum((await prune(clock.now())).values())

    async def stays() -> int:
        return await follow_places(clock, bus) + await sweep_stays(clock, bus)

    async def overstays() -> int:
        return await find_overstays(clock, bus) + await protect_next(clock, bus)

    return [
        Job("staleness", STALENESS_SECONDS, lambda: mark_stale(clock, bus), lot=STALE_MAX),
        Job("relay", RELAY_SECONDS, relay.run_once),
        Job("bookings", BOOKINGS_SECONDS, lambda: run_due(clock, bus, limits)),
        Job("waitlists", WAITLISTS_SECONDS, lambda: serve_waitlists(clock, bus, limits)),
        Job("relay_bookings", RELAY_SECONDS, booking_relay.run_once),
        Job(
            "openings",
            OPENINGS_SECONDS,
            lambda: extend_openings(clock.now()),
            lot=LISTINGS_AT_ONCE_MAX,
        ),
        Job("prune_events", EVENTS_SECONDS, lambda: prune_events(clock.now())),
        Job("prune_access", EVENTS_SECONDS, lambda: prune_access(clock.now())),
        Job("prune_quotes", ACCOUNTS_SECONDS, lambda: prune_quotes(clock.now())),
        Job("prune_accounts", ACCOUNTS_SECONDS, forget),
        Job("sessions", SESSIONS_SECONDS, stays, lot=EVENTS_MAX),
        Job(
            "lock_commands",
            COMMANDS_SECONDS,
            lambda: expire_commands(clock, bus),
            lot=EXPIRED_MAX,
        ),
        Job("due_locks", BAYS_SECONDS, lambda: raise_due_locks(clock, bus)),
        Job("alarms", BAYS_SECONDS, lambda: watch_bays(clock, bus)),
        Job("overstays", OVERSTAYS_SECONDS, overstays),
    ]


def polling_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """What an API process does where no bus reaches it: it looks for changes itself."""
    return [
        Job("poll", POLL_SECONDS, Relay(bus, clock).run_once),
        Job("poll_bookings", POLL_SECONDS, BookingRelay(bus, clock).run_once),
    ]
