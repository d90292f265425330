"""Statements that are over in no time, so that the event loop may run them itself.

Handing a statement to its connection's thread and back costs more than most statements of a
transaction. Those that are brief by their nature run where they are asked for, the rest on the
thread:

- a write of one row: an INSERT of one row of plain values, an UPDATE by `id`;
- a read, which is broken off after `STEPS_MAX` and then goes to the thread, now and in future.
  That leaves its transaction as it was (SQLite, `sqlite3_interrupt`; a write that is broken off
  would take the transaction with it, so writes never are).

The loop is kept for `STATEMENTS_MAX` of these in a row; then one goes to the thread and others
have their turn.
"""

import re
import sqlite3
from functools import lru_cache

from parking.storage.sqlite_statements import Row, Values, fetch, only_reads

STATEMENTS_MAX = 16
STEPS_MAX = 10_000
"""Instructions of SQLite's machine, at 10 to 30 ns each; a look-up by key takes some dozens."""
STEPS_BETWEEN_LOOKS = 1_000
ROWS_MAX = 4
"""So many rows, written one by one, are still brief."""
LONG_KEPT_MAX = 512

# One pair of brackets is one row, and without brackets there is no inner SELECT.
_ONE_ROW = re.compile(
    r"\s*(INSERT INTO \w+\s*\([^()]*\)\s*VALUES\s*\([^()]*\)(\s*ON CONFLICT\b.*)?"
    r"|UPDATE \w+\s+SET\b[^()]*\bWHERE id = \?\d+(\s+AND\b[^()]*)?)(\s*RETURNING\b[^()]*)?\s*",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(r"\b(SELECT|FROM|OR)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def writes_one_row(query: str) -> bool:
    """Whether the statement, with SQLite's placeholders, certainly writes at most one row."""
    return _ONE_ROW.fullmatch(query) is not None and _MORE.search(query) is None


class TooLong(Exception):
    """A read was broken off; nothing has changed."""


class Brevity:
    """Tells brief statements, and remembers which reads turned out to be long."""

    def __init__(self) -> None:
        self._long: set[str] = set()

    def is_brief(self, query: str) -> bool:
        """Whether the statement, with SQLite's placeholders, may be run in the loop."""
        return writes_one_row(query) or (only_reads(query) and query not in self._long)

    def fetch(self, connection: sqlite3.Connection, query: str, values: Values) -> list[Row]:
        """All rows of a brief statement. Raises `TooLong` when it proves to be none."""
        if not only_reads(query):
            return fetch(connection, query, values)
        connection.set_progress_handler(_Looks(), STEPS_BETWEEN_LOOKS)
        try:
            return fetch(connection, query, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            self._remember(query)
            raise TooLong from error
        finally:
            connection.set_progress_handler(None, 0)

    def _remember(self, query: str) -> None:
        if len(self._long) >= LONG_KEPT_MAX:
            self._long.clear()
        self._long.add(query)


class _Looks:
    """Asked by SQLite now and then whether to break off."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        # SQLite counts the steps of a statement on from its last run: the first look comes early.
        self._left = STEPS_MAX // STEPS_BETWEEN_LOOKS

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0
