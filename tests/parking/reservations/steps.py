"""What tests of bookings do over and over."""

from datetime import timedelta
from typing import Any

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.occupancy.models import Claim, SpaceState
from parking.reservations.confirm import confirm
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.queries import events_of, reservations_by_id
from parking.reservations.quote import Request, quote_space
from parking.reservations.records import ReservationRecord
from parking.reservations.reserve import MYSELF, For, reserve_space
from parking.windows import Window
from tests.support.leasing import Lease, hours

BUS = InProcessBus()


async def quoted(
    lease: Lease, clock: TestClock, begin: float = 1, end: float = 3, viewer: Viewer | None = None
) -> int:
    """A quote for the first space, hours from now."""
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), begin, end))
    return await quote_space(viewer or lease.driver, request, clock=clock)


async def held(
    lease: Lease,
    clock: TestClock,
    begin: float = 1,
    end: float = 3,
    *,
    viewer: Viewer | None = None,
    space: int = 0,
    whom: For = MYSELF,
    bus: Any = BUS,
) -> int:
    """A hold of a space, hours from now."""
    window = hours(clock.now(), begin, end)
    request = Request(lease.listing_id, lease.estate.space_ids[space], window)
    return await reserve_space(viewer or lease.driver, request, whom, clock=clock, bus=bus)


async def booked(
    lease: Lease,
    clock: TestClock,
    begin: float = 1,
    end: float = 3,
    *,
    viewer: Viewer | None = None,
    space: int = 0,
    funding: Funding = DUE_AT_END,
) -> int:
    """A confirmed booking of a space, hours from now."""
    who = viewer or lease.driver
    made = await held(lease, clock, begin, end, viewer=who, space=space)
    await confirm(who, made, clock=clock, bus=BUS, funding=funding)
    return made


async def reservation(reservation_id: int) -> ReservationRecord:
    """The booking now."""
    return (await reservations_by_id(SYSTEM, [reservation_id]))[reservation_id]


async def kinds(reservation_id: int) -> list[str]:
    """What happened to it, in order; its versions have no gap."""
    events = (await events_of(SYSTEM, [reservation_id]))[reservation_id]
    assert [each.version for each in events] == list(range(1, len(events) + 1))
    return [each.kind for each in events]


async def claim(lease: Lease, space: int = 0) -> Claim:
    """What the space shows."""
    return (await SpaceState.get(space_id=lease.estate.space_ids[space])).claim


def later(window: Window, **delta: float) -> Window:
    """The window, shifted."""
    step = timedelta(**delta)
    return Window(window.starts_at + step, window.ends_at + step)
