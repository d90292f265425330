"""The replay window of an OSCORE context (RFC 8613 7.4), as one integer of bits."""

from __future__ import annotations


class ReplayWindow:
    """Which sequence numbers of the peer were seen.

    It starts uninitialised: after a start or a change of owner nobody here knows what was seen,
    so the first request must prove its freshness by Echo (RFC 8613 B.1.2) and then sets the window
    with `start_at`. Bit i of ``_seen`` stands for ``_highest - i``.
    """

    __slots__ = ("_highest", "_mask", "_seen")

    def __init__(self, bits: int) -> None:
        self._mask = (1 << bits) - 1
        self._highest = -1
        self._seen = 0

    @property
    def initialised(self) -> bool:
        """False until `start_at`."""
        return self._highest >= 0

    def start_at(self, sequence: int) -> None:
        """Trust ``sequence`` as fresh: it and everything before it count as seen."""
        self._highest = sequence
        self._seen = self._mask

    def is_new(self, sequence: int) -> bool:
        """True if ``sequence`` was not seen and is not older than the window."""
        behind = self._highest - sequence
        if behind < 0:
            return True
        return behind < self._mask.bit_length() and not self._seen >> behind & 1

    def strike(self, sequence: int) -> None:
        """Note ``sequence`` as seen; call only after the message was authenticated."""
        behind = self._highest - sequence
        if behind < 0:
            self._seen = (self._seen << -behind | 1) & self._mask if behind > -4096 else 1
            self._highest = sequence
        else:
            self._seen |= 1 << behind & self._mask
