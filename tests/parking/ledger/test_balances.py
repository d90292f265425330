"""What is in an account, was in it, and moved in it."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from parking.ledger.accounts import Account, escrow, external
from parking.ledger.balances import Balance, Position, balance_at, balances, statement
from parking.ledger.daily import DayTurnover, daily, turnovers
from parking.ledger.models import AccountKind
from parking.ledger.transfers import post, transfer
from parking.storage.sql import database as db
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
    fund,
    move,
    movement,
    reserve,
)

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


async def test_balances_of_tracked_summed_and_unknown_accounts_at_once() -> None:
    await fund(ALICE, 500)
    await reserve("in", OUTSIDE, BOB, 30)
    await reserve("out", ALICE, POCKET, 40)
    unknown = escrow(99, EUR)
    dollars = Account(ALICE.name, "USD")
    assert await balances(db(), [OUTSIDE, ALICE, unknown, dollars]) == {
        OUTSIDE: Balance(-500, 30),
        ALICE: Balance(500, 40),
        unknown: Balance(0, 0),
        dollars: Balance(0, 0),
    }
    assert (await balances(db(), [ALICE]))[ALICE].available_minor == 460


async def test_a_balance_of_before_is_as_it_was() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    async with transaction() as sql:
        await post(sql, "hold", "post", AT + timedelta(minutes=5), between(ALICE, POCKET, 60))
    told = [
        await balance_at(db(), ALICE, AT + timedelta(minutes=minutes)) for minutes in (-1, 0, 4, 5)
    ]
    assert told == [Balance(0, 0), Balance(100, 70), Balance(100, 70), Balance(40, 0)]


async def test_a_balance_of_the_past_knows_what_another_held_there() -> None:
    await fund(ALICE, 100)
    await reserve("hold", ALICE, POCKET, 70)
    assert (await balance_at(db(), ALICE, LATER)).available_minor == 30


async def busy_account() -> None:
    """Alice: +100, -10, -20 (three hours apart), reserved 5, and -30 told late, in between."""
    await fund(ALICE, 100)
    await move("a", ALICE, BOB, 10, AT + 3 * HOUR, subject="reservation:7", reason="because")
    await move("b", ALICE, BOB, 20, AT + 6 * HOUR)
    await reserve("hold", ALICE, BOB, 5)
    await move("late", ALICE, BOB, 30, AT + 1 * HOUR)


async def test_a_statement_is_in_the_order_of_time_with_what_was_left_after_each() -> None:
    await busy_account()
    lines = await statement(db(), ALICE)
    assert [(line.public_id, line.amount_minor, line.balance_minor) for line in lines] == [
        ("fund:driver:1", 100, 100),
        ("late", -30, 70),
        ("a", -10, 60),
        ("b", -20, 40),
    ]
    assert (lines[2].subject, lines[2].reason, lines[2].at) == (
        "reservation:7",
        "because",
        AT + 3 * HOUR,
    )


async def test_a_statement_of_a_period_begins_with_what_was_there() -> None:
    await busy_account()
    lines = await statement(db(), ALICE, AT + HOUR, AT + 6 * HOUR)
    assert [(line.public_id, line.balance_minor) for line in lines] == [("late", 70), ("a", 60)]


async def test_a_statement_comes_in_pages() -> None:
    await busy_account()
    whole, pages, after = await statement(db(), ALICE), [], None
    while page := await statement(db(), ALICE, limit=1, after=after):
        pages += page
        after = page[-1].position
    assert pages == whole


async def test_a_statement_of_an_account_that_does_not_exist_is_empty() -> None:
    assert await statement(db(), escrow(99, EUR)) == []
    assert await statement(db(), ALICE, after=Position(AT, 1)) == []


async def test_turnovers_are_by_currency_and_kind_and_as_much_comes_as_goes() -> None:
    await fund(POCKET, 100)
    await reserve("hold", POCKET, BOB, 50)
    dollars = {external("wallet", "USD"): -8, Account(ALICE.name, "USD"): 8}
    async with transaction() as sql:
        await transfer(sql, movement("split", {POCKET: -100 + 50, LESSOR: 40, ALICE: 10}), AT)
        await transfer(sql, movement("usd", dollars), AT)
    found = {(each.currency, each.kind): each[2:] for each in await turnovers(db(), AT, LATER)}
    assert found == {
        ("EUR", AccountKind.EXTERNAL): (0, 100),
        ("EUR", AccountKind.ESCROW): (100, 50),
        ("EUR", AccountKind.OWNER): (40, 0),
        ("EUR", AccountKind.DRIVER): (10, 0),
        ("USD", AccountKind.EXTERNAL): (0, 8),
        ("USD", AccountKind.DRIVER): (8, 0),
    }


async def test_days_are_the_zones_own_also_when_its_clocks_change() -> None:
    zone, noon = ZoneInfo("Europe/Berlin"), AT.replace(month=3, day=29, hour=12)
    await fund(ALICE, 100)
    for public_id, hours in (("before", -13.5), ("first", -12.5), ("last", 9.5), ("after", 10.5)):
        await move(public_id, ALICE, BOB, 1, noon + hours * HOUR)
    found = await daily(db(), date(2026, 3, 28), date(2026, 3, 30), zone)
    assert [(day.isoformat(), each.in_minor) for day, each in found] == [
        ("2026-03-28", 1),
        ("2026-03-29", 2),
        ("2026-03-30", 1),
    ]
    assert isinstance(found[0], DayTurnover)


async def test_a_daily_close_has_its_limit() -> None:
    with pytest.raises(ValueError, match="more than 366 days"):
        await daily(db(), date(2025, 1, 1), date(2026, 1, 2), ZoneInfo("UTC"))
