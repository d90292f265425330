"""What PostgreSQL promises through our engine: contention and lost servers are told apart."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from parking.storage import asyncpg_engine
from parking.storage.database import connect, disconnect
from parking.storage.faults import Contended, Unreachable
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import detached, retried, transaction
from tests.support.churn import NOW
from tests.support.servers import PostgresServer

INSERT = "INSERT INTO organisation (id, name, created_at) VALUES ($1, $2, $3)"
UPDATE = "UPDATE organisation SET name = name || $2 WHERE id = $1"
POOL_MAX = 4
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
CUTS = 60


@pytest.fixture
async def connected(postgres_url: str) -> AsyncIterator[str]:
    await connect(f"{postgres_url}&maxsize={POOL_MAX}")
    await db().execute_many(INSERT, [(1, "a", NOW), (2, "b", NOW)])
    yield postgres_url
    await disconnect()


async def cross(first: int, second: int, meeting: asyncio.Barrier) -> None:
    """Update two rows, meeting the other transaction in between: a deadlock if they cross."""
    async with transaction() as sql:
        await sql.execute(UPDATE, first, "!")
        with contextlib.suppress(asyncio.BrokenBarrierError, TimeoutError):
            async with asyncio.timeout(0.5):
                await meeting.wait()
        await sql.execute(UPDATE, second, "!")


@pytest.mark.usefixtures("connected")
async def test_a_deadlock_is_contention() -> None:
    meeting = asyncio.Barrier(2)
    ends = await asyncio.gather(cross(1, 2, meeting), cross(2, 1, meeting), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["Contended", "NoneType"]


@pytest.mark.usefixtures("connected")
async def test_deadlocked_transactions_both_succeed_when_retried() -> None:
    meeting = asyncio.Barrier(2)
    await asyncio.gather(
        retried(lambda: cross(1, 2, meeting)), retried(lambda: cross(2, 1, meeting))
    )
    rows = await db().fetch("SELECT name FROM organisation ORDER BY id")
    assert [row["name"] for row in rows] == ["a!!", "b!!"]


@pytest.mark.usefixtures("connected")
async def test_a_lock_that_is_kept_too_long_is_contention() -> None:
    async def impatient() -> None:
        async with transaction() as sql:
            await sql.execute("SET LOCAL lock_timeout = '50ms'")
            await sql.execute(UPDATE, 1, "?")

    async with transaction() as sql:
        await sql.execute(UPDATE, 1, "!")
        with pytest.raises(Contended, match="55P03"):
            await detached(impatient())


@pytest.mark.usefixtures("connected")
async def test_waiting_for_a_connection_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    release = asyncio.Event()
    all_held = asyncio.Barrier(POOL_MAX + 1)

    async def hold() -> None:
        async with transaction():
            await all_held.wait()
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(POOL_MAX)]
    await all_held.wait()
    monkeypatch.setattr(asyncpg_engine, "POOL_WAIT_SECONDS", 0.1)
    with pytest.raises(Contended, match="no database connection came free"):
        await db().fetch("SELECT 1")
    release.set()
    await asyncio.gather(*holders)
    assert await db().fetch("SELECT 1 AS one") == [{"one": 1}]


@pytest.mark.usefixtures("connected")
async def test_a_killed_connection_is_unreachable_and_the_next_works() -> None:
    with pytest.raises(Unreachable):
        async with transaction() as sql:
            await sql.execute(UPDATE, 1, "lost")
            await suicide(sql)
    assert await db().fetch("SELECT name FROM organisation WHERE id = 1") == [{"name": "a"}]


@pytest.mark.parametrize(
    "error",
    [asyncpg.TooManyConnectionsError, asyncpg.DiskFullError, asyncpg.ReadOnlySQLTransactionError,
     asyncpg.ObjectNotInPrerequisiteStateError, asyncpg.CannotConnectNowError],
)  # fmt: skip
def test_a_server_that_can_take_nothing_now_is_unreachable(error: type[Exception]) -> None:
    assert isinstance(asyncpg_engine.translated(error("no")), Unreachable)


@pytest.mark.usefixtures("connected")
async def test_connections_cut_at_any_moment_are_unreachable_and_nothing_else(
    postgres_server: PostgresServer,
) -> None:
    admin = await asyncpg.connect(
        host=str(postgres_server.folder), user="berth", database="postgres"
    )
    name = (await db().fetch("SELECT current_database() AS name"))[0]["name"]
    outcomes: list[BaseException | None] = []

    async def write(_: int) -> None:
        async with transaction() as sql:
            await sql.execute(UPDATE, 1, "")
            await sql.fetch("SELECT 1")

    for turn in range(CUTS):
        wishes = [asyncio.ensure_future(write(number)) for number in range(3 * POOL_MAX)]
        await asyncio.sleep(turn % 5 / 1_000)
        await admin.execute(CUT, name)
        outcomes += await asyncio.gather(*wishes, return_exceptions=True)
    await admin.close()
    strange = [each for each in outcomes if each and not isinstance(each, Unreachable | Contended)]
    assert strange == []
    assert any(outcomes), "some of them must have been cut"
    assert await db().fetch("SELECT 1 AS one") == [{"one": 1}]


async def suicide(sql: Sql) -> None:
    await sql.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    await sql.fetch("SELECT 1")


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: object) -> None:
    with pytest.raises(Unreachable, match="PostgreSQL at"):
        await connect(f"postgres://berth@localhost/berth?host={tmp_path}")


async def test_a_database_that_is_not_there_is_named(postgres_url: str) -> None:
    with pytest.raises(Unreachable, match="no_such"):
        await connect(postgres_url.replace("/test_", "/no_such_"))


@pytest.mark.usefixtures("connected")
async def test_a_connection_comes_back_without_settings_of_its_last_transaction() -> None:
    async with transaction() as sql:
        await sql.execute("SET LOCAL lock_timeout = '50ms'")
    rows = await db().fetch("SHOW lock_timeout")
    assert rows == [{"lock_timeout": f"{asyncpg_engine.LOCK_WAIT_SECONDS}s"}]
