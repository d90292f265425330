"""Development only: devices provisioned without security, known by the address they register from.

Off by default, loud in the log, refused on anything but loopback (DEVICES section 4).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from coap_gateway.reporters import reporter_of
from coap_gateway.stack import Code, Identity, Request
from parking.devices.credentials import unsecured_devices
from parking.storage.sql import database

if TYPE_CHECKING:
    from parking.occupancy.intake import Reporter

log = logging.getLogger(__name__)

ADDRESSES_MAX = 10_000


class UnsecuredDevices:
    """Who an unprotected request is taken for: `POST /rd?ep=…` introduces an address."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, Reporter] = {}
        self._by_address: dict[tuple[str, int], str] = {}

    async def refresh(self) -> None:
        """Read anew which devices were provisioned as unsecured; what they said is kept."""
        known = {d.endpoint: d for d in await unsecured_devices(database())}
        for endpoint in self._by_endpoint.keys() - known.keys():
            del self._by_endpoint[endpoint]
        for endpoint, device in known.items():
            present = self._by_endpoint.get(endpoint)
            if present is None or present.device_id != device.device_id:
                self._by_endpoint[endpoint] = reporter_of(device)
                log.warning("DEVELOPMENT: %s is accepted without any security", endpoint)

    def identify(self, request: Request) -> Identity | None:
        """The device, or None; the hook of `serve`."""
        address = request.peer.address
        if request.method is Code.POST and request.path == ("rd",):
            endpoint = request.query_value("ep")
            if endpoint in self._by_endpoint and len(self._by_address) < ADDRESSES_MAX:
                self._by_address[address] = endpoint
        reporter = self._by_endpoint.get(self._by_address.get(address, ""))
        if reporter is None:
            return None
        # Credentials count up from 1, so no number below 0 is a credential's.
        return Identity(-reporter.device_id, reporter)
