"""The database itself keeps the books, whatever writes to it: each wrong by bare SQL is refused,
and goes through when its guard is taken away."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from parking.ledger.accounts import driver
from parking.ledger.guards import guarded
from parking.ledger.refusals import LedgerRefusal
from parking.ledger.rows import hold_accounts
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.parking.ledger.books import ALICE, AT, BOB, EUR, LATER, POCKET, fund, move, of, reserve
from tests.parking.ledger.raw import POSTING, TRANSFER, account_id, drop_guards, raw, transfer_id

pytestmark = pytest.mark.usefixtures("database")

Wrong = Callable[[Sql], Awaitable[Any]]

A, B, P = ALICE.name, BOB.name, POCKET.name


async def unbalanced(sql: Sql) -> None:
    await raw(sql, amounts={A: -5, B: 4})


async def unsealed(sql: Sql) -> None:
    await raw(sql, amounts={A: -5, B: 5}, is_sealed=False)


async def empty(sql: Sql) -> None:
    await raw(sql)


async def sealed_beforehand(sql: Sql) -> None:
    await sql.execute("INSERT INTO ledger_seal (transfer_id) VALUES (999)")


async def added_after_the_seal(sql: Sql) -> None:
    found = await transfer_id(sql, "paid"), await account_id(sql, A)
    await sql.execute(POSTING, *found, 5, False, AT)


async def of_another_phase(sql: Sql) -> None:
    made = await raw(sql, is_sealed=False)
    await sql.execute(POSTING, made, await account_id(sql, A), 5, True, AT)


async def of_another_time(sql: Sql) -> None:
    made = await raw(sql, is_sealed=False)
    await sql.execute(POSTING, made, await account_id(sql, A), 5, False, LATER)


async def posting_edited(sql: Sql) -> None:
    await sql.execute("UPDATE ledger_posting SET amount_minor = 1")


async def posting_deleted(sql: Sql) -> None:
    await sql.execute("DELETE FROM ledger_posting")


async def transfer_edited(sql: Sql) -> None:
    await sql.execute("UPDATE ledger_transfer SET reason = 'other'")


async def transfer_deleted(sql: Sql) -> None:
    made = await raw(sql, "VOID")
    await sql.execute("DELETE FROM ledger_transfer WHERE id = $1", made)


async def seal_edited(sql: Sql) -> None:
    await sql.execute("UPDATE ledger_seal SET transfer_id = transfer_id")


async def seal_deleted(sql: Sql) -> None:
    await sql.execute("DELETE FROM ledger_seal")


async def account_deleted(sql: Sql) -> None:
    made = await hold_accounts(sql, [driver(9, EUR)], AT)
    await sql.execute("DELETE FROM ledger_account WHERE id = $1", made[driver(9, EUR)].id)


async def account_renamed(sql: Sql) -> None:
    await sql.execute("UPDATE ledger_account SET name = 'driver:9' WHERE name = $1", A)


async def posted_twice(sql: Sql) -> None:
    await raw(sql, "POST", {A: -5, P: 5})
    await raw(sql, "POST", {A: -5, P: 5}, public_id="again")


async def posted_over(sql: Sql) -> None:
    await raw(sql, "POST", {A: -71, P: 71})


async def posted_elsewhere(sql: Sql) -> None:
    await raw(sql, "POST", {A: -5, B: 5})


async def posted_at_its_expiry(sql: Sql) -> None:
    await raw(sql, "POST", {A: -5, P: 5}, at=LATER)


async def expired_before(sql: Sql) -> None:
    await raw(sql, "EXPIRE", at=LATER - timedelta(seconds=1))


async def resolved_that_is_none(sql: Sql) -> None:
    row = await transfer_id(sql, "paid")
    await sql.fetch(TRANSFER, "raw", "VOID", AT, row, None)


async def voided_with_postings(sql: Sql) -> None:
    await raw(sql, "VOID", {A: -5, P: 5})


async def below_the_limit(sql: Sql) -> None:
    await raw(sql, amounts={A: -31, B: 31})


async def reserved_below_the_limit(sql: Sql) -> None:
    await raw(sql, "PENDING", {A: -31, B: 31})


GUARDED: list[tuple[Wrong, str]] = [
    (unbalanced, "ledger_unbalanced"),
    (empty, "ledger_postings"),
    (voided_with_postings, "ledger_postings"),
    (sealed_beforehand, "ledger_seal_alone"),
    (added_after_the_seal, "ledger_sealed"),
    (of_another_phase, "ledger_phase"),
    (of_another_time, "ledger_phase"),
    (posting_edited, "ledger_append_only"),
    (posting_deleted, "ledger_append_only"),
    (transfer_edited, "ledger_append_only"),
    (transfer_deleted, "ledger_append_only"),
    (seal_edited, "ledger_append_only"),
    (seal_deleted, "ledger_append_only"),
    (account_deleted, "ledger_append_only"),
    (account_renamed, "ledger_append_only"),
    (posted_twice, "pending_id"),
    (posted_over, "ledger_exceeds_pending"),
    (posted_elsewhere, "ledger_exceeds_pending"),
    (posted_at_its_expiry, "ledger_pending_expired"),
    (expired_before, "ledger_not_expired"),
    (resolved_that_is_none, "ledger_not_pending"),
    (below_the_limit, "ledger_account_minimum"),
    (reserved_below_the_limit, "ledger_account_minimum"),
]


@pytest.fixture(autouse=True)
async def _books(database: str) -> None:
    """Alice has 100, of which 70 are held until LATER for the pocket; Bob has 7."""
    await fund(ALICE, 100)
    await fund(BOB, 10)
    await move("paid", BOB, POCKET, 3)
    await reserve("hold", ALICE, POCKET, 70)


async def test_the_database_refuses_each_wrong() -> None:
    for wrong, guard in GUARDED:
        with pytest.raises(IntegrityError, match=guard):
            async with transaction() as sql:
                await wrong(sql)
        assert await of(ALICE) == (100, 70), wrong.__name__


async def test_no_transfer_is_committed_that_the_database_has_not_looked_at() -> None:
    with pytest.raises(IntegrityError):
        async with transaction() as sql:
            await unsealed(sql)
            assert await transfer_id(sql, "raw"), "until the commit nothing is said"
    assert await of(ALICE) == (100, 70)


REFUSALS: list[tuple[Wrong, str]] = [
    (unbalanced, "UNBALANCED"),
    (posted_twice, "ALREADY_POSTED"),
    (posted_over, "EXCEEDS_PENDING"),
    (posted_at_its_expiry, "PENDING_EXPIRED"),
    (below_the_limit, "INSUFFICIENT_FUNDS"),
]


async def test_a_guards_error_is_told_as_its_refusal() -> None:
    for wrong, code in REFUSALS:
        with pytest.raises(LedgerRefusal) as refused:
            async with transaction() as sql:
                with guarded():
                    await wrong(sql)
        assert refused.value.code == code


async def test_replacing_a_row_on_sqlite_is_deleting_it(database: str) -> None:
    """`INSERT OR REPLACE` there deletes what is in the way, unheard unless triggers recurse."""
    if not database.startswith("sqlite"):
        return
    async with transaction() as sql:
        await raw(sql, "VOID")
    replaced = TRANSFER.replace("INSERT INTO", "INSERT OR REPLACE INTO")
    for kind, pending in (("POST", await transfer_id(db(), "hold")), ("DIRECT", None)):
        with pytest.raises(IntegrityError, match="ledger_append_only"):
            await db().fetch(replaced, "raw", kind, AT, pending, None)


class Through(Exception):
    """It was not refused."""


UNIQUE = {posted_twice}
"""SQLite has no way to be without a unique key."""


async def test_control_without_the_guards_each_wrong_goes_through(database: str) -> None:
    await drop_guards(db())
    without = UNIQUE if database.startswith("sqlite") else set()
    for wrong, _ in GUARDED:
        if wrong not in without:
            with pytest.raises(Through):
                async with transaction() as sql:
                    await wrong(sql)
                    raise Through


async def test_control_without_the_deferred_key_it_is_committed_unsealed() -> None:
    await drop_guards(db())
    async with transaction() as sql:
        await unsealed(sql)
    assert await transfer_id(db(), "raw")
