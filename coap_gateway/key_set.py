"""`GET /keys`: the keys that tokens are signed with, as a COSE_KeySet, for checks offline."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING

from coap_gateway.stack import Code, ContentFormat, Request, Resource, Response, Server
from parking.access.signing_keys import SIGNING_KEYS_TOPIC, keep_keys, published
from parking.storage.transactions import detached

if TYPE_CHECKING:
    from coap_gateway.liveness import Liveness
    from parking.clock import Clock
    from parking.devices.sealing import Sealer
    from parking.events.bus import Bus

log = logging.getLogger(__name__)

KEYS_PATH = ("keys",)
MAX_AGE_SECONDS = 1800
"""A new key signs nothing for twice this time (`signing_keys.LEAD`)."""
LOOK_SECONDS = 30.0
"""How late observers hear of new keys where the bus did not tell of them."""
ETAG_BYTES = 8


class KeySet:
    """The resource, and what tells its observers."""

    def __init__(self, liveness: Liveness, clock: Clock, bus: Bus, sealer: Sealer) -> None:
        self._liveness = liveness
        self._clock = clock
        self._bus = bus
        self._sealer = sealer
        self._told = b""
        self._task: asyncio.Task[None] | None = None

    def resource(self) -> Resource:
        """For the site."""
        key_set = int(ContentFormat.COSE_KEY_SET)
        return Resource(
            "/".join(KEYS_PATH),
            {Code.GET: self.get},
            produces=frozenset({key_set}),
            observable=True,
            link={"rt": "berth.keys", "ct": f"{key_set}"},
            is_known_to_all=False,
        )

    def watch(self, server: Server) -> None:
        """Tell observers of changes from now on."""
        self._task = detached(self._watch(server), "gateway keys")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def get(self, request: Request) -> Response:
        """2.05 with the set, 2.03 where the reader has it already."""
        self._liveness.heard(request)
        body = await self._read()
        etag = hashlib.sha256(body).digest()[:ETAG_BYTES]
        if etag in request.etags and request.observe is None:
            return Response(Code.VALID, etag=etag, max_age=MAX_AGE_SECONDS)
        return Response(
            payload=body,
            content_format=ContentFormat.COSE_KEY_SET,
            etag=etag,
            max_age=MAX_AGE_SECONDS,
        )

    async def _read(self) -> bytes:
        return published(await keep_keys(self._clock, self._sealer, self._bus))

    async def _watch(self, server: Server) -> None:
        async with self._bus.subscribe(SIGNING_KEYS_TOPIC) as messages:
            while True:
                try:
                    body = await self._read()
                    if body != self._told:
                        self._told = body
                        server.changed(KEYS_PATH)
                except Exception:
                    log.exception("the keys could not be read; tried again in %s s", LOOK_SECONDS)
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await anext(messages)
                except TimeoutError:
                    continue
