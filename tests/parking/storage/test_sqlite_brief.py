"""Brief statements run in the event loop itself; no other does, and nobody is kept waiting."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from parking.occupancy import rows
from parking.reservations import agreements, holding, record
from parking.storage import sqlite_brief
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as db
from parking.storage.sqlite_brief import Brevity, writes_one_row
from parking.storage.sqlite_engine import BUSY_TIMEOUT_MS, SqliteEngine
from parking.storage.sqlite_statements import numbered
from parking.storage.transactions import transaction
from tests.support.churn import NOW

INSERT = "INSERT INTO organisation (name, created_at) VALUES ($1, $2)"
COUNT = "SELECT count(*) AS n FROM organisation"
LONG = (
    "WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 50000)"
    " SELECT max(i) AS most FROM r"
)
Heard = list[tuple[str, int]]


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[SqliteEngine]:
    await connect(sqlite_url)
    client = db()._client
    assert isinstance(client, SqliteEngine)
    yield client
    await disconnect()


@pytest.fixture
async def heard(engine: SqliteEngine) -> Heard:
    """Each statement of the writer's, and the thread it ran on."""
    found: Heard = []
    writer = await engine.writer()
    writer.connection.set_trace_callback(lambda said: found.append((said, threading.get_ident())))
    return found


def places(heard: Heard, begins: str) -> list[bool]:
    """Of the statements that begin so, which ran in this very thread."""
    here = threading.get_ident()
    return [thread == here for said, thread in heard if said.startswith(begins)]


ONE_ROW = [
    INSERT,
    holding.INSERT_RESERVATION,
    agreements.INSERT_AGREEMENT,
    record.INSERT_EVENT,
    rows.INSERT_EVENT,
    rows.INSERT_OBSERVATION,
    rows.UPDATE_PLACE,
    "UPDATE reservation SET claim = $2 WHERE id = $1",
    "UPDATE reservation SET state = $3, version = $4 WHERE id = $1 AND version = $2",
    "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING id",
]
PERHAPS_MANY = [
    LONG,
    "INSERT INTO t (a) SELECT b FROM u",
    "INSERT INTO t (a) VALUES ($1), ($2)",
    "INSERT INTO t (a) VALUES ((SELECT max(b) FROM u))",
    "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = (SELECT max(b) FROM u)",
    "UPDATE t SET a = $1",
    "UPDATE t SET a = $2 WHERE a = $1",
    "UPDATE t SET a = $2 WHERE id = $1 OR a = 3",
    "UPDATE t SET a = $2 WHERE id IN (SELECT b FROM u)",
    "UPDATE t SET a = (SELECT max(b) FROM u) WHERE id = $1",
    "UPDATE t SET a = u.b FROM u WHERE id = $1",
    "DELETE FROM t WHERE id = $1",
    "WITH u AS (SELECT 1) INSERT INTO t (a) VALUES ($1)",
    "PRAGMA foreign_keys",
]


@pytest.mark.parametrize("query", ONE_ROW)
def test_a_write_of_one_row_is_told_by_its_words(query: str) -> None:
    assert writes_one_row(numbered(query))


@pytest.mark.parametrize("query", PERHAPS_MANY)
def test_what_may_write_more_is_no_write_of_one_row(query: str) -> None:
    assert not writes_one_row(numbered(query))


async def test_brief_statements_run_in_the_loop_and_only_the_commit_does_not(heard: Heard) -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "a", NOW)
        async with transaction() as inner:
            await inner.fetch(COUNT)
            await inner.execute_many(INSERT, [("b", NOW), ("c", NOW)])
    assert places(heard, "INSERT") == [True, True, True]
    assert places(heard, "BEGIN") == places(heard, "SELECT") == [True]
    assert places(heard, "SAVEPOINT") == places(heard, "RELEASE") == [True]
    assert places(heard, "COMMIT") == [False]
    assert await db().fetch(COUNT) == [{"n": 3}]


async def test_what_may_take_long_runs_on_the_thread(heard: Heard) -> None:
    async with transaction() as sql:
        await sql.execute("UPDATE organisation SET name = 'x'")
        await sql.execute_many(INSERT, [(str(n), NOW) for n in range(sqlite_brief.ROWS_MAX + 1)])
    assert places(heard, "BEGIN") == places(heard, "UPDATE") == [False]
    assert not any(places(heard, "INSERT"))


async def test_outside_a_transaction_nothing_runs_in_the_loop(heard: Heard) -> None:
    await db().execute(INSERT, "a", NOW)
    await db().execute(INSERT, "b", NOW)
    assert places(heard, "INSERT") == [False, False]


async def test_a_long_read_is_broken_off_and_read_on_the_thread(heard: Heard) -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "kept", NOW)
        assert await sql.fetch(LONG) == [{"most": 50_000}]
        await sql.execute(INSERT, "too", NOW)
        assert await sql.fetch(LONG) == [{"most": 50_000}]
    assert places(heard, "WITH") == [True, False, False], "in future it goes there at once"
    assert await db().fetch(COUNT) == [{"n": 2}]


async def test_control_without_its_measure_a_long_read_keeps_the_loop(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_brief, "STEPS_MAX", 10**12)
    async with transaction() as sql:
        await sql.execute(INSERT, "first", NOW)
        await sql.fetch(LONG)
    assert places(heard, "WITH") == [True]


def test_a_brief_read_stays_brief_however_often_it_is_read() -> None:
    with sqlite3.connect(":memory:") as connection:
        query = LONG.replace("50000", "200")
        brevity = Brevity()
        for _ in range(100):
            assert brevity.fetch(connection, query, ()) == [{"most": 200}]


def test_a_wrong_read_is_told_as_what_it_is() -> None:
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.OperationalError):
        Brevity().fetch(connection, "SELECT nothing FROM nowhere", ())


def test_not_more_long_reads_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_brief, "LONG_KEPT_MAX", 2)
    brevity, queries = Brevity(), [LONG.replace("most", name) for name in ("a", "b", "c")]
    with sqlite3.connect(":memory:") as connection:
        for query in queries:
            with pytest.raises(sqlite_brief.TooLong):
                brevity.fetch(connection, query, ())
    assert [brevity.is_brief(query) for query in queries] == [True, True, False]


async def test_a_long_row_of_brief_statements_lets_others_have_their_turn(heard: Heard) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async with transaction() as sql:
        for number in range(10 * (sqlite_brief.STATEMENTS_MAX + 1)):
            await sql.execute(INSERT, str(number), NOW)
        assert turns >= 10
    task.cancel()
    assert places(heard, "INSERT").count(False) == 10


async def test_loop_and_thread_never_use_a_connection_at_once(
    engine: SqliteEngine, heard: Heard
) -> None:
    is_busy, going_on = threading.Event(), threading.Event()

    def keep_busy() -> int:
        is_busy.set()
        return int(going_on.wait(60))

    writer = await engine.writer()
    writer.connection.create_function("keep_busy", 0, keep_busy)
    async with transaction() as sql:
        update = "UPDATE organisation SET name = 'x' WHERE keep_busy()"
        await sql.execute(INSERT, "first", NOW)
        long = asyncio.create_task(sql.execute(update))
        await asyncio.to_thread(is_busy.wait, 60)
        brief = asyncio.create_task(sql.execute(INSERT, "behind", NOW))
        await asyncio.sleep(0)
        going_on.set()
        await asyncio.gather(long, brief)
        await sql.execute(INSERT, "after", NOW)
    assert places(heard, "INSERT") == [True, False, True]


async def test_while_another_process_writes_the_thread_waits_and_not_the_loop(
    engine: SqliteEngine,
) -> None:
    here, heard, is_waiting = threading.get_ident(), [], threading.Event()

    def hear(said: str) -> None:
        if said.startswith("BEGIN"):
            heard.append(threading.get_ident() == here)
            if not heard[-1]:
                is_waiting.set()

    writer = await engine.writer()
    writer.connection.set_trace_callback(hear)
    with closing(sqlite3.connect(engine.filename, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(insert("after the other"))
        assert await asyncio.to_thread(is_waiting.wait, 60)
        other.execute("COMMIT")
        await waiting
    assert heard == [True, False], "tried once, then left to the thread"
    assert await db().fetch(COUNT) == [{"n": 1}]
    async with transaction() as sql:
        assert await sql.fetch("PRAGMA busy_timeout") == [{"timeout": BUSY_TIMEOUT_MS}]


@pytest.mark.usefixtures("engine")
async def test_a_commit_that_fails_takes_nobody_with_it() -> None:
    async def unfounded() -> None:
        async with transaction() as sql:
            await sql.fetch("PRAGMA defer_foreign_keys = ON")
            await sql.execute(
                "INSERT INTO membership (person_id, organisation_id, role, created_at)"
                " VALUES (404, 404, 'OPERATOR', $1)",
                NOW,
            )

    results = await asyncio.gather(
        insert("before"), unfounded(), insert("after"), return_exceptions=True
    )
    assert [type(each) for each in results] == [type(None), IntegrityError, type(None)]
    assert await db().fetch("SELECT name FROM organisation") == [
        {"name": "before"},
        {"name": "after"},
    ]


async def insert(name: str) -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, name, NOW + timedelta(seconds=1))
