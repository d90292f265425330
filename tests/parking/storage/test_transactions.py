"""All or nothing, nested, and left behind by nobody."""

import asyncio

import pytest
from tortoise.exceptions import OperationalError, TransactionManagementError

from parking.accounts.models import Organisation
from parking.storage.faults import Contended, TransactionOver
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import ATTEMPTS_MAX, detached, retried, transaction
from tests.support.churn import NOW

INSERT = "INSERT INTO organisation (name, created_at) VALUES ($1, $2)"

pytestmark = pytest.mark.usefixtures("database")


class Mishap(Exception):
    """Something that goes wrong on purpose."""


async def names() -> list[str]:
    return [row["name"] for row in await db().fetch("SELECT name FROM organisation ORDER BY id")]


async def test_commits_at_the_end() -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "a", NOW)
        await sql.execute_many(INSERT, [("b", NOW), ("c", NOW)])
    assert await names() == ["a", "b", "c"]


async def test_an_error_undoes_everything() -> None:
    with pytest.raises(Mishap):
        async with transaction() as sql:
            await sql.execute(INSERT, "a", NOW)
            await Organisation.create(name="b", created_at=NOW)
            raise Mishap
    assert await names() == []


async def test_models_and_database_join_the_running_transaction() -> None:
    async with transaction():
        await Organisation.create(name="a", created_at=NOW)
        assert await names() == ["a"]
        await db().execute(INSERT, "b", NOW)
    assert await names() == ["a", "b"]


async def test_others_do_not_see_what_is_not_committed() -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "a", NOW)
        assert await detached(names()) == []
    assert await names() == ["a"]


async def test_an_error_in_a_nested_one_undoes_only_that() -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "a", NOW)
        with pytest.raises(Mishap):
            async with transaction() as inner:
                await inner.execute(INSERT, "lost", NOW)
                raise Mishap
        await sql.execute(INSERT, "b", NOW)
    assert await names() == ["a", "b"]


async def test_a_refused_statement_in_a_nested_one_lets_the_outer_go_on() -> None:
    async with transaction() as sql:
        await sql.execute(INSERT, "a", NOW)
        with pytest.raises(OperationalError):
            async with transaction() as inner:
                await inner.fetch("SELECT nothing FROM nowhere")
        await sql.execute(INSERT, "b", NOW)
    assert await names() == ["a", "b"]


async def test_nested_twice() -> None:
    async with transaction() as sql:
        async with transaction() as inner:
            await inner.execute(INSERT, "a", NOW)
            with pytest.raises(Mishap):
                async with transaction() as innermost:
                    await innermost.execute(INSERT, "lost", NOW)
                    raise Mishap
        await sql.execute(INSERT, "b", NOW)
    assert await names() == ["a", "b"]


async def test_gathered_tasks_may_share_a_transaction() -> None:
    async with transaction() as sql:
        await asyncio.gather(*(sql.execute(INSERT, str(n), NOW) for n in range(20)))
    assert len(await names()) == 20


async def test_a_detached_task_is_not_undone_with_the_transaction_it_was_started_in() -> None:
    with pytest.raises(Mishap):
        async with transaction() as sql:
            await sql.execute(INSERT, "lost", NOW)
            task = detached(db_insert("kept"))
            raise Mishap
    await task
    assert await names() == ["kept"]


async def db_insert(name: str) -> None:
    await db().execute(INSERT, name, NOW)


async def test_control_a_plain_task_that_outlives_its_transaction_is_refused() -> None:
    go = asyncio.Event()

    async def late() -> None:
        await go.wait()
        await db_insert("late")

    async with transaction():
        task = asyncio.create_task(late())
    go.set()
    with pytest.raises(TransactionOver, match="detached"):
        await task
    assert await names() == []


async def test_a_handle_kept_beyond_its_transaction_is_refused() -> None:
    kept: list[Sql] = []
    async with transaction() as sql:
        kept.append(sql)
    with pytest.raises(TransactionOver):
        await kept[0].execute(INSERT, "late", NOW)


async def test_a_commit_that_keeps_nothing_is_an_error() -> None:
    async def careless() -> None:
        async with transaction() as sql:
            await sql.execute(INSERT, "a", NOW)
            with pytest.raises(OperationalError):
                await sql.fetch("SELECT nothing FROM nowhere")

    if db().dialect == "postgres":
        with pytest.raises(TransactionManagementError, match="nothing was committed"):
            await careless()
        assert await names() == []
    else:
        await careless()
        assert await names() == ["a"]


async def test_a_cancelled_commit_is_waited_for() -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with transaction() as sql:
            await sql.execute(INSERT, "a", NOW)
            inside.set()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await names() == ["a"]


async def test_retried_runs_a_contended_transaction_again() -> None:
    tries = 0

    async def work() -> str:
        nonlocal tries
        tries += 1
        if tries < ATTEMPTS_MAX:
            raise Contended("somebody else")
        return "done"

    assert await retried(work) == "done"
    assert tries == ATTEMPTS_MAX


async def test_retried_gives_up_after_its_attempts() -> None:
    async def work() -> None:
        raise Contended("always")

    with pytest.raises(Contended):
        await retried(work)
