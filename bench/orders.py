"""The proof of merchants' orders: a thousand, by the schema's verb, by signed webhook and by SMS,
in any order and some of them twice, moved and cancelled, in a mall that is full at times and whose
locks fail; the worker is a process of its own that is ended by `kill -9` again and again.

Each order has to end in exactly one state, each bay that was ever chosen has to be the one that a
brute force finds nearest at that moment, every guest has to know, and the books have to be right.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from bench.orders_intake import Intake, open_intake
from bench.orders_judging import judge_bays, judge_ends, judge_news, judge_rest
from bench.orders_plan import Message, messages
from bench.orders_worker import DATABASE
from berth.replay.member import Member, Role
from parking.access.hand_out import hand_out
from parking.clock import TestClock
from parking.devices.provision import Provisioned
from parking.merchants.kinds import OrderState
from parking.occupancy.models import LockState
from parking.storage.database import connect, disconnect
from parking.storage.migrate import migrate
from parking.storage.sql import database
from tests.support.bays import Bays
from tests.support.mall import Mall, make_mall
from tests.support.orders import break_lock, brute_walks, locks_of

ORDERS = 1_000
KILLS = 20
SEED = 20261121
BAYS_PER_ORDERS = 18
"""One bay of the garage for so many orders, so that its crowded hours are full however many."""
LOT_BAYS = 4
LOOK_EVERY = 25
"""After so many messages the locks answer."""
BREAK_EVERY = 8
"""Of the garage's locks every eighth fails."""
ROUNDS = 6
TELLING_ROUNDS_MAX = 100
"""What is not told by then is found to be wrong."""
KILL_WITHIN_SECONDS = 0.3
FAULTS_SHOWN = 20


class Done(NamedTuple):
    """What came of a run."""

    ends: Counter[str]
    bays: int
    moved: int
    notices: int
    faults: list[str]


class Run:
    """One run over one database."""

    def __init__(self, mall: Mall, intake: Intake, worker: Member, kills: int) -> None:
        self.mall, self.intake, self.worker, self.kills = mall, intake, worker, kills
        self.chance = Random(SEED)
        self.bays = Bays(mall.garage, mall.clock, mall.bus)
        self.breaks: dict[int, int] = {}
        self.locks: list[Provisioned] = []
        self._is_still = asyncio.Lock()
        self._is_all_sent = False

    async def go(self, sent: Sequence[Message]) -> None:
        """Send all, while the worker works and is killed; then let it come to rest."""
        self.locks = await locks_of(self.mall, self.bays)
        deaths = set(self.chance.sample(range(len(sent)), min(self.kills, len(sent))))
        await self.worker.start()
        working = asyncio.create_task(self._work())
        killing: list[asyncio.Task[None]] = []
        try:
            for index, message in enumerate(sent):
                self.mall.clock.advance(seconds=1)
                await self.intake.take(message)
                if index in deaths:
                    await asyncio.gather(*killing)
                    killing = [asyncio.create_task(self._kill())]
                if index % LOOK_EVERY == LOOK_EVERY - 1:
                    await self._answer_locks()
                if working.done():
                    await working
            await asyncio.gather(*killing)
        finally:
            self._is_all_sent = True
            await working
        await self._rest()

    async def _work(self) -> None:
        while not self._is_all_sent:
            async with self._is_still:
                await self.worker.tell(self.mall.clock.now(), work=True)
            await asyncio.sleep(0)

    async def _kill(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, KILL_WITHIN_SECONDS))
        await self.worker.kill()

    async def _answer_locks(self) -> None:
        """Each lock that was told to rise says that it has, or that it cannot. The worker stands
        still meanwhile, so it is known which bookings came before a lock failed."""
        async with self._is_still:
            for index, lock in enumerate(self.locks):
                if index % BREAK_EVERY == BREAK_EVERY - 1:
                    await self._break(index, lock)
                elif await hand_out(lock.device_id, self.mall.clock, self.mall.bus):
                    await self.bays.see(LockState.RAISED, lock, index)

    async def _break(self, index: int, lock: Provisioned) -> None:
        if await break_lock(self.mall, lock):
            [row] = await database().fetch("SELECT MAX(id) AS id FROM reservation_event")
            self.breaks.setdefault(self.bays.space(index), row["id"] or 0)

    async def _rest(self) -> None:
        for _ in range(ROUNDS):
            await self._answer_locks()
            self.mall.clock.advance(minutes=2)
            await self.worker.tell(self.mall.clock.now(), work=True)
        for _ in range(TELLING_ROUNDS_MAX):
            if await self._untold():
                await self.worker.tell(self.mall.clock.now(), work=True)

    async def _untold(self) -> int:
        [row] = await database().fetch(
            "SELECT COUNT(*) AS n FROM merchant_order_event WHERE told_at IS NULL"
        )
        return int(row["n"])


def prove_orders(url: str, orders: int, kills: int = KILLS) -> int:
    """Have them taken in an empty database, and print what came of it; 0 if nothing is wrong."""
    return asyncio.run(_prove(url, orders, kills))


async def _prove(url: str, orders: int, kills: int) -> int:
    began = time.monotonic()
    await migrate(url)
    await connect(url)
    clock = TestClock()
    worker = Member(
        Role.WORKER, {**os.environ, DATABASE: url}, clock.now(), module="bench.orders_worker"
    )
    try:
        garage = max(orders // BAYS_PER_ORDERS, BREAK_EVERY)
        mall = await make_mall(clock, garage=garage, lot=LOT_BAYS)
        run = Run(mall, await open_intake(mall), worker, kills)
        sent = messages(orders, Random(SEED))
        await run.go(sent)
        done = await _judged(run, sent)
    finally:
        await worker.end()
        await disconnect()
    _tell(run, sent, done, time.monotonic() - began)
    return 1 if done.faults else 0


async def _judged(run: Run, sent: Sequence[Message]) -> Done:
    chosen = await judge_bays(run.mall, await brute_walks(run.mall), run.breaks)
    ends, end_faults = await judge_ends(sent)
    notices, news_faults = await judge_news(sent)
    faults = [*end_faults, *chosen.faults, *news_faults, *await judge_rest(run.mall)]
    faults += [f"no order is {each}" for each in OrderState if _is_missing(each, ends)]
    return Done(ends, chosen.bays, chosen.moved, notices, faults)


def _is_missing(state: OrderState, ends: Counter[str]) -> bool:
    return state is not OrderState.PENDING and not ends[state]


def _tell(run: Run, sent: Sequence[Message], done: Done, seconds: float) -> None:
    ways = Counter(each.way.value for each in sent)
    print(
        f"{len(sent)} messages ({', '.join(f'{way} {n}' for way, n in ways.items())}),"
        f" {sum(each.is_again for each in sent)} of them came before;"
        f" {sum(each.dies for each in sent)} times who took one died before carrying it out"
    )
    print(f"{sum(done.ends.values())} orders: {_counts(done.ends)}")
    print(
        f"{done.bays} times a bay was chosen, {done.moved} of them because a lock failed"
        f" ({len(run.breaks)} of {len(run.locks)} do); {done.notices} notices to guests;"
        f" kill -9 of the worker {run.worker.kills} times"
    )
    for fault in done.faults[:FAULTS_SHOWN]:
        print(fault)
    if not done.faults:
        print(
            "No differences: each order is in one state, each bay was the nearest, each guest"
            " knows, and the books are right."
        )
    print(f"{seconds:.1f} s in all", flush=True)


def _counts(ends: Counter[str]) -> str:
    return ", ".join(f"{state} {count}" for state, count in sorted(ends.items()))
