"""The CoAP server: its parts put together, and its life."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets

from coap_gateway.stack.answers import Answers
from coap_gateway.stack.asker import Asker
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.dedup import Duplicates
from coap_gateway.stack.endpoint import Endpoint, Route, bind
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.notifier import Notifier
from coap_gateway.stack.observers import Observers
from coap_gateway.stack.outbox import Outbox
from coap_gateway.stack.rates import SourceRates
from coap_gateway.stack.receiver import Receiver, Unsecured
from coap_gateway.stack.replies import Ask, Reply
from coap_gateway.stack.security import SecurityStore
from coap_gateway.stack.site import Site
from coap_gateway.stack.unprotect import Unprotect
from coap_gateway.stack.work import Work

log = logging.getLogger(__name__)

COAP_PORT = 5683


class Server:
    """A running server; made by `serve`."""

    def __init__(
        self,
        site: Site,
        store: SecurityStore,
        host: str,
        port: int,
        limits: Limits,
        counters: Counters,
        owner: str,
        unsecured: Unsecured | None,
    ) -> None:
        self.counters = counters
        self._limits = limits
        self._endpoint = Endpoint(bind(host, port), self._receive)
        self._contexts = Contexts(store, owner, limits, counters)
        self._outbox = Outbox(self._endpoint.send, limits, counters)
        duplicates = Duplicates(limits, counters)
        self._answers = Answers(self._outbox, duplicates, self._contexts, limits, counters)
        self._observers = Observers(limits, counters)
        self._notifier = Notifier(self._observers, self._outbox, self._contexts, limits, counters)
        self._work = Work(site, self._answers, self._observers, self._notifier, limits, counters)
        rates = SourceRates(limits)
        self._unprotect = Unprotect(
            self._contexts, duplicates, self._answers, self._work, rates, limits, counters
        )
        self._asker = Asker(self._contexts, self._outbox, limits)
        self._outbox.hear = self._asker.heard
        self._receiver = Receiver(
            self._outbox,
            duplicates,
            self._answers,
            self._unprotect,
            self._work,
            rates,
            counters,
            unsecured,
        )
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    @property
    def port(self) -> int:
        """The UDP port that the server listens on."""
        return self._endpoint.port

    @property
    def contexts_held(self) -> int:
        """OSCORE contexts in memory."""
        return len(self._contexts)

    @property
    def observers_held(self) -> int:
        """Observations in force."""
        return len(self._observers)

    @property
    def confirmables_in_flight(self) -> int:
        """Own confirmable messages that nobody acknowledged yet."""
        return len(self._outbox)

    def changed(self, path: tuple[str, ...], credential_id: int | None = None) -> int:
        """A resource changed: notify its observers, all or one credential's; how many."""
        return self._notifier.changed(path, credential_id)

    async def ask(self, credential_id: int, ask: Ask) -> Reply:
        """Ask a device whose context is held here; see `Asker.ask`."""
        return await self._asker.ask(credential_id, ask)

    def can_ask(self, credential_id: int) -> bool:
        """Whether the device of this credential proved itself here and its address is known."""
        context = self._contexts.held(credential_id)
        return context is not None and context.route is not None

    def observed(self, path: tuple[str, ...], credential_id: int) -> bool:
        """Whether this credential observes the resource."""
        return bool(self._observers.at(path, credential_id))

    def forget(self, credential_id: int) -> None:
        """Drop all volatile state of a credential: it was revoked, rotated or taken over."""
        self._contexts.forget(credential_id)
        self._observers.forget(credential_id)

    async def close(self) -> None:
        """Stop taking requests, cancel what runs, close the sockets; harmless the second time."""
        if self._sweeper.done():
            return
        self._sweeper.cancel()
        await asyncio.gather(self._sweeper, return_exceptions=True)
        self._asker.close()
        await self._contexts.close()
        await self._unprotect.close()
        await self._work.close()
        await self._notifier.close()
        await self._answers.close()
        self._outbox.close()
        self._endpoint.close()

    def _receive(self, datagram: bytes, route: Route) -> None:
        self._receiver.receive(datagram, route)

    async def _sweep(self) -> None:
        """Drop contexts that other processes took over or that were revoked."""
        while True:
            await asyncio.sleep(self._limits.ownership_check_s)
            try:
                for credential_id in await self._contexts.sweep():
                    self._observers.forget(credential_id)
            except Exception:
                log.exception("checking the ownership of OSCORE contexts failed")


async def serve(
    site: Site,
    store: SecurityStore,
    host: str = "127.0.0.1",
    port: int = COAP_PORT,
    limits: Limits | None = None,
    *,
    counters: Counters | None = None,
    owner: str | None = None,
    unsecured: Unsecured | None = None,
) -> Server:
    """Start a server on all addresses of ``host`` (port 0: a free one).

    ``owner`` names this process in the security store and must differ between processes.
    ``unsecured`` is the development hook for devices without OSCORE; anything but loopback is
    refused with it. Raises `PortTaken`, or ValueError for that.
    """
    if unsecured is not None:
        if not _is_loopback(host):
            raise ValueError(f"unsecured devices are taken on loopback only, not on {host}")
        log.warning("DEVELOPMENT: devices without OSCORE are accepted on %s", host)
    name = owner or secrets.token_hex(8)
    return Server(
        site, store, host, port, limits or Limits(), counters or Counters(), name, unsecured
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
