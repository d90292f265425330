"""What a virtual device keeps over a reboot: how often it booted, which numbers it has used.

One SQLite file holds it for thousands of devices. A real device keeps the same few bytes in flash.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS device_memory (
    kid TEXT PRIMARY KEY,
    boot INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""


class MemoryFile:
    """The file; without a path it lives as long as the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # Enough to outlive the process, which is what "reboot" means here.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(_TABLE)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, kid: str, column: str, count: int) -> int:
        """Add to a counter and give what it was before."""
        assert column in ("boot", "sequence"), column
        row = self._connection.execute(
            f"INSERT INTO device_memory (kid, {column}) VALUES (?, ?)"
            f" ON CONFLICT (kid) DO UPDATE SET {column} = {column} + excluded.{column}"
            f" RETURNING {column}",
            (kid, count),
        ).fetchone()
        return int(row[0]) - count


class DeviceMemory:
    """One credential's memory; also the `SequenceStore` of its client."""

    def __init__(self, file: MemoryFile, kid: str) -> None:
        self._file = file
        self._kid = kid

    def next_boot(self) -> int:
        """Count a boot; the first is 1. Durable before it returns."""
        return self._file.add(self._kid, "boot", 1) + 1

    def reserve(self, count: int) -> int:
        """Reserve OSCORE sender sequence numbers; what a crash leaves unused is skipped."""
        return self._file.add(self._kid, "sequence", count)
