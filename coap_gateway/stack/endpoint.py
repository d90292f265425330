"""UDP sockets read in batches on the event loop.

aiocoap's udp6 transport asks for the error queue and can go deaf after an ICMP error; these sockets
are unconnected and ask for none, and an error of one read or send never ends the reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from collections.abc import Callable
from typing import Any

from coap_gateway.stack.errors import PortTaken

RECEIVE_BATCH = 64
DATAGRAM_BYTES_MAX = 65_535
BUFFER_BYTES = 4 * 1024 * 1024
PORT_TRIES = 16
SO_RCVBUFFORCE = 33

Route = tuple[Any, ...]
Receiver = Callable[[bytes, Route], object]


class Endpoint:
    """One IPv4 socket, one IPv6 socket, or one of each on the same port."""

    def __init__(self, sockets: list[socket.socket], receive: Receiver) -> None:
        self._sockets = sockets
        self._by_route_length = {
            (2 if sock.family == socket.AF_INET else 4): sock for sock in sockets
        }
        self._receive = receive
        self._buffer = bytearray(DATAGRAM_BYTES_MAX)
        self._view = memoryview(self._buffer)
        self._loop = asyncio.get_running_loop()
        for sock in sockets:
            self._loop.add_reader(sock.fileno(), self._readable, sock)
        self.port = int(sockets[0].getsockname()[1])
        """The UDP port, the same for all sockets."""

    def send(self, datagram: bytes, route: Route) -> bool:
        """Send at once; False if the system would not take it (the message layer tries again)."""
        try:
            self._by_route_length[len(route)].sendto(datagram, route)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Stop reading and close the sockets."""
        for sock in self._sockets:
            self._loop.remove_reader(sock.fileno())
            sock.close()
        self._sockets.clear()

    def _readable(self, sock: socket.socket) -> None:
        buffer, view = self._buffer, self._view
        receive = self._receive
        for _ in range(RECEIVE_BATCH):
            try:
                length, route = sock.recvfrom_into(buffer)
            except BlockingIOError:
                return
            except OSError:
                continue
            receive(bytes(view[:length]), route)


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets for an IPv4 and an IPv6 address of ``host``, where it has them; "" is all addresses.

    Port 0 takes a free one, the same for both.

    Raises `PortTaken` where another process listens: the port is never shared.
    """
    infos = _addresses(host, port)
    for attempt in range(PORT_TRIES):
        sockets: list[socket.socket] = []
        try:
            for family, address in infos:
                chosen = sockets[0].getsockname()[1] if sockets else address[1]
                sock = _open(family, (address[0], chosen, *address[2:]), optional=bool(sockets))
                if sock is not None:
                    sockets.append(sock)
        except OSError as error:
            for sock in sockets:
                sock.close()
            if error.errno != errno.EADDRINUSE:
                raise
            if port != 0 or attempt == PORT_TRIES - 1:
                raise PortTaken(
                    f"UDP port {port} on {host} is in use: stop the other process "
                    "or choose another port"
                ) from None
        else:
            return sockets
    raise AssertionError("unreachable")


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, Route]]:
    """The first IPv4 and the first IPv6 address of ``host``."""
    found: dict[socket.AddressFamily, Route] = {}
    infos = socket.getaddrinfo(host or None, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
    for family, _, _, _, address in infos:
        if family in (socket.AF_INET, socket.AF_INET6):
            found.setdefault(family, address)
    return list(found.items())


def _open(family: socket.AddressFamily, address: Route, *, optional: bool) -> socket.socket | None:
    """A bound socket; None where the machine lacks this IP version and another one is served."""
    try:
        return _bound(family, address)
    except OSError as error:
        if optional and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return None
        raise


def _bound(family: socket.AddressFamily, address: Route) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _enlarge(sock)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _enlarge(sock: socket.socket) -> None:
    """Room for bursts: beyond the system's usual maximum where the process may (Linux)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
