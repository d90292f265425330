"""The gateway put together: site, security store, intake, health, and what runs beside them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from socket import gethostname
from typing import Any

from coap_gateway.authz_info import AuthzInfo
from coap_gateway.commands import Commands
from coap_gateway.key_set import KeySet
from coap_gateway.liveness import Liveness
from coap_gateway.pushing import Pusher
from coap_gateway.refusals import Refusals
from coap_gateway.registrations import Registrations
from coap_gateway.reports import Reports
from coap_gateway.revocation_list import RevocationList
from coap_gateway.security_store import DatabaseSecurityStore
from coap_gateway.stack import Limits, Server, Site, serve
from coap_gateway.time_resource import time_resource
from coap_gateway.unsecured import UnsecuredDevices
from parking.access.outcome import follow_locks
from parking.clock import Clock
from parking.devices.announce import CREDENTIALS_TOPIC, decode_forget
from parking.devices.health import (
    FLUSH_SECONDS,
    HealthNote,
    publish_health,
    read_health,
    write_notes,
)
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.occupancy.intake import Intake
from parking.storage.sql import database
from parking.storage.transactions import detached, retried, transaction

log = logging.getLogger(__name__)

HOST_CHARACTERS = 48
"""Of the machine's name; the whole fits `security_state.gateway`."""


class Gateway:
    """A running gateway; made by `start_gateway`, ended by `close`."""

    def __init__(self, name: str, clock: Clock, bus: Bus, sealer: Sealer) -> None:
        self.name = name
        self.refusals = Refusals()
        self._clock = clock
        self._bus = bus
        self._liveness = Liveness(clock)
        self._intake = Intake(clock, bus, name, follow_locks)
        self._store = DatabaseSecurityStore(clock, bus, sealer, name)
        self._sealer = sealer
        self._keys = KeySet(self._liveness, clock, bus, sealer)
        self._revocations = RevocationList(self._liveness, clock, bus)
        self._reports = Reports(self._intake, self._liveness, clock, self.refusals, self._forget)
        self._unsecured: UnsecuredDevices | None = None
        self._server: Server | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._pusher: Pusher | None = None

    @property
    def server(self) -> Server:
        """The CoAP server."""
        assert self._server is not None, "the gateway is not started"
        return self._server

    @property
    def port(self) -> int:
        """The UDP port it listens on."""
        return self.server.port

    async def start(
        self, host: str, port: int, limits: Limits, *, accept_unsecured: bool, flush_seconds: float
    ) -> None:
        """Open the socket and start what runs beside it. Raises PortTaken, ValueError."""
        hook = None
        if accept_unsecured:
            self._unsecured = UnsecuredDevices()
            await self._unsecured.refresh()
            hook = self._unsecured.identify
        self._server = await serve(
            self._site(), self._store, host, port, limits, owner=self.name, unsecured=hook
        )
        self._keys.watch(self._server)
        self._revocations.watch(self._server)
        self._pusher = Pusher(self._server, self.name, self._clock, self._bus)
        self._tasks = [
            detached(self._every(flush_seconds, self.flush), "gateway flush"),
            detached(self._listen(), "gateway credentials"),
        ]
        log.info("gateway %s answers on coap://%s:%s", self.name, host, self.port)

    async def flush(self) -> None:
        """Write what was gathered: last-seen times, telemetry, repeated states; tell watchers."""
        if self._unsecured is not None:
            await self._unsecured.refresh()
        await self._intake.flush()
        notes = self._liveness.book.take()
        if not notes:
            return
        try:
            await retried(lambda: _write(notes))
        except Exception:
            self._liveness.book.put_back(notes)
            raise
        snapshots = await read_health(database(), [note.device_id for note in notes])
        await publish_health(self._bus, snapshots, self._clock.now())

    async def close(self) -> None:
        """Stop taking requests, answer those at work, write everything, end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._pusher is not None:
            await self._pusher.close()
        await self._keys.close()
        await self._revocations.close()
        await self._intake.close()
        if self._server is not None:
            await self._server.close()
        await self._intake.close()
        await self._store.drain()
        await self.flush()

    def counters(self) -> dict[str, Any]:
        """Totals for the metrics page."""
        return {
            **self.server.counters.as_dict(),
            "refused": dict(self.refusals.counts),
            "reports_accepted": self._reports.accepted,
            "reports_recorded": self._intake.recorded,
            "reports_unchanged": self._intake.unchanged,
            "reports_waiting": self._intake.waiting,
            "report_groups": self._intake.groups,
            "health_waiting": len(self._liveness.book),
            "contexts_held": self.server.contexts_held,
            "observers_held": self.server.observers_held,
        }

    def _site(self) -> Site:
        registrations = Registrations(self._clock, self._liveness, self.refusals)
        commands = Commands(self._reports, self._liveness, self.refusals, self._clock, self._bus)
        authz_info = AuthzInfo(
            self._liveness, self.refusals, self._clock, self._bus, self._sealer, self.name,
            self._forget,
        )  # fmt: skip
        resources = [
            self._reports.resource(),
            time_resource(self._clock, self._liveness),
            authz_info.resource(),
            self._keys.resource(),
            self._revocations.resource(),
        ]
        return Site([*registrations.resources(), *commands.resources(), *resources])

    def _forget(self, credential_id: int) -> None:
        self.server.forget(credential_id)

    async def _listen(self) -> None:
        """Forget what the bus says is out of date; a gap is covered by the ownership checks."""
        async with self._bus.subscribe(CREDENTIALS_TOPIC) as messages:
            async for message in messages:
                if message.body is None:
                    continue
                credential_ids, _ = decode_forget(message.body)
                for credential_id in credential_ids:
                    self.server.forget(credential_id)
                if self._unsecured is not None:
                    await self._unsecured.refresh()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Exception:
                log.exception("the flush failed; it is tried again in %s s", seconds)


async def _write(notes: list[HealthNote]) -> None:
    async with transaction() as sql:
        await write_notes(sql, notes)


async def start_gateway(
    *,
    clock: Clock,
    bus: Bus,
    secret_key: bytes,
    host: str = "127.0.0.1",
    port: int = 5683,
    limits: Limits | None = None,
    accept_unsecured: bool = False,
    flush_seconds: float = FLUSH_SECONDS,
) -> Gateway:
    """Start a gateway on a connected database.

    It is named after the machine, with a fresh suffix: every run is an owner of its own, because
    a gateway that starts again has forgotten its replay windows. `accept_unsecured` is for
    development and works on loopback only. Raises PortTaken, ValueError.
    """
    owner = f"{gethostname()[:HOST_CHARACTERS]}-{secrets.token_hex(6)}"
    gateway = Gateway(owner, clock, bus, Sealer(secret_key))
    await gateway.start(
        host, port, limits or Limits(), accept_unsecured=accept_unsecured,
        flush_seconds=flush_seconds,
    )  # fmt: skip
    return gateway
