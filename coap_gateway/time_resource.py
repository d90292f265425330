"""`GET /time`: the time, for devices that have no clock of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cbor2

from coap_gateway.stack import Code, ContentFormat, Request, Resource, Response

if TYPE_CHECKING:
    from coap_gateway.liveness import Liveness
    from parking.clock import Clock

EPOCH_TAG = 1
"""CBOR's tag for seconds since 1970-01-01T00:00Z (RFC 8949 section 3.4.2)."""


def time_resource(clock: Clock, liveness: Liveness) -> Resource:
    """The resource: `1(1767600000)` in CBOR, whole seconds, UTC, never to be cached."""

    def get(request: Request) -> Response:
        liveness.heard(request)
        seconds = int(clock.now().timestamp())
        body = cbor2.dumps(cbor2.CBORTag(EPOCH_TAG, seconds))
        return Response(payload=body, content_format=ContentFormat.CBOR, max_age=0)

    return Resource(
        "time",
        {Code.GET: get},
        produces=frozenset({int(ContentFormat.CBOR)}),
        link={"rt": "berth.time", "ct": "60"},
    )
