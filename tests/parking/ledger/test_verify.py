"""The books are rebuilt from their postings, and whatever is wrong with them is found."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from parking.ledger import findings as findings_module
from parking.ledger.accounts import Account
from parking.ledger.findings import Finding
from parking.ledger.transfers import post, void
from parking.ledger.verify import EXPIRY_LATE_MAX, verify
from parking.storage.snapshots import snapshot
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import detached, transaction
from tests.parking.ledger.books import (
    ALICE,
    AT,
    BOB,
    LATER,
    LESSOR,
    OUTSIDE,
    POCKET,
    between,
    fund,
    move,
    reserve,
)
from tests.parking.ledger.raw import drop_guards, raw, transfer_id

pytestmark = pytest.mark.usefixtures("database")

A, B, P = ALICE.name, BOB.name, POCKET.name
LONG_AFTER = LATER + EXPIRY_LATE_MAX + timedelta(seconds=1)


@pytest.fixture(autouse=True)
async def _books(database: str) -> None:
    """Some of everything; `hold` waits until LATER with 70 of Alice's 100 for the pocket."""
    await fund(ALICE, 100)
    await fund(BOB, 10)
    await fund(Account(A, "USD"), 5, "usd")
    await move("split", BOB, LESSOR, 3)
    await reserve("hold", ALICE, POCKET, 70)
    for number in (1, 2):
        await reserve(f"hold:{number}", OUTSIDE, POCKET, 10)
    async with transaction() as sql:
        await post(sql, "hold:1", "post", AT, between(OUTSIDE, POCKET, 4))
        await void(sql, "hold:2", "void", AT)


async def test_right_books_have_no_findings() -> None:
    async with snapshot() as sql:
        assert await verify(sql, LATER) == []


def by(text: str) -> Callable[[Sql], Awaitable[Any]]:
    """A wrong that is one statement."""
    return lambda sql: sql.execute(text)


def made(*args: Any, **more: Any) -> Callable[[Sql], Awaitable[Any]]:
    """A wrong that is a transfer by bare SQL."""
    return lambda sql: raw(sql, *args, **more)


async def resolved_twice(sql: Sql) -> None:
    await raw(sql, "POST", {A: -5, P: 5})
    await raw(sql, "VOID", public_id="again")


async def resolves_what_moved(sql: Sql) -> None:
    split = await transfer_id(sql, "split")
    await sql.execute("UPDATE ledger_transfer SET pending_id = $1 WHERE public_id = 'void'", split)


IS_HOLD = "(SELECT id FROM ledger_transfer WHERE public_id = 'hold')"

WRONGS: list[tuple[str, Callable[[Sql], Awaitable[Any]]]] = [
    ("UNBALANCED", made(amounts={A: -5, B: 4})),
    ("BOOKS_UNBALANCED", made(amounts={A: -5, B: 4})),
    ("POSTINGS", made()),
    ("POSTINGS", made("VOID", {A: -5, P: 5})),
    ("POSTINGS", by(f"UPDATE ledger_posting SET is_pending = FALSE WHERE transfer_id = {IS_HOLD}")),
    ("POSTINGS", by("UPDATE ledger_posting SET at = '2026-01-09 00:00:00.000000+00:00'")),
    ("UNSEALED", by("DELETE FROM ledger_seal WHERE transfer_id = 1")),
    ("INPUT_HASH", by("UPDATE ledger_transfer SET reason = 'another' WHERE public_id = 'split'")),
    ("INPUT_HASH", by("UPDATE ledger_posting SET amount_minor = amount_minor * 2")),
    ("BALANCE", by("UPDATE ledger_posting SET amount_minor = amount_minor * 2")),
    ("BALANCE", by("UPDATE ledger_account SET balance_minor = 101 WHERE name = 'driver:1'")),
    ("BALANCE", by("UPDATE ledger_account SET held_minor = 0 WHERE name = 'driver:1'")),
    ("BALANCE", by("UPDATE ledger_account SET balance_minor = 1 WHERE name = 'external:wallet'")),
    ("CHART", by("UPDATE ledger_account SET name = 'cash:1' WHERE name = 'driver:1'")),
    ("CHART", by("UPDATE ledger_account SET minimum_minor = -1000 WHERE name = 'driver:1'")),
    ("LIMIT", made(amounts={A: -31, B: 31})),
    ("LIMIT", made("PENDING", {A: -31, B: 31})),
    ("RESOLVED_TWICE", resolved_twice),
    ("NOT_PENDING", resolves_what_moved),
    ("OPEN_LIST", by("DELETE FROM ledger_open")),
    ("OPEN_LIST", made("VOID")),
    ("EXPIRY", made("POST", {A: -5, P: 5}, at=LATER)),
    ("EXPIRY", made("EXPIRE", at=AT)),
    ("EXCEEDS_PENDING", made("POST", {A: -71, P: 71})),
    ("EXCEEDS_PENDING", made("POST", {A: -5, B: 5})),
]


class Undone(Exception):
    """The wrong was only for a look."""


async def found_after(wrong: Callable[[Sql], Awaitable[Any]]) -> list[Finding]:
    """What a look finds once the wrong was done; it is undone again."""
    found: list[Finding] = []
    with pytest.raises(Undone):
        async with transaction() as sql:
            await wrong(sql)
            found = await verify(sql, LATER)
            raise Undone
    return found


async def test_each_wrong_is_found(database: str) -> None:
    await drop_guards(db())
    for number, (code, wrong) in enumerate(WRONGS):
        if wrong is resolved_twice and database.startswith("sqlite"):
            continue  # no way to be without a unique key there
        found = await found_after(wrong)
        assert code in {each.code for each in found}, f"{number}: {code} is not among {found}"
    assert await verify(db(), LATER) == []


async def test_a_finding_names_what_it_is_about() -> None:
    await drop_guards(db())
    found = await found_after(made(amounts={A: -5, B: 4}))
    messages = {each.code: each.message for each in found}
    assert "transfer raw (number" in messages["UNBALANCED"]
    assert messages["BOOKS_UNBALANCED"].startswith("all accounts in EUR sum to -1;")


async def test_what_holds_on_after_its_expiry_is_found_once_a_worker_should_have_come() -> None:
    assert await verify(db(), LATER + EXPIRY_LATE_MAX) == []
    [found] = await verify(db(), LONG_AFTER)
    assert (found.code, "hold (number" in found.message) == ("OUTLIVES_EXPIRY", True)


async def test_findings_are_bounded_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(findings_module, "FINDINGS_MAX", 2)
    await drop_guards(db())
    found = await found_after(by("DELETE FROM ledger_seal"))
    assert [each.code for each in found] == ["UNSEALED", "UNSEALED", "MORE"]
    assert found[-1].message == "and 7 findings more"


async def test_a_snapshot_does_not_see_what_comes_later_and_nobody_waits_for_it() -> None:
    async with snapshot() as sql:
        before = await sql.fetch("SELECT COUNT(*) AS found FROM ledger_transfer")
        await detached(fund(BOB, 1, "later"))
        assert await sql.fetch("SELECT COUNT(*) AS found FROM ledger_transfer") == before
        assert await verify(sql, LATER) == []
    assert await transfer_id(db(), "later")
