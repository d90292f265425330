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

_LOCK_TABLE = """
CREATE TABLE IF NOT EXISTS lock_memory (
    kid TEXT PRIMARY KEY,
    command INTEGER NOT NULL DEFAULT 0,
    refusal TEXT NOT NULL DEFAULT '',
    moves INTEGER NOT NULL DEFAULT 0
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
        self._connection.execute(_LOCK_TABLE)

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

    def lock(self, kid: str) -> tuple[int, str, int]:
        """The newest command, with which word it was refused, and how often the arm moved."""
        row = self._connection.execute(
            "SELECT command, refusal, moves FROM lock_memory WHERE kid = ?", (kid,)
        ).fetchone()
        return (0, "", 0) if row is None else (row[0], row[1], row[2])

    def keep_lock(self, kid: str, command: int, refusal: str, moves: int) -> None:
        """Keep what `lock` gives."""
        self._connection.execute(
            "INSERT OR REPLACE INTO lock_memory (kid, command, refusal, moves) VALUES (?, ?, ?, ?)",
            (kid, command, refusal, moves),
        )


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

    @property
    def command(self) -> tuple[int, str]:
        """The newest command of a lock, and with which word it was refused ("" if it was not)."""
        return self._file.lock(self._kid)[:2]

    @property
    def moves(self) -> int:
        """How often a lock's arm has moved."""
        return self._file.lock(self._kid)[2]

    def keep_command(self, command_id: int, refusal: str) -> None:
        """Keep a command and its result: the same id never acts twice. Durable."""
        self._file.keep_lock(self._kid, command_id, refusal, self.moves)

    def count_move(self) -> int:
        """The arm moves once more; how often it has then."""
        moves = self.moves + 1
        self._file.keep_lock(self._kid, *self.command, moves)
        return moves
