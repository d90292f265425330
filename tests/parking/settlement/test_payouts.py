"""Paying organisations: what, when, once, and what becomes of a payout that fails."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.errors import NotFound
from parking.events.bus import InProcessBus
from parking.ledger.accounts import external, owner, property_of
from parking.ledger.balances import balance
from parking.settlement.kinds import (
    PayoutCause,
    PayoutParty,
    PayoutSchedule,
    PayoutState,
    RailOrderState,
)
from parking.settlement.models import Payout, PayoutItem, PayoutTerms, RailOrder
from parking.settlement.payouts import pay as payouts
from parking.settlement.payouts.pay import payout_failed, payout_paid, run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.split import Parts
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from parking.storage.sql import database as open_database
from parking.storage.transactions import transaction
from tests.parking.settlement.books import Books, owe, posted
from tests.parking.settlement.till import Till
from tests.support.leasing import make_lease
from tests.support.wallets import empty_wallet, fill_wallet, in_account

BUS = InProcessBus()
PARTS = Parts(owner_minor=800, property_minor=50, platform_minor=120, tax_minor=30)


@pytest.fixture
async def books(database: str) -> Books:
    del database
    return Books(await make_lease(1))


async def daily(organisation_id: int, clock: TestClock, **terms: object) -> None:
    """Paid each day, of what was settled before its midnight."""
    wanted = {"schedule": PayoutSchedule.DAILY, "time_zone": "Europe/Berlin"} | terms
    await set_payout_terms(
        SYSTEM, organisation_id, NewPayoutTerms(**wanted),  # type: ignore[arg-type]
        clock=clock, bus=BUS, rails={"wallet", "stripe"},
    )  # fmt: skip


async def test_what_is_owed_is_paid_on_its_day(books: Books, clock: TestClock) -> None:
    """By the embedded rail at once; what is younger waits for the next day."""
    await daily(books.lessor, clock)
    for _ in range(3):
        await books.settle(clock.now(), PARTS)
    assert await run_payouts(clock, BUS) == 0, "not yet"
    clock.advance(days=1)
    await books.settle(clock.now(), PARTS)
    assert await run_payouts(clock, BUS) == 1
    payout = await Payout.get()
    assert (payout.state, payout.amount_minor) == (PayoutState.PAID, 2400)
    assert await books.owed() == (800, 200), "the property has set no terms"
    assert await posted(external("wallet", "EUR")) == 2400
    assert await PayoutItem.filter(payout_id=payout.id).count() == 3
    order = await RailOrder.get()
    assert (order.state, order.key) == (RailOrderState.DONE, payout.public_id)
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 1
    assert await books.owed() == (0, 200)


async def test_an_organisation_is_paid_as_lessor_and_as_property_in_one_sum(
    books: Books, clock: TestClock
) -> None:
    await daily(books.operator, clock)
    await replace(books, lessor_id=books.operator).settle(clock.now(), PARTS)
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 1
    assert (await Payout.get()).amount_minor == 850
    assert await posted(owner(books.operator, "EUR")) == 0
    assert await posted(property_of(books.operator, "EUR")) == 0


async def test_currencies_are_paid_apart(books: Books, clock: TestClock) -> None:
    await daily(books.lessor, clock)
    for currency in ("EUR", "USD"):
        await books.settle(clock.now(), PARTS, currency)
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 2
    paid = {payout.currency: payout.amount_minor async for payout in Payout.all()}
    assert paid == {"EUR": 800, "USD": 800}


async def test_less_than_the_minimum_waits(books: Books, clock: TestClock) -> None:
    await daily(books.lessor, clock, minimum_minor=1000)
    await books.settle(clock.now(), PARTS)
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 0
    await books.settle(clock.now(), PARTS)
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 1
    assert (await Payout.get()).amount_minor == 1600


async def test_what_is_taken_back_counts_at_once(books: Books, clock: TestClock) -> None:
    """A dispute of today about a stay of last week: it is not paid out before it is decided."""
    await daily(books.lessor, clock, delay_days=5)
    made = await books.settle(clock.now(), PARTS)
    clock.advance(days=7)
    await owe(made, books.lessor, PayoutParty.OWNER, PayoutCause.DISPUTE, "EUR", -300, clock.now())
    assert await run_payouts(clock, BUS) == 1
    assert (await Payout.get()).amount_minor == 500


async def test_a_debt_is_not_paid(books: Books, clock: TestClock) -> None:
    await daily(books.lessor, clock)
    made = await books.settle(clock.now(), PARTS)
    await owe(made, books.lessor, PayoutParty.OWNER, PayoutCause.DISPUTE, "EUR", -800, clock.now())
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 0
    assert await Payout.all().count() == 0


async def sending(books: Books, clock: TestClock) -> Payout:
    """A payout that another rail is asked for."""
    await daily(books.lessor, clock, rail="stripe", reference="acct_1")
    await books.settle(clock.now(), PARTS)
    clock.advance(days=1)
    await run_payouts(clock, BUS)
    return await Payout.get()


async def paid(payout: Payout, clock: TestClock) -> None:
    async with transaction() as sql:
        await payout_paid(sql, payout.id, "tr_1", clock.now(), BUS)


async def failed(payout: Payout, clock: TestClock) -> None:
    async with transaction() as sql:
        await payout_failed(sql, payout.id, "the account is closed", clock.now(), BUS)


async def test_another_rail_is_asked_and_the_money_kept_for_it(
    books: Books, clock: TestClock
) -> None:
    payout = await sending(books, clock)
    order = await RailOrder.get(payout_id=payout.id)
    assert (payout.state, order.state) == (PayoutState.SENDING, RailOrderState.DUE)
    assert (payout.reference, order.amount_minor) == ("acct_1", 800)
    mine = await balance(open_database(), owner(books.lessor, "EUR"))
    assert (mine.posted_minor, mine.held_minor) == (800, 800)
    clock.advance(days=3)
    for _ in range(2):
        await paid(payout, clock)
    await payout.refresh_from_db()
    assert (payout.state, payout.rail_reference) == (PayoutState.PAID, "tr_1")
    assert await books.owed() == (0, 50)
    assert await posted(external("stripe", "EUR")) == 800


@pytest.mark.parametrize("is_paid_first", [False, True])
async def test_one_that_fails_is_owed_again(
    books: Books, clock: TestClock, is_paid_first: bool
) -> None:
    """At once, or days after the rail said that it was paid."""
    payout = await sending(books, clock)
    if is_paid_first:
        await paid(payout, clock)
    for _ in range(2):
        await failed(payout, clock)
    await payout.refresh_from_db()
    assert (payout.state, payout.reason) == (PayoutState.FAILED, "the account is closed")
    assert await books.owed() == (800, 50)
    assert await posted(external("stripe", "EUR")) == 0
    await paid(payout, clock)
    assert await books.owed() == (800, 50), "what the rail said before comes too late"
    clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 1
    again = await Payout.filter(state=PayoutState.SENDING).get()
    assert again.amount_minor == 800


async def test_its_organisation_is_told(books: Books, clock: TestClock) -> None:
    async with BUS.subscribe(f"organisation:{books.lessor}:money") as news:
        payout = await sending(books, clock)
        await failed(payout, clock)
        told = [await anext(aiter(news)) for _ in range(3)]
    bodies = [message.body or b"" for message in told]
    assert any(b'"state":"SENDING"' in body for body in bodies)
    assert b'"state":"FAILED"' in bodies[-1]


async def test_there_is_no_such_payout(books: Books, clock: TestClock) -> None:
    del books
    async with transaction() as sql:
        with pytest.raises(NotFound):
            await payout_paid(sql, 999, None, clock.now(), BUS)


async def test_a_worker_that_was_away_makes_one_payout_for_all_days(
    books: Books, clock: TestClock
) -> None:
    await daily(books.lessor, clock)
    for _ in range(5):
        await books.settle(clock.now(), PARTS)
        clock.advance(days=1)
    assert await run_payouts(clock, BUS) == 1
    assert (await Payout.get()).amount_minor == 4000
    terms = await PayoutTerms.get()
    assert clock.now() < terms.next_at <= clock.now() + timedelta(days=1)


async def test_many_workers_pay_once(books: Books, clock: TestClock) -> None:
    await daily(books.lessor, clock)
    await books.settle(clock.now(), PARTS)
    clock.advance(days=1)
    done = await asyncio.gather(*(run_payouts(clock, BUS) for _ in range(8)))
    assert sum(done) == 1
    assert await books.owed() == (0, 50)


async def test_control_without_the_claim_the_payouts_name_stops_the_second(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim lets other workers go on to what is next; SQLite has one writer at a time anyway.
    Without it both pay, until the database sees the name of that day's payout a second time."""
    both_looked, looks = asyncio.Barrier(2), count()
    claimed = payouts._claimed

    async def look_together(sql: Sql, organisation_id: int, now: datetime) -> Any:
        found = await claimed(database_of_all, organisation_id, now)
        if next(looks) < 2:
            await both_looked.wait()
        return found

    await connect(postgres_url)
    books, database_of_all = Books(await make_lease(1)), open_database()
    await daily(books.lessor, clock)
    await books.settle(clock.now(), PARTS)
    clock.advance(days=1)
    monkeypatch.setattr(payouts, "_claimed", look_together)
    done = await asyncio.gather(
        *(run_payouts(clock, BUS) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["IntegrityError", "int"]
    assert await books.owed() == (0, 50)
    await disconnect()


async def test_a_lessor_is_not_paid_what_the_driver_still_owes(till: Till) -> None:
    """Whatever a stay may cost by the lessor's own tariff: nobody has paid it yet."""
    stage, lessor = till.stage, till.stage.lease.lessor_id
    await daily(lessor, stage.clock)
    await till.book()
    await empty_wallet(stage.lease.driver)
    await till.stay(minutes=239)
    await till.settle()
    stage.clock.advance(days=1)
    assert await run_payouts(stage.clock, BUS) == 0
    await fill_wallet(stage.lease.driver, 10_000)
    stage.clock.advance(days=1)
    assert await run_payouts(stage.clock, BUS) == 1
    assert await in_account(owner(lessor, "EUR")) == 0
    await till.audit()


async def test_a_payout_that_cannot_be_made_keeps_no_other_waiting(
    books: Books, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor as many as are looked at at a time."""
    monkeypatch.setattr(payouts, "ORGANISATIONS_AT_ONCE_MAX", 1)
    await daily(books.operator, clock)
    clock.advance(seconds=1)
    await daily(books.lessor, clock)
    await books.settle(clock.now(), PARTS)
    pay, broken = payouts._pay, {books.operator}

    async def pay_unless_broken(organisation_id: int, *world: Any) -> int:
        if organisation_id in broken:
            raise ZeroDivisionError("a bug")
        return await pay(organisation_id, *world)

    monkeypatch.setattr(payouts, "_pay", pay_unless_broken)
    clock.advance(days=1)
    with pytest.raises(ZeroDivisionError):
        await run_payouts(clock, BUS)
    assert (await Payout.get()).organisation_id == books.lessor
