"""What a look at the books finds wrong."""

from collections.abc import Iterable
from typing import NamedTuple

FINDINGS_MAX = 1_000
"""So many are told; the rest is counted."""


class Finding(NamedTuple):
    """Something that must not be: a stable `code`, and a sentence that names what it is about."""

    code: str
    message: str


class Findings:
    """Collects findings in bounded memory."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self._more = 0

    def add(self, code: str, message: str) -> None:
        """Note one."""
        if len(self._kept) < FINDINGS_MAX:
            self._kept.append(Finding(code, message))
        else:
            self._more += 1

    def extend(self, found: Iterable[Finding]) -> None:
        """Note several."""
        for each in found:
            self.add(*each)

    def told(self) -> list[Finding]:
        """All that were kept, and how many were not."""
        if not self._more:
            return self._kept
        return [*self._kept, Finding("MORE", f"and {self._more} findings more")]
