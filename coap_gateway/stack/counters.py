"""What the stack counts, for the metrics page."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from coap_gateway.stack.errors import RequestFailed
from coap_gateway.stack.sampling import SampledLog

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counters:
    """Totals since start. ``rejected`` is by reason, ``answered`` by dotted response code."""

    received: int = 0
    received_bytes: int = 0
    sent: int = 0
    sent_bytes: int = 0
    send_failed: int = 0
    undecodable: int = 0
    wrong_version: int = 0
    pings: int = 0
    deduplicated: int = 0
    dedup_evicted: int = 0
    rate_limited: int = 0
    dropped: int = 0
    replayed: int = 0
    echo_rounds: int = 0
    contexts_loaded: int = 0
    contexts_forgotten: int = 0
    unknown_context: int = 0
    undecryptable: int = 0
    blocks_evicted: int = 0
    retransmitted: int = 0
    notified: int = 0
    observers_pruned: int = 0
    handler_failures: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    samples: SampledLog = field(default_factory=lambda: SampledLog(log), repr=False)

    def refuse(self, error: RequestFailed, peer: object, now: float) -> None:
        """Count what the stack itself refuses, and log a sample of it."""
        self.rejected[error.code.dotted] += 1
        self.samples.note(f"{error.code.dotted} {type(error).__name__}", peer, b"", now)

    def as_dict(self) -> dict[str, Any]:
        """All totals as plain numbers and dictionaries."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "samples"}
        plain["rejected"] = dict(self.rejected)
        plain["answered"] = {
            f"{code >> 5}.{code & 31:02d}": count for code, count in sorted(self.answered.items())
        }
        return plain
