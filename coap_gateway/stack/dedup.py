"""De-duplication of requests (RFC 7252 4.5), bounded in count, bytes and age."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from coap_gateway.stack.counters import Counters
from coap_gateway.stack.limits import Limits

Route = tuple[Any, ...]
ENTRY_BYTES = 64
"""What an entry is charged on top of its answer."""


@dataclass(slots=True)
class Remembered:
    """A request that was taken; ``answer`` is the datagram to send again, None while at work.

    ``fingerprint`` is the hash of its datagram: a device that begins its message ids anew after a
    reboot sends something else under an old id, and that is no copy.
    """

    stored_at: float
    fingerprint: int
    answer: bytes | None = None


class Duplicates:
    """Requests seen lately by (source, message id, content).

    Only requests that were authenticated, or that have an effect, are put in, so that spoofed
    datagrams cannot push others out. Over a bound the oldest goes, first the peer's own.
    """

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._limits = limits
        self._counters = counters
        self._peers: dict[Route, dict[int, Remembered]] = {}
        self._peer_bytes: dict[Route, int] = {}
        self._order: deque[tuple[Route, int, Remembered]] = deque()
        self._count = 0
        self.bytes_held = 0

    def __len__(self) -> int:
        return self._count

    def find(
        self, route: Route, message_id: int, fingerprint: int, now: float
    ) -> Remembered | None:
        """The earlier copy of this request, or None."""
        entries = self._peers.get(route)
        if entries is None:
            return None
        entry = entries.get(message_id)
        if entry is None or entry.fingerprint != fingerprint:
            return None
        return entry if entry.stored_at >= now - self._limits.dedup_age_s else None

    def remember(self, route: Route, message_id: int, fingerprint: int, now: float) -> Remembered:
        """Put in a request that is about to be worked on."""
        if self._crowded(now):
            self._make_room(now)
        entries = self._peers.get(route)
        if entries is not None:
            if message_id in entries:
                self._forget(route, message_id)
            elif len(entries) >= self._limits.dedup_entries_per_peer_max:
                self._evict(route, next(iter(entries)))
            entries = self._peers.get(route)
        if entries is None:
            entries = self._peers[route] = {}
            self._peer_bytes[route] = 0
        entry = entries[message_id] = Remembered(now, fingerprint)
        self._order.append((route, message_id, entry))
        self._count += 1
        self._peer_bytes[route] += ENTRY_BYTES
        self.bytes_held += ENTRY_BYTES
        return entry

    def answer(self, route: Route, message_id: int, entry: Remembered, datagram: bytes) -> None:
        """Keep the answer for later copies of the request."""
        entries = self._peers.get(route)
        if entries is None or entries.get(message_id) is not entry:
            return
        self._charge(route, len(datagram) - len(entry.answer or b""))
        entry.answer = datagram
        limits = self._limits
        while self._peer_bytes[route] > limits.dedup_bytes_per_peer_max and len(entries) > 1:
            self._evict(route, next(iter(entries)))

    def _charge(self, route: Route, count: int) -> None:
        self._peer_bytes[route] += count
        self.bytes_held += count

    def _crowded(self, now: float) -> bool:
        limits = self._limits
        if self._count >= limits.dedup_entries_max or self.bytes_held > limits.dedup_bytes_max:
            return True
        return bool(self._order) and self._order[0][2].stored_at < now - limits.dedup_age_s

    def _make_room(self, now: float) -> None:
        limits = self._limits
        horizon = now - limits.dedup_age_s
        while self._order and self._order[0][2].stored_at < horizon:
            self._drop_oldest(evicted=False)
        while self._count >= limits.dedup_entries_max or self.bytes_held > limits.dedup_bytes_max:
            self._drop_oldest(evicted=True)

    def _drop_oldest(self, *, evicted: bool) -> None:
        route, message_id, entry = self._order.popleft()
        entries = self._peers.get(route)
        if entries is not None and entries.get(message_id) is entry:
            self._forget(route, message_id)
            self._counters.dedup_evicted += evicted

    def _evict(self, route: Route, message_id: int) -> None:
        self._counters.dedup_evicted += 1
        self._forget(route, message_id)
        if len(self._order) > 2 * self._count + 1024:
            self._order = deque(
                item for item in self._order if self._peers.get(item[0], {}).get(item[1]) is item[2]
            )

    def _forget(self, route: Route, message_id: int) -> None:
        entries = self._peers[route]
        entry = entries.pop(message_id)
        self._count -= 1
        self._charge(route, -ENTRY_BYTES - len(entry.answer or b""))
        if not entries:
            del self._peers[route]
            del self._peer_bytes[route]
