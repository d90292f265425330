"""Settling, with split, charge record and payout items, beside the same SQL run bare.

Stays of two hours that were paid for and have ended wait for it, all of one driver, lessor and
place: the hard case, for every settlement locks the same accounts. A fixed number is settled, so
many at a time, and as many by the bare driver with the statements of settlements heard before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from bench.databases import database
from bench.library import FIRST_ID, Bare, Said, bare, listening, opened
from bench.machine import LOAD_CORE, SERVER_CORE, latencies, middle, pin
from bench.runs import Run, share
from berth.serving import settle_memory
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.events.held import HeldBus
from parking.ledger.accounts import escrow, external
from parking.ledger.transfers import Movement, transfer
from parking.reservations.models import Reservation
from parking.sessions.models import Segment, Session
from parking.settlement.models import EscrowAccount
from parking.settlement.settle import settle_in
from parking.storage.migrate import migrate
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.till import Till, make_till
from tests.support.leasing import make_lease
from tests.support.wallets import fill_wallet

COUNT, COUNT_QUICK = 1_000, 100
AT_A_TIME = 8
SCRIPTS = 20
"""Settlements that are listened to."""
LOT = 200
PRICE_MINOR = 400
TABLES = ("settlement", "charge_record", "ledger_transfer", "ledger_account", "escrow_account")
"""Their ids are far from all other numbers, so that a statement's ids are told by their values."""
STEP = 10_000_000
BUS = InProcessBus()


async def ready(sql: Sql, till: Till, count: int) -> list[int]:
    """So many stays that have ended and are not settled; the reservations' ids."""
    first = await till.book()
    await till.stay(minutes=119)
    await till.settle()
    await _number_apart(sql)
    ids = [FIRST_ID + number for number in range(count)]
    for begin in range(0, count, LOT):
        async with transaction() as inside:
            await _copy(inside, first, ids[begin : begin + LOT], till.stage.clock)
    if sql.dialect == "postgres":
        await sql.execute("VACUUM ANALYZE")
    return ids


async def _number_apart(sql: Sql) -> None:
    for place, table in enumerate(TABLES, start=2):
        if sql.dialect == "postgres":
            await sql.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {place * STEP}")
        else:
            await sql.execute(
                "UPDATE sqlite_sequence SET seq = $2 WHERE name = $1", table, place * STEP
            )


async def _copy(sql: Sql, first: int, ids: list[int], clock: TestClock) -> None:
    """Bookings like the first, before it was settled, each with its stay and its money."""
    pairs = [(each, first) for each in ids]
    away = "settled_at"
    await sql.execute_many(_copied(Reservation, "id", away), [(a, b) for a, b in pairs])
    await sql.execute_many(_copied(EscrowAccount, "reservation_id", away, "id"), pairs)
    await sql.execute("UPDATE escrow_account SET state = 'OPEN' WHERE settled_at IS NULL")
    await sql.execute_many(_copied(Session, "reservation_id", "id"), pairs)
    rows = await sql.fetch(
        f"SELECT id, reservation_id FROM session WHERE reservation_id {sql.any_of('$1')}",
        [first, *ids],
    )
    stays = {row["reservation_id"]: row["id"] for row in rows}
    parts = [(stays[each], stays[first]) for each in ids]
    await sql.execute_many(_copied(Segment, "session_id", "id"), parts)
    for each in ids:
        entries = {external("wallet", "EUR"): -PRICE_MINOR, escrow(each, "EUR"): PRICE_MINOR}
        movement = Movement(f"secure:{each}", "secure", entries, f"reservation:{each}")
        await transfer(sql, movement, clock.now())


def _copied(model: Any, key: str, *without: str) -> str:
    """A statement that copies the row of `$2` with `$1` in its place."""
    table, names = model._meta.db_table, model._meta.db_fields
    rest = ", ".join(sorted(set(names) - {key, *without}))
    return f"INSERT INTO {table} ({key}, {rest}) SELECT $1, {rest} FROM {table} WHERE {key} = $2"


async def settled(reservation_id: int, clock: TestClock) -> None:
    """As the worker does it."""

    async def once() -> None:
        async with HeldBus(BUS) as held, transaction() as sql:
            assert await settle_in(sql, reservation_id, clock.now(), held)

    await retried(once)


async def scripts(ids: list[int], clock: TestClock) -> list[tuple[int, list[Said]]]:
    """What some settlements say to the database."""
    told = []
    for each in ids:
        async with listening() as said:
            await settled(each, clock)
        told.append((each, said))
    return told


def names_of(old: int, new: int) -> dict[Any, Any]:
    """What is called after a reservation."""
    kinds = ("reservation", "escrow", "in", "split")
    named = {f"{kind}:{old}": f"{kind}:{new}" for kind in kinds}
    return {old: new, **named}


def numbered(said: list[Said], new: int) -> dict[Any, Any]:
    """The bill's number, which is unique."""
    bill = next(each for each in said if "INSERT INTO charge_record" in each.query)
    return {bill.arguments[0]: f"floor-{new}"}


async def timed(
    work: Callable[[int], Awaitable[None]], ids: list[int], at_a_time: int
) -> dict[str, float]:
    """`work` for each, so many at a time."""
    waiting, waits = iter(ids), list[float]()

    async def again() -> None:
        for each in waiting:
            began = time.perf_counter()
            await work(each)
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(again() for _ in range(at_a_time)))
    taken = time.perf_counter() - began
    return {"a_second": len(waits) / taken, "count": len(waits), **latencies(waits)}


async def measured(url: str, count: int) -> dict[str, Any]:
    """Bare, then Berth."""
    await migrate(url)
    async with opened(url) as sql:
        settle_memory()  # as the program does
        till = await make_till(Stage(await make_lease(), TestClock()))
        await fill_wallet(till.stage.lease.driver)
        clock = till.stage.clock
        ids = await ready(sql, till, SCRIPTS + 2 * count)
        heard, floors, mine = ids[:SCRIPTS], ids[SCRIPTS : SCRIPTS + count], ids[SCRIPTS + count :]
        told = await scripts(heard, clock)
        driver: Bare = await bare(url, AT_A_TIME)

        async def floor(new: int) -> None:
            old, said = told[new % SCRIPTS]
            await driver.run(said, names_of(old, new) | numbered(said, new))

        floored = await timed(floor, floors, AT_A_TIME)
        await driver.close()
        berth = await timed(partial(settled, clock=clock), mine, AT_A_TIME)
        await _require_settled(sql, len(ids) + 1)
        statements = sum(len(said) for _, said in told) / SCRIPTS
        shared = share(berth, floored, "a_second")
        return {"floor": floored, "berth": berth, "share": shared, "statements": statements}


async def _require_settled(sql: Sql, count: int) -> None:
    """Floor and Berth did the same: every settlement is there, and every escrow is empty."""
    row = await sql.fetch_one("SELECT COUNT(*) AS n FROM settlement")
    assert row is not None
    assert row["n"] == count, f"{row['n']} settlements, not {count}"
    left = await sql.fetch_one(
        "SELECT COUNT(*) AS n FROM ledger_account WHERE kind = 'ESCROW' AND balance_minor <> 0"
    )
    assert left is not None
    assert left["n"] == 0, f"{left['n']} escrow accounts are not empty"


def measure(run: Run) -> dict[str, Any]:
    """On each database; every turn in a fresh one."""
    found: dict[str, Any] = {}
    count = COUNT_QUICK if run.is_quick else COUNT
    for kind in ("postgres", "sqlite"):
        turns = []
        for _ in run.turns(f"settle, {kind}"):
            pin(LOAD_CORE)  # where the database's server runs
            with database(kind) as url:
                pin(SERVER_CORE)
                turns.append(run.wait(measured(url, count)))
        found[kind] = middle(turns)
    pin(LOAD_CORE)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What is promised beside the bare SQL."""
    for kind, each in found.items():
        yield f"{kind}: share of its SQL alone", each["share"], ">=", 0.5
