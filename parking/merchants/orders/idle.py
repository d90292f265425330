"""The idle bays of a place that a guest can have at once, with the offers they are had by."""

from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.merchants.orders.bays import Plan, WalkedBay, nearest_first
from parking.merchants.records import Needs
from parking.reservations.availability import Available, find_available
from parking.reservations.wanted import Wanted
from parking.storage.sql import Sql
from parking.windows import Window

PAGE = 500
PAGES_MAX = 20
"""So many idle bays of one place are looked at: 10,000."""


class Idle(NamedTuple):
    """A bay and the listing by which it is had."""

    bay: WalkedBay
    listing_id: int


async def idle_nearest_first(
    sql: Sql, viewer: Viewer, plan: Plan, wanted: Wanted, needs: Needs, *, clock: Clock
) -> list[Idle]:
    """The idle bays of one place by walking distance; the guest is the viewer.

    In the caller's transaction, under the lock of the place.
    """
    offers = {each.space_id: each.listing_id for each in await _all(viewer, wanted, clock)}
    ordered = nearest_first(await plan.bays(sql, list(offers)), needs)
    return [Idle(bay, offers[bay.space_id]) for bay in ordered]


def wanted_at(place_id: int, window: Window, plate: str, needs: Needs) -> Wanted:
    """What is searched for a guest at a place."""
    return Wanted(
        place_id,
        window,
        plate,
        is_ev=needs.is_ev or None,
        is_accessible=needs.is_accessible or None,
        height_metres=needs.height_metres,
        is_instant=True,
    )


async def _all(viewer: Viewer, wanted: Wanted, clock: Clock) -> list[Available]:
    found: list[Available] = []
    for _ in range(PAGES_MAX):
        after = found[-1].key if found else None
        page = await find_available(viewer, wanted, clock=clock, limit=PAGE, after=after)
        found += page
        if len(page) < PAGE:
            break
    return found
