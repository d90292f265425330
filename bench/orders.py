"""The proof of merchants' orders: a thousand, by the mutation, by signed webhook and by SMS, each
by its real door, in any order and some of them twice, moved and cancelled, in a mall that is full
at times and whose locks fail. One evening is lived through: guests come, stay away, cancel, give
up waiting.

API and worker are processes of their own that are ended by `kill -9` again and again, at random and
where it hurts most; who gets no answer sends the same again. Each order has to end in exactly one
state, each bay that was ever chosen has to be the one that a brute force finds nearest at that
moment, nobody may have waited beside an idle one, guest and merchant have to know, and the books
have to be right.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bench.orders_hand import hand_apart
from bench.orders_judging import End
from bench.orders_plan import Message, messages
from bench.orders_run import Done, Kills, Run, judged, mall_for, open_run
from bench.orders_shop import shop_apart
from bench.orders_time import SharedClock
from parking.clock import TestClock
from parking.storage.database import connect, disconnect
from parking.storage.migrate import migrate

ORDERS = 1_000
KILLS = Kills(worker=20, api=20, traps=40, evening=5)
SEED = 20261121
BAYS_PER_ORDERS = 18
"""One bay of the garage for so many orders, so that its crowded hours are full however many."""
FAULTS_SHOWN = 20


def prove_orders(url: str, orders: int, kills: Kills = KILLS) -> int:
    """Have them taken in an empty database, and print what came of it; 0 if nothing is wrong."""
    with tempfile.TemporaryDirectory(prefix="bench-orders-") as folder:
        return asyncio.run(_prove(url, orders, kills, Path(folder) / "time"))


async def _prove(url: str, orders: int, kills: Kills, file: Path) -> int:
    began, chance = time.monotonic(), Random(SEED)
    await migrate(url)
    await connect(url)
    clock = SharedClock(file, TestClock().now())
    try:
        mall = await mall_for(clock, orders // BAYS_PER_ORDERS)
        async with shop_apart(url, clock) as shop, hand_apart(url, clock, chance) as hand:
            run = await open_run(mall, shop, hand, clock, orders, chance)
            sent = messages(orders, Random(SEED))
            await run.go(sent, kills)
            done = await judged(run, sent)
    finally:
        await disconnect()
    _tell(run, sent, done, time.monotonic() - began)
    return 1 if done.faults else 0


def _tell(run: Run, sent: Sequence[Message], done: Done, seconds: float) -> None:
    ways = Counter(each.way.value for each in sent)
    evening, shop = run.evening, run.intake.shop
    print(
        f"{len(sent)} messages ({', '.join(f'{way} {n}' for way, n in ways.items())}),"
        f" {sum(each.is_again for each in sent)} of them came before"
    )
    print(
        f"kill -9 of the API {shop.deaths} times, of which up to {run.trapped} between keeping,"
        f" recording, carrying out and answering; of the worker {run.hand.kills} times"
    )
    print(f"{sum(done.ends.values())} orders: {_counts(done.ends)}")
    print(
        f"In the evening {len(evening.came)} guests came by their link, {len(evening.cancelled)}"
        f" cancelled, {len(evening.gave_up)} gave up waiting"
    )
    print(
        f"{done.bays} times a bay was chosen, {done.moved} of them because a lock failed"
        f" ({len(run.breaks)} of {len(run.equipment)} do)"
    )
    print(f"{sum(done.notices.values())} notices: {_counts(done.notices)}")
    for fault in done.faults[:FAULTS_SHOWN]:
        print(fault)
    if not done.faults:
        print(
            "No differences: each order is in one state, each bay was the nearest, nobody waited"
            " beside an idle one, guest and merchant know, and the books are right."
        )
    print(f"{seconds:.1f} s in all", flush=True)


def _counts(found: Counter[End] | Counter[str]) -> str:
    """Each with its number, in order of the alphabet."""
    named = {
        key if isinstance(key, str) else " ".join(filter(None, key)): n for key, n in found.items()
    }
    return ", ".join(f"{name} {count}" for name, count in sorted(named.items()))
