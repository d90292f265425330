"""What runs on the thread of a SQLite connection, and how values and errors cross over."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
import tortoise.backends.sqlite.executor  # noqa: F401 - registers adapters that ours replace
from tortoise.exceptions import IntegrityError, OperationalError

from parking.storage.faults import Contended, TransactionOver, Unreachable

Row = dict[str, Any]
Values = Sequence[Any]

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNUSABLE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
_READS = re.compile(
    r"\s*(SELECT|EXPLAIN|WITH(?!.*\b(INSERT|UPDATE|DELETE)\b))\b", re.IGNORECASE | re.DOTALL
)
_PLACEHOLDER = re.compile(r"\$(\d+)")


@lru_cache(maxsize=4096)
def only_reads(query: str) -> bool:
    """Whether the statement certainly changes nothing."""
    return _READS.match(query) is not None


@lru_cache(maxsize=4096)
def numbered(query: str) -> str:
    """The statement with SQLite's `?1` for each `$1`; no literal may contain `$` and a digit."""
    return _PLACEHOLDER.sub(r"?\1", query)


@lru_cache(maxsize=1024)
def time_text(instant: datetime) -> str:
    """A time as SQLite keeps it: UTC, with microseconds always, so that text sorts as time."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone; give an aware datetime")
    return instant.astimezone(UTC).isoformat(" ", "microseconds")


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


# Only types that SQLite does not know are adapted, so this costs nothing where it is not needed.
sqlite3.register_adapter(datetime, time_text)
sqlite3.register_adapter(list, _json_text)


def fetch(connection: sqlite3.Connection, query: str, values: Values) -> list[Row]:
    """All rows of a statement, each as a dictionary."""
    cursor = connection.execute(query, values)
    rows = cursor.fetchall()
    if not rows:
        return []
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def run(connection: sqlite3.Connection, query: str, values: Values) -> int:
    """Execute one statement; the number of rows that it inserted, updated or deleted."""
    return fetch_counted(connection, query, values)[0]


def fetch_counted(
    connection: sqlite3.Connection, query: str, values: Values
) -> tuple[int, list[Row]]:
    """Rows affected (or found, for a statement that only reads), and the rows."""
    before = connection.total_changes
    cursor = connection.execute(query, values)
    rows = cursor.fetchall()
    # rowcount is -1 for what sqlite3 does not take for a change, such as WITH … INSERT.
    count = cursor.rowcount if cursor.rowcount >= 0 else connection.total_changes - before
    if not rows:
        return count, []
    names = [column[0] for column in cursor.description]
    return count or len(rows), [dict(zip(names, row, strict=True)) for row in rows]


def insert(connection: sqlite3.Connection, query: str, values: Values) -> int | None:
    """Execute an INSERT; the row id that it made."""
    return connection.execute(query, values).lastrowid


def run_many(connection: sqlite3.Connection, query: str, rows: Iterable[Values]) -> None:
    """Execute one statement for each of `rows`: all or none."""
    if connection.in_transaction:
        connection.executemany(query, rows)
        return
    begin(connection)
    try:
        connection.executemany(query, rows)
    except BaseException:
        rollback(connection)
        raise
    commit(connection)


def script(connection: sqlite3.Connection, text: str) -> None:
    """Execute several statements; `sqlite3.executescript` would commit what is open first."""
    pending = ""
    for piece in text.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n\t;"):
                connection.execute(pending)
            pending = ""
    if pending.strip(" \n\t;"):
        connection.execute(pending)


def begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction that may write, waiting for other processes' ones up to busy_timeout."""
    connection.execute("BEGIN IMMEDIATE")


def begins_at_once(connection: sqlite3.Connection) -> bool:
    """Begin if that needs no waiting; whether it did."""
    [timeout] = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        begin(connection)
    except sqlite3.Error:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout}")
    return True


def commit(connection: sqlite3.Connection) -> None:
    """Make the transaction durable; if that fails, nothing of it stays."""
    require_transaction(connection)
    try:
        connection.execute("COMMIT")
    except BaseException:
        rollback(connection)
        raise


def rollback(connection: sqlite3.Connection) -> None:
    """Undo the transaction if there is one."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def require_transaction(connection: sqlite3.Connection) -> None:
    """Refuse to go on after SQLite has rolled back by itself: it would commit each statement."""
    if not connection.in_transaction:
        raise TransactionOver(
            "SQLite has rolled this transaction back by itself (disk full or I/O error); "
            "nothing of it was kept. Run it again from its beginning."
        )


def translated(error: sqlite3.Error) -> Exception:
    """The error in the words of `parking.storage.faults` and Tortoise."""
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityError(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return Contended(f"another process is writing to the SQLite file: {error}")
    if code in _UNUSABLE:
        return Unreachable(f"SQLite file: {error}")
    return OperationalError(error)
