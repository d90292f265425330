"""Own confirmable messages: retransmitted until acknowledged, reset or given up (RFC 7252 4.2)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from coap_gateway.stack.counters import Counters
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.wire import Message

MESSAGE_IDS = 1 << 16
PEERS_REMEMBERED_MAX = 65_536


class Outcome(Enum):
    """How a confirmable message ended."""

    ACKNOWLEDGED = "acknowledged"
    RESET = "reset"
    TIMED_OUT = "timed out"


Done = Callable[[Outcome], None]


@dataclass(slots=True)
class _Transmission:
    datagram: bytes
    wait_s: float
    tries_left: int
    timer: asyncio.TimerHandle
    done: Done | None


class Outbox:
    """Confirmable messages in flight, and the message ids of everything sent first from here."""

    def __init__(
        self, send: Callable[[bytes, Route], bool], limits: Limits, counters: Counters
    ) -> None:
        self._deliver = send
        self._limits = limits
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._random = random.Random()  # noqa: S311
        self._flying: dict[tuple[Route, int], _Transmission] = {}
        self._next_ids: dict[Route, int] = {}
        self.hear: Callable[[Message, Route], bool] = lambda _message, _route: False
        """Takes an answer to a request that was sent from here; False if none was."""

    def __len__(self) -> int:
        return len(self._flying)

    def send(self, datagram: bytes, route: Route) -> None:
        """Send once, counted."""
        if self._deliver(datagram, route):
            self._counters.sent += 1
            self._counters.sent_bytes += len(datagram)
        else:
            self._counters.send_failed += 1

    def next_message_id(self, route: Route) -> int:
        """A message id not in use towards this peer."""
        message_id = self._next_ids.pop(route, None)
        if message_id is None:
            message_id = self._random.randrange(MESSAGE_IDS)
        while (route, message_id) in self._flying:
            message_id = (message_id + 1) % MESSAGE_IDS
        self._next_ids[route] = (message_id + 1) % MESSAGE_IDS
        if len(self._next_ids) > PEERS_REMEMBERED_MAX:
            for oldest in list(islice(self._next_ids, 64)):
                del self._next_ids[oldest]
        return message_id

    def transmit(
        self, route: Route, message_id: int, datagram: bytes, done: Done | None = None
    ) -> None:
        """Send and keep sending, with doubled waits, until something comes back."""
        limits = self._limits
        wait_s = limits.ack_timeout_s * self._random.uniform(1, limits.ack_random_factor)
        key = (route, message_id)
        timer = self._loop.call_later(wait_s, self._again, key)
        self._flying[key] = _Transmission(datagram, wait_s, limits.retransmissions_max, timer, done)
        self.send(datagram, route)

    def settle(self, route: Route, message_id: int, outcome: Outcome) -> bool:
        """An ACK or RST arrived; False if it matches nothing in flight."""
        transmission = self._flying.pop((route, message_id), None)
        if transmission is None:
            return False
        transmission.timer.cancel()
        if transmission.done is not None:
            transmission.done(outcome)
        return True

    def close(self) -> None:
        """Give up everything, silently."""
        for transmission in self._flying.values():
            transmission.timer.cancel()
        self._flying.clear()

    def _again(self, key: tuple[Route, int]) -> None:
        transmission = self._flying[key]
        if transmission.tries_left == 0:
            self.settle(*key, Outcome.TIMED_OUT)
            return
        transmission.tries_left -= 1
        transmission.wait_s *= 2
        transmission.timer = self._loop.call_later(transmission.wait_s, self._again, key)
        self._counters.retransmitted += 1
        self.send(transmission.datagram, key[0])
