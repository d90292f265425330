"""Thousands of WebSocket subscribers in one thread, each delivery checked.

All subscribers run the same operation under the same id, so each of them gets the same bytes: what
a chunk of bytes means is worked out once and looked up for all others. That keeps the load client
several times faster than any server that is measured with it.
"""

import json
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench.processes import Obedient

CHUNK_BYTES = 1 << 18
AT_ONCE = 64
HANDSHAKE_SECONDS_MAX = 30.0
KNOWN_MAX = 5_000
SETTLE_SECONDS = 0.5
AWAKE_SECONDS = 0.005
"""After an arrival it looks again without sleeping: waking a sleeper costs the one who sends."""
TEXT, CLOSE, PING = 0x81, 0x88, 0x89
PONG = b"\x8a\x80\x00\x00\x00\x00"
SLOW = b'{"type":"ping"}'
"""What a subscriber hears that was too slow for a delta; the latest state follows."""


@dataclass(slots=True, eq=False)
class Subscriber:
    """One WebSocket client: where it stands."""

    sock: socket.socket
    version: int = -1
    rest: bytes = b""


@dataclass(slots=True)
class Meaning:
    """What a chunk tells: updates as (previous version or None, version, made at)."""

    frames: int
    updates: list[tuple[int | None, int, list[float]]]
    is_plain: bool


@dataclass(slots=True)
class Tally:
    """What arrived since the last `clear`."""

    frames: int = 0
    bytes: int = 0
    changes: int = 0
    conflated: int = 0
    broken: int = 0
    closed: int = 0
    waits: list[float] = field(default_factory=list, repr=False)


Made = Callable[[dict[str, Any]], list[float]]
"""When what an update tells was made: instants in seconds since the epoch."""


class Crowd:
    """All subscribers of a turn. `checks` is off for ready frames, which mean nothing."""

    def __init__(
        self,
        server: Obedient,
        live: dict[str, Any],
        *,
        checks: bool = True,
        made: Made | None = None,
    ) -> None:
        self._server, self._live, self._checks = server, live, checks
        self._made = made or changed_at
        self._others: dict[int, Callable[[], None]] = {}
        self._poll = select.epoll()
        self._by_fd: dict[int, Subscriber] = {}
        self._known: dict[bytes, Meaning] = {}
        self.tally = Tally()
        self._awake_until = 0.0
        self.newest = -1
        """The newest version that anybody has seen."""

    def clear(self) -> None:
        """Count from here."""
        self.tally = Tally()
        self._known.clear()

    def versions(self) -> list[int]:
        """Where each subscriber stands."""
        return [each.version for each in self._by_fd.values()]

    def join(self, number: int) -> None:
        """So many more subscribers; each has its snapshot when this returns."""
        for start in range(0, number, AT_ONCE):
            lot = [self._open() for _ in range(min(AT_ONCE, number - start))]
            for each in lot:
                each.sock.sendall(_upgrade(self._server.port))
            for each in lot:
                head = self._until(each, b"\r\n\r\n")
                assert b" 101 " in head[:20], head
                each.sock.sendall(_masked(b'{"type":"connection_init"}'))
            told = {"id": "1", "type": "subscribe", "payload": self._live}
            for each in lot:
                assert b"connection_ack" in self._frame(each)
                each.sock.sendall(_masked(json.dumps(told).encode()))
            for each in lot:
                message = json.loads(self._frame(each))
                each.version = message["payload"]["data"]["placeOccupancy"]["version"]
                each.sock.setblocking(False)
                self._by_fd[each.sock.fileno()] = each
                self._poll.register(each.sock.fileno(), select.EPOLLIN)

    def until_told(self, process: Obedient, command: str) -> None:
        """Give the process a command and take deliveries until it answers."""
        process.order(command)
        self._poll.register(process.pipe, select.EPOLLIN)
        try:
            while not self.turn(process.pipe):
                pass
        finally:
            self._poll.unregister(process.pipe)
        process.told()

    def listen(self, fd: int, take: Callable[[], None]) -> None:
        """Also call `take` when something arrives there."""
        self._others[fd] = take
        self._poll.register(fd, select.EPOLLIN)

    def deafen(self, fd: int) -> None:
        """Not any more."""
        del self._others[fd]
        self._poll.unregister(fd)

    def during(self, seconds: float) -> None:
        """Take deliveries for so long."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.turn(wait=0.02)

    def settle(self) -> None:
        """Take deliveries until nothing more comes."""
        seen = -1
        while self.tally.frames != seen:
            seen = self.tally.frames
            self.during(SETTLE_SECONDS)

    def close(self) -> None:
        """Hang up."""
        for each in self._by_fd.values():
            each.sock.close()
        self._poll.close()

    def turn(self, pipe: int = -1, wait: float = 0.2) -> bool:
        """Take what has arrived, or wait a little for it; whether the pipe has something."""
        has_told = False
        now = time.perf_counter()
        found = self._poll.poll(0 if now < self._awake_until else wait, 8_192)
        if found:
            self._awake_until = time.perf_counter() + AWAKE_SECONDS
        for fd, _ in found:
            if fd == pipe:
                has_told = True
            elif fd in self._others:
                self._others[fd]()
            else:
                self._take(self._by_fd[fd])
        return has_told

    def _take(self, each: Subscriber) -> None:
        chunk = each.sock.recv(CHUNK_BYTES)
        now = time.time()
        if not chunk:
            self.tally.closed += 1
            self._poll.unregister(each.sock.fileno())
            return
        if each.rest:
            chunk, each.rest = each.rest + chunk, b""
        meaning = self._known.get(chunk)
        if meaning is None:
            meaning = self._read(each, chunk)
        self.tally.frames += meaning.frames
        self.tally.bytes += len(chunk)
        for previous, version, made in meaning.updates:
            self._check(each, previous, version)
            self.tally.waits += [now - instant for instant in made]

    def _check(self, each: Subscriber, previous: int | None, version: int) -> None:
        if previous is None and version >= each.version:
            self.tally.conflated += 1
        elif previous != each.version:
            self.tally.broken += 1
        self.tally.changes += version - each.version
        each.version = version
        self.newest = max(self.newest, version)

    def _read(self, each: Subscriber, chunk: bytes) -> Meaning:
        meaning, at = Meaning(0, [], is_plain=True), 0
        for opcode, payload, end in _frames(chunk):
            at = end
            if opcode != TEXT:
                self._control(each, opcode)
                meaning.is_plain = False
                continue
            meaning.frames += 1
            if self._checks and payload != SLOW:
                meaning.updates.append(self._update(payload))
        each.rest = chunk[at:]
        if meaning.is_plain and not each.rest:
            if len(self._known) > KNOWN_MAX:
                self._known.clear()
            self._known[chunk] = meaning
        return meaning

    def _update(self, payload: bytes) -> tuple[int | None, int, list[float]]:
        update = json.loads(payload)["payload"]["data"]["placeOccupancy"]
        return update["previousVersion"], update["version"], self._made(update)

    def _control(self, each: Subscriber, opcode: int) -> None:
        if opcode == PING:
            each.sock.send(PONG)
        elif opcode == CLOSE:
            self.tally.closed += 1

    def _open(self) -> Subscriber:
        sock = socket.create_connection(("127.0.0.1", self._server.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(HANDSHAKE_SECONDS_MAX)
        return Subscriber(sock)

    def _until(self, each: Subscriber, end: bytes) -> bytes:
        while (at := each.rest.find(end)) < 0:
            each.rest += _more(each.sock)
        at += len(end)
        head, each.rest = each.rest[:at], each.rest[at:]
        return head

    def _frame(self, each: Subscriber) -> bytes:
        while True:
            for opcode, payload, end in _frames(each.rest):
                each.rest = each.rest[end:]
                if opcode == TEXT:
                    return payload
                self._control(each, opcode)
                break
            else:
                each.rest += _more(each.sock)


def _more(sock: socket.socket) -> bytes:
    found = sock.recv(CHUNK_BYTES)
    assert found, "the server hung up"
    return found


def _frames(chunk: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Whole frames in a chunk: first byte, payload, where the frame ends (RFC 6455 section 5.2)."""
    at = 0
    while len(chunk) - at >= 2:
        length, begin = chunk[at + 1] & 0x7F, at + 2
        if length == 126:
            length, begin = int.from_bytes(chunk[begin : begin + 2], "big"), begin + 2
        elif length == 127:
            length, begin = int.from_bytes(chunk[begin : begin + 8], "big"), begin + 8
        if begin + length > len(chunk):
            return
        yield chunk[at], chunk[begin : begin + length], begin + length
        at = begin + length


def changed_at(update: dict[str, Any]) -> list[float]:
    """The instant that the update itself names."""
    return [datetime.fromisoformat(update["changedAt"]).timestamp()]


def _upgrade(port: int) -> bytes:
    lines: Sequence[str] = (
        "GET /graphql HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _masked(payload: bytes) -> bytes:
    """A text frame of a client; its mask is zero, which leaves the payload as it is."""
    length = len(payload)
    head = bytes((0x80 | length,)) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    return b"\x81" + head + b"\x00\x00\x00\x00" + payload
