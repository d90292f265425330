"""Two pages and two workers at once."""

import asyncio

import pytest

from parking.errors import Refusal
from parking.settlement.funding import EscrowFunding
from parking.settlement.kinds import Purpose, RailOrderState
from parking.settlement.payments.accounts import accounts_of, default_account, set_default
from parking.settlement.payments.prepare import secure_payment
from parking.settlement.payments.rows import change_payment, insert_payment
from parking.settlement.rails.orders import run_rail_orders
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import detached, transaction
from tests.parking.settlement.rails.desk import DECLINED, Desk

WAITED_SECONDS_MAX = 30
PAGES = 5
WORKERS = 4


async def prepare_at_once(desk: Desk) -> None:
    """A driver presses the button on several pages."""
    held, funding = await desk.hold(), EscrowFunding(desk.rails)

    async def press() -> None:
        try:
            await funding.prepare(desk.driver, [held], **desk.world)
        except Refusal:
            return

    await asyncio.gather(*(press() for _ in range(PAGES)))


async def test_pages_at_once_reserve_once(paying: Desk) -> None:
    await prepare_at_once(paying)
    assert len(await paying.stripe.intents()) == 1


async def test_the_database_lets_one_payment_wait_for_a_booking(paying: Desk) -> None:
    held, sql = await paying.hold(), database()
    account = await default_account(sql, paying.driver.person_id or 0)
    assert account is not None
    now = paying.till.stage.clock.now()

    async def insert(name: str) -> int | None:
        return await insert_payment(sql, name, Purpose.BOOKING, account, "EUR", 400, now, held)

    assert await insert("pay_first") is not None
    assert await insert("pay_second") is None
    await sql.execute("DROP INDEX payment_under_way")
    assert await insert("pay_second") is not None, "without the guard there would be two"


async def test_workers_at_once_ask_once(paying: Desk) -> None:
    await paying.book()
    await asyncio.gather(*(run_rail_orders(paying.rails, **paying.world) for _ in range(WORKERS)))
    captures = [path for _, path in paying.stripe.calls if path.endswith("/capture")]
    assert len(captures) == 1
    assert (await paying.order("CAPTURE")).state is RailOrderState.DONE


async def test_choosing_at_once_leaves_one_default(paying: Desk) -> None:
    first = (await accounts_of(paying.driver))[0].id
    second = await paying.bind(DECLINED)
    chosen = [first, second] * 3
    await asyncio.gather(*(set_default(paying.driver, each, **paying.world) for each in chosen))
    assert sum(each.is_default for each in await accounts_of(paying.driver)) == 1


async def test_who_confirms_waits_for_who_gives_up_without_holding_the_ledger(
    paying: Desk,
) -> None:
    """Both take the payment's row first: otherwise each would wait for the other's."""
    if database().dialect == "sqlite":
        return  # one writer at a time anyway
    held, at = await paying.hold(), paying.till.stage.clock.now()
    await EscrowFunding(paying.rails).prepare(paying.driver, [held], **paying.world)
    payment = await paying.payment()

    async def secure() -> None:
        async with transaction() as sql:
            await secure_payment(sql, held, payment.amount_minor, at)

    async with transaction() as sql:
        await change_payment(sql, payment, at, reason="given up")
        confirming = detached(secure())
        await until_it_waits(sql)
        [hold] = await sql.fetch(
            "SELECT kind FROM ledger_transfer WHERE public_id = $1 FOR NO KEY UPDATE NOWAIT",
            payment.public_id,
        )
    assert hold["kind"] == "PENDING"
    with pytest.raises(Contended):
        await confirming


_WAITING = """
SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE NOT l.granted AND a.datname = current_database()
"""


async def until_it_waits(sql: Sql) -> None:
    """Another transaction of this database waits for a lock."""
    async with asyncio.timeout(WAITED_SECONDS_MAX):
        while not await sql.fetch(_WAITING):  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.02)
