"""Devices that report over OSCORE at a steady rate, encrypted beforehand."""

import select
import socket
import time
from collections.abc import Callable, Sequence

from bench.coap_load import ANSWER_CIPHERTEXT_BYTES, Prepared
from bench.reports import introduce, material, prepare
from coap_gateway.stack.wire import CON

FIRST_OCCUPIED = "changes"


class Reporter:
    """Sends one report each `interval` seconds; each changes the state of its device's space."""

    def __init__(
        self, port: int, prepared: Sequence[Prepared], interval: float, began: float
    ) -> None:
        self._prepared, self._interval = prepared, interval
        self._due = began
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.connect(("127.0.0.1", port))
        self._sock.setblocking(False)
        self._flying: dict[bytes, float] = {}
        self.on_sent: Callable[[int], None] = lambda _: None
        self.sent = 0
        self.acknowledged = 0
        self.wrong = 0
        self.waits: list[float] = []

    def fileno(self) -> int:
        """For a poll."""
        return self._sock.fileno()

    @property
    def is_done(self) -> bool:
        """Whether everything sent is acknowledged."""
        return not self._flying

    def send_due(self) -> float:
        """Send what is due; seconds until the next."""
        while (now := time.perf_counter()) >= self._due and self.sent < len(self._prepared):
            datagram = self._prepared[self.sent].datagram
            self._flying[datagram[4:6]] = now
            self.on_sent(self.sent)
            self._sock.send(datagram)
            self.sent += 1
            self._due += self._interval
        return max(0.0, self._due - now)

    def receive(self) -> None:
        """Take acknowledgements: each says that its report is durable."""
        while True:
            try:
                datagram = self._sock.recv(2048)
            except BlockingIOError:
                return
            if datagram[0] >> 4 & 3 == CON:
                self._sock.send(b"\x60\x00" + datagram[2:4])
            sent_at = self._flying.pop(datagram[4:6], None)
            if sent_at is None:
                continue
            self.waits.append(time.perf_counter() - sent_at)
            marker = datagram.find(b"\xff", 6)
            if len(datagram) - marker - 1 == ANSWER_CIPHERTEXT_BYTES:
                self.acknowledged += 1
            else:
                self.wrong += 1

    def finish(self, seconds_max: float = 10.0) -> None:
        """Wait for what is not acknowledged yet."""
        poll = select.epoll()
        poll.register(self.fileno(), select.EPOLLIN)
        until = time.perf_counter() + seconds_max
        while self._flying and time.perf_counter() < until:
            poll.poll(0.1)
            self.receive()
        poll.close()
        self._sock.close()
        assert not self._flying, f"{len(self._flying)} reports were not acknowledged"
        assert not self.wrong, f"{self.wrong} reports were refused"


async def make_ready(port: int, secrets: Sequence[dict[str, str]], count: int) -> list[Prepared]:
    """Introduce the devices (every space is free then), and so many reports of them in turn."""
    materials = [material(secret) for secret in secrets]
    await introduce(port, materials)
    return prepare(materials, FIRST_OCCUPIED, count, 1)


def reports_needed(seconds: float, interval: float) -> int:
    """Some more than fit into so many seconds."""
    return int(seconds / interval) + 10
