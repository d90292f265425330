"""Rates: a token bucket for each key, kept as one number (the generic cell rate algorithm)."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import islice
from math import ceil

from coap_gateway.stack.limits import Limits

PRUNE_STEP = 64


class RateLimiter:
    """At most ``rate`` a second for each key, in bursts of ``burst``; ``rate`` 0 means no limit.

    A key's number is the time at which its bucket is full again; a key whose time has passed says
    nothing and is forgotten. Over ``entries_max`` the oldest entries go.
    """

    def __init__(self, rate: float, burst: int, entries_max: int) -> None:
        self._step = 1.0 / rate if rate > 0 else 0.0
        self._depth = self._step * burst
        self._entries_max = entries_max
        self._full_at: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: Hashable, now: float) -> float:
        """0 and a token taken, or the seconds until there is one."""
        step = self._step
        if not step:
            return 0.0
        full_at = self._full_at.get(key, now)
        full_at = (max(now, full_at)) + step
        over = full_at - now - self._depth
        if over > 1e-9:
            return over
        self._full_at[key] = full_at
        if len(self._full_at) > self._entries_max:
            self._prune(now)
        return 0.0

    def _prune(self, now: float) -> None:
        oldest = list(islice(self._full_at.items(), PRUNE_STEP))
        spent = [key for key, full_at in oldest if full_at <= now]
        for key in spent or [oldest[0][0]]:
            del self._full_at[key]


def retry_after(seconds: float) -> int:
    """Max-Age of a 4.29: whole seconds, at least 1 (RFC 8516)."""
    return max(1, ceil(seconds))


class SourceRates:
    """The buckets of source addresses: all they send, what is not authenticated, refusals."""

    def __init__(self, limits: Limits) -> None:
        entries = limits.rate_entries_max
        self.all = RateLimiter(limits.source_rate, limits.source_burst, entries)
        self.strangers = RateLimiter(
            limits.unauthenticated_rate, limits.unauthenticated_burst, entries
        )
        self.refusals = RateLimiter(limits.refusal_rate, limits.refusal_burst, entries)
