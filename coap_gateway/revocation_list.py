"""`GET /revoke/trl`: tokens that have not expired and open nothing any more (RFC 9770)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from coap_gateway.authz_info import reader_of
from coap_gateway.reporters import sender_of
from coap_gateway.stack import Code, ContentFormat, Request, Resource, Response, Server
from parking.access.check import Reader
from parking.access.revocations import revocation_list, revoked_tokens
from parking.reservations.record import place_bookings_topic
from parking.storage.sql import database
from parking.storage.transactions import detached

if TYPE_CHECKING:
    from coap_gateway.liveness import Liveness
    from parking.clock import Clock
    from parking.events.bus import Bus

log = logging.getLogger(__name__)

TRL_PATH = ("revoke", "trl")
LOOK_SECONDS = 5.0
"""How late observers hear of what the bus did not tell; tokens live a minute."""


class RevocationList:
    """The resource. A place is watched while one of its readers observes it here."""

    def __init__(self, liveness: Liveness, clock: Clock, bus: Bus) -> None:
        self._liveness = liveness
        self._clock = clock
        self._bus = bus
        self._server: Server | None = None
        self._observers: dict[int, set[int]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def resource(self) -> Resource:
        """For the site."""
        trl = int(ContentFormat.ACE_TRL_CBOR)
        return Resource(
            "/".join(TRL_PATH),
            {Code.GET: self.get},
            produces=frozenset({trl}),
            observable=True,
            link={"rt": "ace.trl", "ct": f"{trl}"},
            is_known_to_all=False,
        )

    def watch(self, server: Server) -> None:
        """Tell observers of changes from now on."""
        self._server = server

    async def close(self) -> None:
        """Stop."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def get(self, request: Request) -> Response:
        """The hashes of revoked tokens that were for this reader; also with `diff`, which asks for
        changes only and may be left unheard (RFC 9770 section 5)."""
        self._liveness.heard(request)
        reader = reader_of(sender_of(request))
        if request.observe == 0 and request.peer.credential_id is not None:
            self._observe(reader, request.peer.credential_id)
        hashes = await revoked_tokens(database(), reader, self._clock.now())
        trl = ContentFormat.ACE_TRL_CBOR
        return Response(payload=revocation_list(hashes), content_format=trl, max_age=0)

    def _observe(self, reader: Reader, credential_id: int) -> None:
        self._observers.setdefault(reader.place_id, set()).add(credential_id)
        if self._server is not None and reader.place_id not in self._tasks:
            work = self._watch(reader.place_id, self._server)
            self._tasks[reader.place_id] = detached(work, f"gateway trl {reader.place_id}")

    async def _watch(self, place_id: int, server: Server) -> None:
        try:
            async with self._bus.subscribe(place_bookings_topic(place_id)) as messages:
                known: list[bytes] = []
                while self._observers.get(place_id):
                    known = await self._compare(place_id, known, server)
                    try:
                        async with asyncio.timeout(LOOK_SECONDS):
                            await anext(messages)
                    except TimeoutError:
                        self._prune(place_id, server)
        finally:
            del self._tasks[place_id]

    async def _compare(self, place_id: int, known: list[bytes], server: Server) -> list[bytes]:
        """Tell the place's observers where the list is another than it was."""
        whole = Reader(None, place_id, None)
        try:
            hashes = await revoked_tokens(database(), whole, self._clock.now())
        except Exception:
            log.exception("the revocation list could not be read; it is tried again")
            return known
        if hashes != known:
            for credential_id in self._observers.get(place_id, ()):
                server.changed(TRL_PATH, credential_id)
        return hashes

    def _prune(self, place_id: int, server: Server) -> None:
        """Nobody watches for those who have gone away."""
        here = self._observers.get(place_id, set())
        left = {each for each in here if server.observed(TRL_PATH, each)}
        if left:
            self._observers[place_id] = left
        else:
            self._observers.pop(place_id, None)
