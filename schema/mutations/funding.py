"""Money made ready before the transaction that needs it: a payment rail is never asked inside."""

from collections.abc import Sequence

from parking.accounts.viewer import Viewer
from schema.context import Info, services_of, viewer_of


async def prepare_bookings(
    info: Info, reservation_ids: Sequence[int], viewer: Viewer | None = None
) -> None:
    """Have the prices of these holds ready; `viewer` is for who acts by a booking's link. Raises
    `NotFunded` and its kinds."""
    services, who = services_of(info.context), viewer or viewer_of(info.context)
    await services.funding.prepare(who, reservation_ids, clock=services.clock, bus=services.bus)


async def prepare_extension(info: Info, quote_id: int, viewer: Viewer | None = None) -> None:
    """Have ready what a quoted extension adds; `viewer` is for who acts by a booking's link.
    Raises `NotFunded` and its kinds."""
    services = services_of(info.context)
    await services.funding.prepare_extension(
        viewer or viewer_of(info.context), quote_id, clock=services.clock, bus=services.bus
    )
