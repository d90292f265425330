"""What a driver owes: noted when neither escrow nor wallet was enough, paid as soon as money comes.

A debt is the negative balance of `receivable:{person}`; while there is one nothing new is booked.
"""

from datetime import datetime

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import Account, driver, receivable
from parking.ledger.rows import hold_accounts
from parking.ledger.transfers import Movement, transfer
from parking.settlement.refusals import DebtOutstanding
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

COLLECTED_MAX = 200
"""So many people's debts are looked at in one go of the worker; the rest in the next."""

_PAYABLE = f"""
SELECT r.name, r.currency FROM ledger_account r
  JOIN ledger_account d ON d.currency = r.currency AND d.name = 'driver:' || substr(r.name, 12)
 WHERE r.kind = 'RECEIVABLE' AND r.balance_minor < 0 AND d.balance_minor - d.held_minor > 0
 ORDER BY r.id LIMIT {COLLECTED_MAX}
"""


async def require_no_debt(sql: Sql, person_id: int) -> None:
    """Raises DebtOutstanding, in whatever currency it is."""
    row = await sql.fetch_one(
        "SELECT currency, balance_minor FROM ledger_account"
        " WHERE name = $1 AND balance_minor < 0 ORDER BY currency",
        receivable(person_id, "").name,
    )
    if row is not None:
        raise DebtOutstanding(-row["balance_minor"], row["currency"])


async def collect_debts(
    sql: Sql, person_id: int, currency: str, cause: str, at: datetime, bus: Bus
) -> int:
    """Pay what the person owes from their wallet, as far as that goes; how much, in minor units.

    In the caller's transaction, after money came into the wallet by the transfer `cause` (its
    public id). `bus` has to hold its messages until the commit.
    """
    wallet, debt = driver(person_id, currency), receivable(person_id, currency)
    rows = await hold_accounts(sql, [wallet, debt], at)
    amount = min(rows[wallet].available_minor, -rows[debt].balance_minor)
    if amount <= 0:
        return 0
    movement = Movement(
        f"{cause}:debt", "collect", {wallet: -amount, debt: amount},
        subject=f"person:{person_id}", reason="a debt is paid from the wallet",
    )  # fmt: skip
    await transfer(sql, movement, at)
    topic = person_money_topic(person_id)
    await tell_money(sql, bus, at, topic, person_id=person_id, currency=currency)
    return amount


async def collect_all_debts(clock: Clock, bus: Bus) -> int:
    """The worker's part: debts of people whose wallets have money, however it came; how many."""
    rows = await database().fetch(_PAYABLE)
    done = 0
    for row in rows:
        person_id, currency = int(row["name"].partition(":")[2]), row["currency"]
        done += await _collect(person_id, currency, clock, bus)
    return done


async def _collect(person_id: int, currency: str, clock: Clock, bus: Bus) -> int:
    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            debt = receivable(person_id, currency)
            await hold_accounts(sql, [driver(person_id, currency), debt], clock.now())
            cause = f"{debt.name}:{currency}:{await _postings(sql, debt)}"
            now = clock.now()
            return int(await collect_debts(sql, person_id, currency, cause, now, held) > 0)

    return await retried(once)


async def _postings(sql: Sql, account: Account) -> int:
    """How many postings the account has: under its lock a name for the next one."""
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS postings FROM ledger_posting p JOIN ledger_account a"
        " ON a.id = p.account_id WHERE a.name = $1 AND a.currency = $2",
        account.name,
        account.currency,
    )
    return int(row["postings"])
