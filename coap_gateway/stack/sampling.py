"""Log lines for things that a stranger can cause a million times: counted, and sampled."""

from __future__ import annotations

import logging

SAMPLE_INTERVAL_S = 60.0
SAMPLE_BYTES_MAX = 24


class SampledLog:
    """At most one line a reason and minute, with the count since the last line."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._seen: dict[str, tuple[float, int]] = {}

    def note(self, reason: str, peer: object, datagram: bytes, now: float) -> None:
        """Count one more; log it if the reason was silent for `SAMPLE_INTERVAL_S`."""
        last, count = self._seen.get(reason, (now - SAMPLE_INTERVAL_S, 0))
        count += 1
        if now - last < SAMPLE_INTERVAL_S:
            self._seen[reason] = (last, count)
            return
        self._seen[reason] = (now, 0)
        sample = datagram[:SAMPLE_BYTES_MAX].hex()
        self._log.warning("%s: %d datagram(s), the latest from %s: %s", reason, count, peer, sample)
