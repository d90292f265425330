"""The message layer of clients: one socket for many devices."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from coap_gateway.stack.codes import Code
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.endpoint import Endpoint, Route, bind
from coap_gateway.stack.errors import FormatError, RequestTimeout, Reset
from coap_gateway.stack.faults import Faults, FaultyLink
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.outbox import Outbox, Outcome
from coap_gateway.stack.wire import ACK, CON, NON, RST, Message, decode, encode_header

MESSAGE_IDS_PER_PORT = 60_000
PORT_RETIRED_S = 247.0
TOKEN_BYTES = 4

Hear = Callable[[Message | Exception], None]


@dataclass(slots=True, eq=False)
class _Port:
    endpoint: Endpoint
    outbox: Outbox
    used: int = 0


class ClientSocket:
    """Sends requests to one server and sorts what comes back by token.

    Message ids are 16 bits and live 247 s, so one port carries about 265 messages a second; when
    a port has used them up, a new one is opened and the old one listens on for a while.
    """

    def __init__(self, server: Route, faults: Faults | None, limits: Limits) -> None:
        self._server = server
        self._faults = faults
        self._limits = limits
        self.counters = Counters()
        self._loop = asyncio.get_running_loop()
        self._hearers: dict[bytes, Hear] = {}
        self._next_token = secrets.randbits(8 * TOKEN_BYTES)
        self._links: list[FaultyLink] = []
        self._retired: list[_Port] = []
        self._closed = False
        self.on_request: Callable[[Message, Route], bytes | None] | None = None
        """Answers what the server asks of the device behind this socket: with a whole datagram."""
        self._port = self._open_port()

    @classmethod
    async def open(
        cls,
        server: tuple[str, int],
        faults: Faults | None = None,
        limits: Limits | None = None,
    ) -> ClientSocket:
        """A socket towards ``server`` (host, port); resolves the name once."""
        infos = await asyncio.get_running_loop().getaddrinfo(*server, type=socket.SOCK_DGRAM)
        return cls(infos[0][4], faults, limits or Limits())

    def close(self) -> None:
        """Close all ports; requests under way fail with `Reset`."""
        if self._closed:
            return
        for hear in list(self._hearers.values()):
            hear(Reset("the client socket was closed"))
        self._hearers.clear()
        self._closed = True
        for link in self._links:
            link.close()
        for port in (self._port, *self._retired):
            port.outbox.close()
            port.endpoint.close()
        self._retired.clear()

    def listen(self, hear: Hear) -> bytes:
        """A fresh token; ``hear`` gets every answer that bears it, until `unlisten`."""
        self._next_token = (self._next_token + 1) % (1 << 8 * TOKEN_BYTES)
        token = self._next_token.to_bytes(TOKEN_BYTES, "big")
        self._hearers[token] = hear
        return token

    def unlisten(self, token: bytes) -> None:
        """Stop hearing a token; what still comes for it is reset."""
        self._hearers.pop(token, None)

    def send(self, code: int, token: bytes, body: bytes, *, confirmable: bool) -> None:
        """Send a request; ``body`` is options and payload in wire form."""
        port = self._fresh_port()
        port.used += 1
        message_id = port.outbox.next_message_id(self._server)
        datagram = encode_header(CON if confirmable else NON, code, message_id, token) + body
        if confirmable:
            done = partial(self._settled, token)
            port.outbox.transmit(self._server, message_id, datagram, done)
        else:
            port.outbox.send(datagram, self._server)

    def _settled(self, token: bytes, outcome: Outcome) -> None:
        hear = self._hearers.get(token)
        if hear is None or outcome is Outcome.ACKNOWLEDGED:
            return
        if outcome is Outcome.RESET:
            hear(Reset("the server reset the message"))
        else:
            hear(RequestTimeout("no answer after all retransmissions"))

    def _fresh_port(self) -> _Port:
        if self._port.used >= MESSAGE_IDS_PER_PORT:
            self._retired.append(self._port)
            self._loop.call_later(PORT_RETIRED_S, self._close_oldest)
            self._port = self._open_port()
        return self._port

    def _open_port(self) -> _Port:
        wildcard = "0.0.0.0" if len(self._server) == 2 else "::"  # noqa: S104
        ports: list[_Port] = []

        def hear(datagram: bytes, route: Route) -> bool:
            return self._receive(ports[0], datagram, route)

        endpoint = Endpoint(bind(wildcard, 0), self._faulty(hear))
        send = self._faulty(endpoint.send)
        ports.append(_Port(endpoint, Outbox(send, self._limits, self.counters)))
        return ports[0]

    def _faulty(self, deliver: Callable[[bytes, Route], bool]) -> Callable[[bytes, Route], bool]:
        if self._faults is None:
            return deliver
        link = FaultyLink(self._faults, deliver)
        self._links.append(link)
        return link.pass_on

    def _close_oldest(self) -> None:
        if self._retired:
            port = self._retired.pop(0)
            port.outbox.close()
            port.endpoint.close()

    def _receive(self, port: _Port, datagram: bytes, route: Route) -> bool:
        self.counters.received += 1
        try:
            message = decode(datagram)
        except (FormatError, IndexError):
            self.counters.undecodable += 1
            return False
        if message.kind in (ACK, RST):
            outcome = Outcome.ACKNOWLEDGED if message.kind == ACK else Outcome.RESET
            port.outbox.settle(route, message.message_id, outcome)
        if message.code == Code.EMPTY:
            return True
        if message.code < 32 and self.on_request is not None:
            answer = self.on_request(message, route)
            if answer is not None:
                port.outbox.send(answer, route)
            return True
        self._answered(port, message, route)
        return True

    def _answered(self, port: _Port, message: Message, route: Route) -> None:
        hear = self._hearers.get(message.token)
        if message.kind == CON:
            kind = RST if hear is None else ACK
            port.outbox.send(encode_header(kind, Code.EMPTY, message.message_id), route)
        if hear is not None:
            hear(message)
