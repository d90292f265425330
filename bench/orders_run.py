"""One run of the proof of merchants' orders: all messages come in, the evening is lived through,
and then it is judged what became of each order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import NamedTuple

from bench.orders_evening import EVENING_TICKS, Evening
from bench.orders_hand import Hand
from bench.orders_intake import Intake, open_intake
from bench.orders_judging import (
    End,
    Lived,
    counts,
    judge_ends,
    judge_history,
    judge_news,
    judge_quota,
    judge_rest,
)
from bench.orders_judging_bays import Break, judge_bays, judge_waiting
from bench.orders_plan import Message, newest
from bench.orders_shop import Shop
from bench.orders_time import SharedClock
from parking.access.hand_out import hand_out
from parking.accounts.viewer import SYSTEM
from parking.devices.provision import Provisioned
from parking.devices.sealing import Sealer
from parking.merchants.kinds import OrderState
from parking.notices.kinds import EVENTS
from parking.notices.webhooks.endpoints import insert_endpoint
from parking.occupancy.models import LockState
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.support.bays import Bays
from tests.support.mall import Mall, make_mall
from tests.support.orders import Equipped, break_lock, brute_walks, equipped
from tests.support.running import SECRET

BREAK_EVERY = 8
"""Of the garage's locks every eighth fails."""
LOT_BAYS = 4
ROUNDS = 4
TELLING_ROUNDS_MAX = 100
"""What is not told by then is found to be wrong."""
KILL_WITHIN_SECONDS = 0.1
ORDERS_PER_KIOSK_DAY = 50
"""The kiosk may park one order a day for so many of all."""


class Kills(NamedTuple):
    """How often each is killed while messages come in; `evening`: each of them then."""

    worker: int = 0
    api: int = 0
    traps: int = 0
    evening: int = 0


class Pace(NamedTuple):
    """After how many messages the locks answer, and whether the worker works all the time, and not
    only then."""

    look_every: int = 25
    is_worked: bool = True


PACE = Pace()


class Done(NamedTuple):
    """What came of a run."""

    ends: Counter[End]
    bays: int
    moved: int
    notices: Counter[str]
    faults: list[str]


class Run:
    """One run over one database, with an API and a worker that are there."""

    def __init__(self, intake: Intake, hand: Hand, bays: Bays, equipment: Sequence[Equipped],
                 chance: Random) -> None:  # fmt: skip
        self.intake, self.hand, self.bays, self.chance = intake, hand, bays, chance
        self.mall: Mall = intake.mall
        self.equipment = equipment
        self.evening = Evening(self.mall, bays, equipment, intake)
        self.breaks: dict[int, Break] = {}
        self.kiosk_day_max = 0
        self.trapped = 0
        self._is_still = asyncio.Lock()
        self._killing: list[asyncio.Task[None]] = []

    async def go(self, sent: Sequence[Message], kills: Kills, pace: Pace = PACE) -> None:
        """Send all; live through the evening; then let it come to rest."""
        await self._send(sent, kills, pace)
        await asyncio.gather(*self._killing)
        await self._rest()
        ticks = set(self.chance.sample(range(1, EVENING_TICKS), kills.evening))
        await self.evening.live(sent, lambda tick: self._tick(tick in ticks))
        await asyncio.gather(*self._killing)
        await self._rest()

    async def _send(self, sent: Sequence[Message], kills: Kills, pace: Pace) -> None:
        deaths = self._some(range(len(sent)), kills.worker)
        api_deaths = self._some(range(len(sent)), kills.api)
        trapped = self._some([i for i, each in enumerate(sent) if each.dies], kills.traps)
        self.trapped = len(trapped)
        async with self._working(pace.is_worked):
            for index, message in enumerate(sent):
                self.mall.clock.advance(seconds=1)
                if index in deaths:
                    await asyncio.gather(*self._killing)
                    self._killing = [asyncio.create_task(self.hand.kill())]
                if index in api_deaths:
                    self._killing.append(asyncio.create_task(self._kill_api()))
                await self.intake.take(message, may_die=index in trapped)
                if index % pace.look_every == pace.look_every - 1:
                    await self._answer_locks()
                    if not pace.is_worked:
                        await self.hand.work()

    def _some(self, among: Sequence[int], count: int) -> set[int]:
        return set(self.chance.sample(among, min(count, len(among))))

    @asynccontextmanager
    async def _working(self, is_worked: bool) -> AsyncIterator[None]:
        """The worker works meanwhile."""
        is_over = False

        async def go_on() -> None:
            while is_worked and not is_over:
                async with self._is_still:
                    await self.hand.work()
                await asyncio.sleep(0)

        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            is_over = True
            await task

    async def _kill_api(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, KILL_WITHIN_SECONDS))
        await self.intake.shop.kill()

    async def _tick(self, is_killed: bool) -> None:
        if is_killed:
            await asyncio.gather(*self._killing)
            await self.intake.shop.kill()
            self._killing = [asyncio.create_task(self.hand.kill())]
        await self.hand.work()
        await self._answer_locks()  # before the next tick: an order to a lock holds for minutes

    async def _answer_locks(self) -> None:
        """Each lock that was told to rise says that it has, or that it cannot. The worker stands
        still meanwhile, so it is known which bookings came before a lock failed."""
        async with self._is_still:
            told = await _told_to_move()
            for index, each in enumerate(self.equipment):
                if self.bays.space(index) not in told:
                    continue
                if index % BREAK_EVERY == BREAK_EVERY - 1:
                    await self._break(index, each.lock)
                elif await hand_out(each.lock.device_id, self.mall.clock, self.mall.bus):
                    await self.bays.see(LockState.RAISED, each.lock, index)

    async def _break(self, index: int, lock: Provisioned) -> None:
        after = await _newest_event()
        if await break_lock(self.mall, lock):
            broken = Break(after, await _newest_event())
            self.breaks.setdefault(self.bays.space(index), broken)

    async def _rest(self) -> None:
        for _ in range(ROUNDS):
            await self._answer_locks()
            self.mall.clock.advance(minutes=2)
            await self.hand.work()
        for _ in range(TELLING_ROUNDS_MAX):
            if await _untold():
                await self.hand.work()


async def _told_to_move() -> set[int]:
    """The bays whose lock has a command to fetch."""
    rows = await database().fetch(
        "SELECT space_id FROM lock_command WHERE state IN ('QUEUED', 'DELIVERED', 'ACCEPTED')"
    )
    return {row["space_id"] for row in rows}


async def _newest_event() -> int:
    [row] = await database().fetch("SELECT MAX(id) AS id FROM reservation_event")
    return row["id"] or 0


async def _untold() -> int:
    [row] = await database().fetch(
        "SELECT COUNT(*) AS n FROM merchant_order_event WHERE told_at IS NULL"
    )
    return int(row["n"])


async def open_run(
    mall: Mall, shop: Shop, hand: Hand, clock: SharedClock, orders: int, chance: Random
) -> Run:
    """Everything that the messages need."""
    kiosk_day_max = max(1, orders // ORDERS_PER_KIOSK_DAY)
    intake = await open_intake(mall, shop, clock, kiosk_day_max)
    async with transaction() as sql:
        await insert_endpoint(
            sql, mall.merchant_id, "https://orders.example/berth", EVENTS, b"s" * 32,
            Sealer(SECRET.encode()), created_by=SYSTEM.person_id, at=clock.now(),
        )  # fmt: skip
    bays = Bays(mall.garage, clock, mall.bus)
    run = Run(intake, hand, bays, await equipped(mall, bays), chance)
    run.kiosk_day_max = kiosk_day_max
    return run


async def mall_for(clock: SharedClock, bays: int) -> Mall:
    """A mall whose garage has so many bays, each eighth with a lock that fails."""
    return await make_mall(clock, garage=max(bays, BREAK_EVERY), lot=LOT_BAYS)


async def judged(run: Run, sent: Sequence[Message]) -> Done:
    """What came of it, and all that is wrong."""
    mall, evening, numbers = run.mall, run.evening, newest(sent)
    lived = Lived(True, evening.came, evening.cancelled, evening.gave_up)
    gave_up = {ref for ref, each in numbers.items() if each.number in evening.gave_up}
    chosen = await judge_bays(mall, await brute_walks(mall), run.breaks)
    ends, faults = await judge_ends(sent, run.intake.begin, lived)
    notices, news_faults = await judge_news(sent)
    faults += [*run.intake.faults, *evening.faults, *chosen.faults, *news_faults]
    faults += await judge_waiting(mall, gave_up, mall.clock.now())
    faults += await judge_history()
    faults += await judge_quota(run.intake.kiosk_id, run.kiosk_day_max)
    faults += await judge_rest(mall)
    states = counts(ends)
    faults += [
        f"no order is {each}"
        for each in OrderState
        if each is not OrderState.PENDING and not states[each]
    ]
    return Done(ends, chosen.bays, chosen.moved, notices, faults)
