"""An HTTP load client in one thread that looks at the version of every answer."""

import json
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.reporting import Reporter

CHUNK_BYTES = 1 << 18
SAMPLE = 50
VERSION = b'"version":'
HEAD_BYTES_MAX = 400
"""The version stands in front of the spaces."""


@dataclass(slots=True, eq=False)
class Connection:
    """One kept-alive connection with one request under way."""

    sock: socket.socket
    got: bytearray = field(default_factory=bytearray)
    wanted: int = 0
    sent_at: float = 0.0
    version_min: int = 0


@dataclass(slots=True)
class Heard:
    """What came back."""

    answers: int = 0
    bytes: int = 0
    stale: int = 0
    waits: list[float] = field(default_factory=list)


def post(port: int, body: bytes) -> bytes:
    """A request, ready to be sent."""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Asking:
    """Keeps `connections` requests under way, taking `requests` in turn.

    With a reporter, no answer may be older than the reports that were acknowledged before it was
    asked for: each report is one version of the place, which stood at `version` before the first.
    """

    def __init__(
        self,
        port: int,
        bodies: Sequence[dict[str, Any]],
        connections: int,
        *,
        marks: tuple[bytes, int] = (b"", 0),
        reporter: Reporter | None = None,
        version: int = 0,
    ) -> None:
        self._requests = [post(port, json.dumps(body).encode()) for body in bodies]
        self._marks, self._reporter, self._version = marks, reporter, version
        self._poll = select.epoll()
        self._by_fd: dict[int, Connection] = {}
        self._asked = 0
        self.heard = Heard()
        for _ in range(connections):
            sock = socket.create_connection(("127.0.0.1", port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            self._by_fd[sock.fileno()] = Connection(sock)
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def run(self, seconds: float) -> Heard:
        """Ask for so long; what came back in that time."""
        self.heard = Heard()
        reporter, wait = self._reporter, 0.2
        if reporter is not None:
            self._poll.register(reporter.fileno(), select.EPOLLIN)
        for each in self._by_fd.values():
            if not each.sent_at:
                self._ask(each)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            if reporter is not None:
                wait = reporter.send_due()
            for fd, _ in self._poll.poll(min(wait, 0.2), 1_024):
                if reporter is not None and fd == reporter.fileno():
                    reporter.receive()
                else:
                    self._hear(self._by_fd[fd])
        if reporter is not None:
            self._poll.unregister(reporter.fileno())
        return self.heard

    def close(self) -> None:
        """Hang up."""
        for each in self._by_fd.values():
            each.sock.close()
        self._poll.close()

    def _ask(self, each: Connection) -> None:
        if self._reporter is not None:
            each.version_min = self._version + self._reporter.acknowledged
        each.sent_at = time.perf_counter()
        each.sock.send(self._requests[self._asked % len(self._requests)])
        self._asked += 1

    def _hear(self, each: Connection) -> None:
        chunk = each.sock.recv(CHUNK_BYTES)
        assert chunk, "the server hung up"
        each.got += chunk
        if not each.wanted:
            end = each.got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(each.got[:end]).lower()
            assert b" 200 " in head[:16], bytes(each.got[:600])
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            each.wanted = end + 4 + int(length)
        if len(each.got) < each.wanted:
            return
        self._check(each)
        each.got, each.wanted = bytearray(), 0
        self._ask(each)

    def _check(self, each: Connection) -> None:
        heard = self.heard
        heard.answers += 1
        heard.bytes += each.wanted
        heard.waits.append(time.perf_counter() - each.sent_at)
        if self._reporter is not None:
            at = each.got.index(VERSION, 0, HEAD_BYTES_MAX + 400) + len(VERSION)
            version = int(each.got[at : each.got.index(b",", at)])
            heard.stale += version < each.version_min
        mark, count = self._marks
        if mark and heard.answers % SAMPLE == 1:
            assert each.got.count(mark) == count, bytes(each.got[:600])
            assert b'"errors"' not in each.got, bytes(each.got[:600])
