"""The worker's jobs: what becomes due without anybody asking for it."""

from berth.worker import Job
from parking.accounts.prune import prune
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.relay import Relay
from parking.events.retention import prune_events
from parking.occupancy.staleness import STALE_MAX, mark_stale

STALENESS_SECONDS = 5.0
"""How late a silent device may be noticed."""
RELAY_SECONDS = 1.0
"""How late subscribers hear of a change whose process died before it could tell them."""
POLL_SECONDS = 0.5
"""Without Redis: how late an API process hears of another process' changes."""
EVENTS_SECONDS = 600.0
ACCOUNTS_SECONDS = 3600.0


def worker_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """All jobs of a worker."""
    relay = Relay(bus, clock)

    async def forget() -> int:
        return sum((await prune(clock.now())).values())

    return [
        Job("staleness", STALENESS_SECONDS, lambda: mark_stale(clock, bus), lot=STALE_MAX),
        Job("relay", RELAY_SECONDS, relay.run_once),
        Job("prune_events", EVENTS_SECONDS, lambda: prune_events(clock.now())),
        Job("prune_accounts", ACCOUNTS_SECONDS, forget),
    ]


def polling_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """What an API process does where no bus reaches it: it looks for changes itself."""
    return [Job("poll", POLL_SECONDS, Relay(bus, clock).run_once)]
