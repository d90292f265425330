"""Bad input: counted by reason, logged in samples, answered with the right code."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from coap_gateway.stack.sampling import SampledLog

if TYPE_CHECKING:
    from coap_gateway.stack import Request, RequestFailed

log = logging.getLogger(__name__)


class Refusals:
    """Totals since start by reason; a log line a reason and minute at most."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._samples = SampledLog(log)

    def count(self, reason: str, request: Request) -> None:
        """Count what is refused, or ignored, and log a sample of it."""
        self.counts[reason] += 1
        sender = getattr(request.peer.credential, "endpoint", None) or request.peer.address[0]
        self._samples.note(reason, sender, request.payload, time.monotonic())

    def refuse(self, reason: str, error: RequestFailed, request: Request) -> RequestFailed:
        """The error to raise, after counting."""
        self.count(reason, request)
        return error
