"""Echo values (RFC 9175): proof that a request is fresh, without state for each peer."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

STAMP_BYTES = 4
MAC_BYTES = 8


class EchoMint:
    """Makes and checks Echo values bound to one context and one host, valid for a short time.

    A value is a time stamp and a MAC under a secret of this process, so replayed requests cannot
    displace the value that the real peer was given. ``context`` is the random mark of the context
    in memory: a context that was dropped and loaded again takes no value from before, or a
    recorded request with its Echo could be played to it a second time.
    """

    def __init__(self, age_s: float) -> None:
        self._age_s = age_s
        self._secret = secrets.token_bytes(32)

    def issue(self, context: bytes, host: str, now: float) -> bytes:
        """A value for this peer; ``now`` is monotonic seconds."""
        stamp = int(now).to_bytes(STAMP_BYTES, "big")
        return stamp + self._mac(stamp, context, host)

    def accepts(self, value: bytes | None, context: bytes, host: str, now: float) -> bool:
        """True if ``value`` was issued here for this peer and is not too old."""
        if value is None or len(value) != STAMP_BYTES + MAC_BYTES:
            return False
        stamp = value[:STAMP_BYTES]
        if not hmac.compare_digest(value[STAMP_BYTES:], self._mac(stamp, context, host)):
            return False
        return now - int.from_bytes(stamp, "big") <= self._age_s

    def _mac(self, stamp: bytes, context: bytes, host: str) -> bytes:
        return hmac.digest(self._secret, stamp + context + host.encode(), sha256)[:MAC_BYTES]
