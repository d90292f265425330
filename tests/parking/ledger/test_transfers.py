"""Money moves at once or in two phases, once, and never beyond an account's limits."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from parking.ledger.accounts import Account, external, receivable
from parking.ledger.balances import Balance
from parking.ledger.models import TransferKind
from parking.ledger.refusals import (
    AboveLimit,
    AlreadyPosted,
    AlreadyVoided,
    ExceedsPending,
    InsufficientFunds,
    LedgerRefusal,
    PendingExpired,
    TransferDiffers,
    TransferMissing,
)
from parking.ledger.transfers import TransferRecord, hold, post, transfer, void
from parking.storage.sql import Sql
from parking.storage.transactions import transaction
from tests.parking.ledger.books import (
    ALICE,
    AT,
    BOB,
    EUR,
    LATER,
    LESSOR,
    OUTSIDE,
    POCKET,
    between,
    count,
    fund,
    move,
    movement,
    of,
    reserve,
)

pytestmark = pytest.mark.usefixtures("database")

Verb = Callable[[Sql], Awaitable[TransferRecord]]


async def within(verb: Verb) -> TransferRecord:
    async with transaction() as sql:
        return await verb(sql)


async def posted(public_id: str = "post", at: datetime = AT, **more: Any) -> TransferRecord:
    return await within(lambda sql: post(sql, "hold", public_id, at, **more))


async def voided(public_id: str = "void", at: datetime = AT, reason: str = "") -> TransferRecord:
    return await within(lambda sql: void(sql, "hold", public_id, at, reason))


async def test_a_transfer_moves_money_and_all_accounts_sum_to_zero() -> None:
    await fund(ALICE, 500)
    made = await move("a", ALICE, POCKET, 120, subject="reservation:7", reason="first amount")
    assert (made.kind, made.subject, made.reason) == ("DIRECT", "reservation:7", "first amount")
    assert [await of(each) for each in (OUTSIDE, ALICE, POCKET)] == [
        Balance(-500, 0),
        Balance(380, 0),
        Balance(120, 0),
    ]


async def test_a_transfer_has_as_many_parties_as_it_needs() -> None:
    await fund(POCKET, 100)
    parts = {POCKET: -100, LESSOR: 70, ALICE: 30, BOB: 0}
    await within(lambda sql: transfer(sql, movement("split", parts), AT))
    assert [(await of(each)).posted_minor for each in (POCKET, LESSOR, ALICE)] == [0, 70, 30]
    assert await count("ledger_posting") == 2 + 3


async def test_currencies_are_apart() -> None:
    dollars, outside = Account(ALICE.name, "USD"), external("wallet", "USD")
    await fund(ALICE, 500)
    await fund(dollars, 40, "usd")
    both = {**between(ALICE, POCKET, 5), **between(dollars, outside, 7)}
    await within(lambda sql: transfer(sql, movement("both", both), AT))
    assert ((await of(ALICE)).posted_minor, (await of(dollars)).posted_minor) == (495, 33)


async def test_an_account_never_falls_below_its_limit_and_the_transaction_goes_on() -> None:
    await fund(ALICE, 100)
    async with transaction() as sql:
        with pytest.raises(InsufficientFunds, match="driver:1 in EUR; 100 minor") as refused:
            await transfer(sql, movement("a", between(ALICE, POCKET, 101)), AT)
        assert (refused.value.account, refused.value.available_minor) == (ALICE, 100)
        await transfer(sql, movement("a", between(ALICE, POCKET, 100)), AT)
    assert await of(ALICE) == Balance(0, 0)


async def test_a_debt_is_never_overpaid() -> None:
    debt = receivable(1, EUR)
    await move("debt", debt, LESSOR, 50)
    with pytest.raises(AboveLimit, match="receivable:1 in EUR; 50 minor"):
        await move("pay", OUTSIDE, debt, 51)
    await move("pay", OUTSIDE, debt, 50)
    assert await of(debt) == Balance(0, 0)


async def test_what_is_owed_to_a_lessor_may_turn_negative() -> None:
    await move("clawback", LESSOR, OUTSIDE, 10)
    assert await of(LESSOR) == Balance(-10, 0)


async def test_the_same_again_moves_nothing_even_when_the_account_is_empty() -> None:
    await fund(ALICE, 100)
    first = await move("a", ALICE, POCKET, 100)
    again = await move("a", ALICE, POCKET, 100, at=LATER, actor="person:1")
    assert again == first
    assert (await of(POCKET)).posted_minor == 100


@pytest.mark.parametrize("change", ["amount", "payee", "reason", "phase"])
async def test_the_same_id_for_something_else_is_refused(change: str) -> None:
    await fund(ALICE, 100)
    await move("a", ALICE, POCKET, 10)
    other: dict[str, Callable[[], Awaitable[Any]]] = {
        "amount": lambda: move("a", ALICE, POCKET, 11),
        "payee": lambda: move("a", ALICE, BOB, 10),
        "reason": lambda: move("a", ALICE, POCKET, 10, reason="because"),
        "phase": lambda: reserve("a", ALICE, POCKET, 10),
    }
    with pytest.raises(TransferDiffers, match="'a' was made before"):
        await other[change]()


async def test_what_is_pending_cannot_be_spent_twice_and_is_nobodys_yet() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    assert [await of(each) for each in (ALICE, POCKET)] == [Balance(100, 70), Balance(0, 0)]
    with pytest.raises(InsufficientFunds, match="30 minor units"):
        await move("b", ALICE, BOB, 31)
    await move("b", ALICE, BOB, 30)


async def test_pending_from_outside_is_held_there() -> None:
    await reserve("hold", OUTSIDE, POCKET, 70)
    assert await of(OUTSIDE) == Balance(0, 70)
    await posted()
    assert [await of(each) for each in (OUTSIDE, POCKET)] == [Balance(-70, 0), Balance(70, 0)]


async def test_posting_moves_all_that_was_reserved() -> None:
    await fund(ALICE, 100)
    pending = await reserve("hold", ALICE, POCKET, 70)
    done = await posted()
    assert (done.kind, done.pending_id, done.code) == (TransferKind.POST, pending.id, "test")
    assert [await of(each) for each in (ALICE, POCKET)] == [Balance(30, 0), Balance(70, 0)]


async def test_posting_a_part_frees_the_rest() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    await posted(entries=between(ALICE, POCKET, 45))
    assert [await of(each) for each in (ALICE, POCKET)] == [Balance(55, 0), Balance(45, 0)]


@pytest.mark.parametrize(
    "entries",
    [
        between(ALICE, POCKET, 71),
        between(POCKET, ALICE, 70),
        between(ALICE, BOB, 70),
        {ALICE: -70, POCKET: 40, BOB: 30},
    ],
)
async def test_posting_more_or_elsewhere_is_refused(entries: dict[Account, int]) -> None:
    await fund(ALICE, 100)
    await fund(POCKET, 100)
    await reserve("hold", ALICE, POCKET, 70)
    with pytest.raises(ExceedsPending):
        await posted(entries=entries)
    assert await of(ALICE) == Balance(100, 70)


async def test_voiding_gives_everything_up() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    done = await voided(reason="cancelled")
    assert (done.kind, done.reason) == (TransferKind.VOID, "cancelled")
    assert [await of(each) for each in (ALICE, POCKET)] == [Balance(100, 0), Balance(0, 0)]


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        (posted, lambda: posted("again"), AlreadyPosted),
        (posted, voided, AlreadyPosted),
        (voided, posted, AlreadyVoided),
        (voided, lambda: voided("again"), AlreadyVoided),
    ],
)
async def test_a_pending_transfer_is_resolved_once(
    first: Callable[[], Any], second: Callable[[], Any], refusal: type[LedgerRefusal]
) -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    made = await first()
    before = await of(ALICE)
    with pytest.raises(refusal):
        await second()
    assert await first() == made, "the same again is no second resolution"
    assert await of(ALICE) == before


async def test_at_its_expiry_it_can_no_longer_be_posted_but_be_voided() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    with pytest.raises(PendingExpired):
        await posted(at=LATER)
    await voided(at=LATER)


async def test_just_before_its_expiry_it_can_be_posted() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    await posted(at=LATER - timedelta(microseconds=1))


async def test_posting_again_with_another_part_is_another_transfer() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    await posted()
    with pytest.raises(TransferDiffers):
        await posted(entries=between(ALICE, POCKET, 5))


async def test_a_resolutions_id_that_is_in_use_is_refused() -> None:
    await fund(ALICE, 100, "post")
    await reserve("hold", ALICE, POCKET, 70)
    with pytest.raises(TransferDiffers):
        await posted("post")


@pytest.mark.parametrize("which", [999, "none", "direct"])
async def test_only_what_is_pending_can_be_resolved(which: int | str) -> None:
    await fund(ALICE, 100, "direct")
    with pytest.raises(TransferMissing):
        await within(lambda sql: post(sql, which, "post", AT))
    with pytest.raises(TransferMissing):
        await within(lambda sql: void(sql, which, "void", AT))


async def test_an_expiry_lies_ahead() -> None:
    async with transaction() as sql:
        with pytest.raises(ValueError, match="cannot expire"):
            await hold(sql, movement("hold", between(OUTSIDE, ALICE, 1)), AT, AT)


async def test_what_was_rolled_back_has_not_been() -> None:
    with pytest.raises(RuntimeError):
        async with transaction() as sql:
            await transfer(sql, movement("a", between(OUTSIDE, ALICE, 100)), AT)
            raise RuntimeError
    assert await of(ALICE) == Balance(0, 0)
    # SQLite gives the account's id to the next one; nobody may have kept it.
    await fund(BOB, 5)
    await fund(ALICE, 7)
    assert ((await of(BOB)).posted_minor, (await of(ALICE)).posted_minor) == (5, 7)


async def test_a_transfer_between_accounts_that_exist_is_four_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await fund(ALICE, 100)
    await fund(POCKET, 1)
    asked: list[str] = []

    def noted(name: str) -> None:
        real = getattr(Sql, name)

        async def ask(sql: Sql, query: str, *args: Any) -> Any:
            asked.append(query)
            return await real(sql, query, *args)

        monkeypatch.setattr(Sql, name, ask)

    for name in ("fetch", "execute", "execute_many"):
        noted(name)
    await move("a", ALICE, POCKET, 10)
    assert len(asked) == 4, asked
