"""The worker's jobs about shared positions: what becomes due without anybody asking for it."""

from datetime import timedelta

from berth.worker import Job
from parking.clock import Clock
from parking.events.bus import Bus
from parking.locations.bindings.lapse import lapse_bindings
from parking.locations.fetching.follow import FOLLOWED_AT_ONCE_MAX, follow_delegations
from parking.locations.fetching.keeping import forget_delegations
from parking.locations.fetching.notices import TOLD_AT_ONCE_MAX as EXITS_TOLD_MAX
from parking.locations.fetching.notices import tell_exits
from parking.locations.fetching.paying import settle_fetches
from parking.locations.keeping.retention import FORGOTTEN_AT_ONCE_MAX, forget_positions
from parking.locations.limits import LAPSED_AT_ONCE_MAX, MAP_AT_ONCE_MAX
from parking.locations.limits import TOLD_AT_ONCE_MAX as POSITIONS_TOLD_MAX
from parking.locations.photos.erasing import PHOTOS_AT_ONCE_MAX, erase_photos
from parking.locations.photos.port import PhotoStore
from parking.locations.positions.follow import follow_positions
from parking.locations.positions.notices import PageUrl, tell_receivers
from parking.locations.refinement.due import ask_map_service
from parking.locations.refinement.map_service import MapService

PHOTOS_SECONDS = 10.0
"""How late an erased photo leaves its store."""
POSITIONS_SECONDS = 0.5
"""How late a shared position ends, or moves, after its booking: reading it knows at once."""
MAP_SERVICE_SECONDS = 1.0
"""How late a map service is asked."""
DELEGATIONS_SECONDS = 0.5
"""How late it is written down that a right to fetch a car is over: reading it knows at once."""
EXITS_SECONDS = 0.5
"""How late an owner hears that their car is being fetched."""
FETCH_PAYMENTS_SECONDS = 1.0
"""How late who fetched a car has paid, after its stay was settled."""
ACCOUNTS_SECONDS = 3600.0
NOTICES_SECONDS = 1.0
"""How late receivers hear of something."""


def position_jobs(service: MapService, page: PageUrl, clock: Clock, bus: Bus) -> list[Job]:
    """What a worker does with positions that are shared."""
    return [
        Job("positions", POSITIONS_SECONDS, lambda: follow_positions(clock, bus)),
        Job(
            "bindings",
            POSITIONS_SECONDS,
            lambda: lapse_bindings(clock, bus),
            lot=LAPSED_AT_ONCE_MAX,
        ),
        Job(
            "position_news",
            NOTICES_SECONDS,
            lambda: tell_receivers(clock, page),
            lot=POSITIONS_TOLD_MAX,
        ),
        Job(
            "map_service",
            MAP_SERVICE_SECONDS,
            lambda: ask_map_service(service, clock, bus),
            lot=MAP_AT_ONCE_MAX,
        ),
    ]


def keeping_jobs(photos: PhotoStore | None, kept: timedelta, clock: Clock, bus: Bus) -> list[Job]:
    """What a worker forgets of positions, and of their photos where there is a store."""
    forget = Job(
        "forget_positions",
        ACCOUNTS_SECONDS,
        lambda: forget_positions(kept, clock=clock, bus=bus),
        lot=FORGOTTEN_AT_ONCE_MAX,
    )
    exits = Job(
        "forget_delegations", ACCOUNTS_SECONDS, lambda: forget_delegations(kept, clock=clock)
    )
    if photos is None:
        return [forget, exits]
    erase = Job(
        "erase_photos",
        PHOTOS_SECONDS,
        lambda: erase_photos(photos, clock),
        lot=PHOTOS_AT_ONCE_MAX,
    )
    return [forget, exits, erase]


def fetching_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """What becomes of rights to fetch a car by itself."""
    return [
        Job(
            "delegations",
            DELEGATIONS_SECONDS,
            lambda: follow_delegations(clock, bus),
            lot=FOLLOWED_AT_ONCE_MAX,
        ),
        Job("exits", EXITS_SECONDS, lambda: tell_exits(clock, bus), lot=EXITS_TOLD_MAX),
        Job("fetch_payments", FETCH_PAYMENTS_SECONDS, lambda: settle_fetches(clock, bus)),
    ]
