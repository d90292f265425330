"""Where a client keeps its OSCORE sender sequence number."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class SequenceStore(Protocol):
    """Durable counter of one credential."""

    def reserve(self, count: int) -> int:
        """Reserve ``count`` numbers durably and return the first; none is ever given twice."""
        ...


class MemorySequences:
    """A counter that lives as long as the process."""

    def __init__(self, start: int = 0) -> None:
        self.next = start

    def reserve(self, count: int) -> int:
        """See `SequenceStore.reserve`."""
        first = self.next
        self.next += count
        return first


class FileSequences:
    """A counter in a file of its own, replaced atomically and synced before use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def reserve(self, count: int) -> int:
        """See `SequenceStore.reserve`."""
        first = int(self._path.read_text()) if self._path.exists() else 0
        fresh = self._path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(str(first + count))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        return first
