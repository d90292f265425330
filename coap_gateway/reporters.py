"""Devices as the gateway knows them, made from what the domain stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parking.devices.registration import registered_objects
from parking.occupancy.intake import Reporter

if TYPE_CHECKING:
    from coap_gateway.stack import Request
    from parking.devices.credentials import KnownDevice


def reporter_of(
    device: KnownDevice, credential_id: int | None = None, generation: int = 0
) -> Reporter:
    """A reporter of whom nothing was heard yet in this process."""
    return Reporter(
        device_id=device.device_id,
        endpoint=device.endpoint,
        kind=device.kind,
        lifetime_seconds=device.lifetime_seconds,
        place_id=device.place_id,
        space_id=device.space_id,
        generation=generation,
        credential_id=credential_id,
        objects=registered_objects(device.objects),
        events=dict(device.events),
    )


def sender_of(request: Request) -> Reporter:
    """Who sent an authenticated request."""
    reporter = request.peer.credential
    assert isinstance(reporter, Reporter), "the site lets only known devices in"
    return reporter
