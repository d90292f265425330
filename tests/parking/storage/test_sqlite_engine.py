"""What SQLite promises through our engine: durable, several processes, readers that do not wait."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from parking.storage.database import connect, disconnect, sqlite_path
from parking.storage.faults import Contended, TransactionOver, Unreachable
from parking.storage.sql import database as db
from parking.storage.transactions import detached, transaction
from tests.support.churn import NOW

INSERT = "INSERT INTO organisation (name, created_at) VALUES ($1, $2)"
WRITES = 150
PROCESSES = 2


@pytest.fixture
async def connected(sqlite_url: str) -> AsyncIterator[str]:
    await connect(sqlite_url)
    yield sqlite_url
    await disconnect()


def python(source: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of Berth's."""
    command = [sys.executable, "-c", textwrap.dedent(source), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


WRITER = """
    import asyncio, sys
    from parking.storage.database import connect, disconnect
    from parking.storage.transactions import detached, transaction
    from tests.support.churn import INSERT, NOW

    async def main():
        await connect(sys.argv[1])
        for number in range(int(sys.argv[2])):
            async with transaction() as sql:
                await sql.fetch("SELECT max(id) FROM audit_entry")
                await sql.execute(INSERT, sys.argv[3], str(number), NOW)
        await disconnect()

    asyncio.run(main())
"""


@pytest.mark.usefixtures("connected")
async def test_commits_are_durable_by_default() -> None:
    async with transaction() as sql:
        pragmas = {}
        for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout"):
            pragmas[name] = next(iter((await sql.fetch(f"PRAGMA {name}"))[0].values()))
    expected = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}
    assert pragmas == expected


async def test_durability_may_be_lowered_by_the_url(sqlite_url: str) -> None:
    await connect(f"{sqlite_url}?synchronous=normal")
    async with transaction() as sql:
        assert await sql.fetch("PRAGMA synchronous") == [{"synchronous": 1}]
    await disconnect()


async def test_processes_that_write_at_once_all_succeed(connected: str) -> None:
    processes = [python(WRITER, connected, str(WRITES), f"p{n}") for n in range(PROCESSES)]
    for process in processes:
        output, _ = await asyncio.to_thread(process.communicate)
        assert (process.returncode, output) == (0, "")
    rows = await db().fetch("SELECT count(*) AS n FROM audit_entry")
    assert rows == [{"n": WRITES * PROCESSES}]


def test_control_a_deferred_begin_fails_at_once_whatever_the_timeout(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as late:
        late.execute("BEGIN")
        late.execute("SELECT max(id) FROM audit_entry").fetchall()
        with closing(sqlite3.connect(path, isolation_level=None)) as quick:
            quick.execute("INSERT INTO organisation (name, created_at) VALUES ('q', 'now')")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            late.execute("INSERT INTO organisation (name, created_at) VALUES ('l', 'now')")


@pytest.mark.usefixtures("connected")
async def test_a_reader_does_not_wait_for_a_writer() -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "unseen", NOW)
        async with asyncio.timeout(2):
            assert await detached(count()) == 0


async def test_control_a_writer_does_wait_for_a_writer(connected: str) -> None:
    async with transaction():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await detached(insert())
    assert await count() == 0, connected


async def count() -> int:
    rows = await db().fetch("SELECT count(*) AS n FROM organisation")
    return int(rows[0]["n"])


async def insert() -> None:
    await db().execute(INSERT, "b", NOW)


@pytest.mark.usefixtures("connected")
async def test_the_reader_sees_what_was_just_committed() -> None:
    for number in range(200):
        await insert()
        assert await count() == number + 1


async def test_another_process_in_the_way_for_too_long_is_contention(connected: str) -> None:
    await db().execute("PRAGMA busy_timeout=50")
    blocker = python(BLOCKER, str(sqlite_path(connected)))
    assert blocker.stdout is not None
    await asyncio.to_thread(blocker.stdout.readline)
    with pytest.raises(Contended, match="another process"):
        await insert()
    with pytest.raises(Contended):
        async with transaction():
            pass
    blocker.kill()
    await asyncio.to_thread(blocker.communicate)
    await insert()


BLOCKER = """
    import sqlite3, sys, time
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.mark.usefixtures("connected")
async def test_a_transaction_that_sqlite_gave_up_by_itself_goes_no_further() -> None:
    async def work() -> None:
        async with transaction() as sql:
            await sql.execute(INSERT, "lost", NOW)
            await sql.execute("ROLLBACK")  # what SQLite does when the disk is full
            await sql.execute(INSERT, "would be committed at once", NOW)

    with pytest.raises(TransactionOver, match="rolled this transaction back"):
        await work()
    assert await count() == 0


async def test_a_process_that_forgets_to_disconnect_still_ends(sqlite_url: str) -> None:
    source = """
        import asyncio, sys
        from parking.storage.database import connect
        asyncio.run(connect(sys.argv[1]))
        print("done", flush=True)
    """
    process = python(source, sqlite_url)
    output, _ = await asyncio.to_thread(process.communicate, timeout=20)
    assert (process.returncode, output) == (0, "done\n")


async def test_a_file_that_cannot_be_opened_is_named() -> None:
    with pytest.raises(Unreachable, match="/nowhere/berth.db"):
        await connect("sqlite:///nowhere/berth.db")


async def test_a_full_disk_is_unreachable(connected: str) -> None:
    with pytest.raises(Unreachable, match="full"):
        async with transaction() as sql:
            await sql.fetch("PRAGMA max_page_count = 1")
            for _ in range(WRITES):
                await sql.execute(INSERT, "x" * 4000, NOW)
    assert await db().fetch("SELECT * FROM organisation") == []


async def test_a_file_that_is_no_database_is_named(sqlite_url: str) -> None:
    sqlite_path(sqlite_url).write_bytes(b"not a database, but a text that is long enough" * 100)
    with pytest.raises(Unreachable, match="not a database"):
        await connect(sqlite_url)
