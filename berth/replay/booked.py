"""The booked replay: each declared period is first booked through the public API by a driver of its
own; then the real arrival and departure happen at the devices. At the end everything is compared
with what must have come of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from berth.console import Steps
from berth.ledger_work import verify_books
from berth.replay import compare, judging, judging_money
from berth.replay.acting import Bays
from berth.replay.booked_plan import BookedPlan, story_of
from berth.replay.booked_report import BookedReport
from berth.replay.compare import Difference
from berth.replay.declared import Visit
from berth.replay.expected import Act, Moment, early_and_late, expected, moments
from berth.replay.ground import OPERATOR, Ground, make_ground
from berth.replay.household import WHOLE
from berth.replay.killing import Killing, killings
from berth.replay.member import Role
from berth.replay.outcomes import read_sessions
from berth.replay.progress import read_timelines
from berth.replay.public import read_state
from berth.replay.purses import Reckoned, driver_of, paydays_of, reckon
from berth.replay.renter import Renter
from berth.replay.settled import Books, read_books, read_settlements
from berth.replay.talking import Talk
from berth.replay.world import World, world
from berth.settings import Settings
from parking.storage.sql import database
from schema.ids import global_id

BEFORE = timedelta(hours=1)
AFTER = timedelta(minutes=30)
"""So long after the last departure nothing is under way."""
NEVER_COME = 3
"""So many bookings follow after all others, to which nobody comes."""
THEIR_NUMBERS = 1_000_000
LEAD, STAY = timedelta(hours=1), timedelta(hours=2)
STEP = timedelta(minutes=15)


async def replay_booked(settings: Settings, plan: BookedPlan, told: Steps) -> BookedReport:
    """Let it all happen, and compare. Raises what `world` and the devices raise."""
    script = moments(plan.visits)
    begins_at = script[0].at - BEFORE
    rails = plan.by_card.rails if plan.by_card else None
    is_mortal = plan.kills > 0
    async with world(settings, begins_at, told, is_mortal=is_mortal, rails=rails) as platform:
        told.begin("provisioning the place")
        ground = await make_ground(platform, plan.origin, plan.place, plan.numbers, plan.locked)
        bays = Bays(platform, ground)
        try:
            told.begin("starting the devices")
            await bays.start(begins_at)
            return await BookedReplay(plan, platform, ground, bays).run(script, told)
        finally:
            await bays.close()


class BookedReplay:
    """One booked replay on a running platform."""

    def __init__(self, plan: BookedPlan, world: World, ground: Ground, bays: Bays) -> None:
        self._plan = plan
        self._world = world
        self._ground = ground
        self._bays = bays
        self._renters: dict[int, Renter] = {}
        self._people: dict[int, int] = {}
        self._never_came: list[Visit] = []
        self._inside: set[int] = set()
        self._kept_out: Counter[str] = Counter()
        self._in_the_midst = 0

    async def run(self, script: Sequence[Moment], told: Steps) -> BookedReport:
        """See `replay_booked`."""
        began, begins_at = monotonic(), self._world.clock.now()
        told.begin("booking, arriving, leaving", len(script))
        deadly = self._deadly(script)
        # What is of the same second is over before the worker looks: a car that leaves in the very
        # second of its booking's end has not outstayed it, whichever car is driven away first.
        for (at, _), each in groupby(script, key=lambda moment: (moment.at, moment.act)):
            together = list(each)
            await self._world.move(at)
            for moment in together:
                is_last = moment is together[-1]
                await self._happen(moment, deadly.get(moment), is_last=is_last)
                told.advance()
            await self._bays.settle()
        await self._world.move(script[-1].at + AFTER)
        await self._world.work()
        await self._bays.settle()
        await self._end()
        seconds = monotonic() - began
        told.begin("comparing")
        return await self._compared(begins_at, seconds)

    async def _end(self) -> None:
        """Some book and never come; all that becomes due meanwhile is done."""
        now = self._world.clock.now()
        starts_at, ends_at = now + LEAD, now + LEAD + STAY
        for index, number in enumerate(self._plan.numbers[:NEVER_COME]):
            visit = Visit(THEIR_NUMBERS + 10 * index, number, starts_at, ends_at, ends_at)
            self._never_came.append(visit)
            await self._book(visit)
        while now <= ends_at:
            await self._world.move(now := now + STEP)
            await self._world.work()

    def _deadly(self, script: Sequence[Moment]) -> Mapping[Moment, Killing]:
        household = self._world.household
        roles = WHOLE if household is None else household.roles
        if self._plan.by_card is not None:
            # Arriving asks nothing of the rail.
            script = [each for each in script if each.act is not Act.ARRIVE]
        return killings(script, roles, self._plan.kills, self._plan.seed, self._is_at_reader)

    def _is_at_reader(self, moment: Moment) -> bool:
        return moment.act is Act.ARRIVE and moment.visit.space in self._ground.locked

    async def _happen(self, moment: Moment, killing: Killing | None, *, is_last: bool) -> None:
        """What happens, and, where it is the last of its second, what the worker does of it; killed
        meanwhile, both go on afterwards."""
        is_of_worker = killing is not None and killing.role is Role.WORKER
        async with self._struck(None if is_of_worker else killing):
            await self._act(moment.act, moment.visit)
            if is_last:
                async with self._struck(killing if is_of_worker else None):
                    await self._world.work()
        if killing is not None and is_last:
            # What was to be done in the very moment of the end is done now.
            await self._world.work()

    @asynccontextmanager
    async def _struck(self, killing: Killing | None) -> AsyncIterator[None]:
        """Somewhere in what is done meanwhile a process is killed, and is back at the end."""
        if killing is None:
            yield
            return
        is_over = asyncio.Event()
        task = asyncio.create_task(self._kill(killing, is_over), name=f"kill {killing.role}")
        try:
            yield
        finally:
            is_over.set()
            await task

    async def _kill(self, killing: Killing, is_over: asyncio.Event) -> None:
        await asyncio.sleep(killing.after_seconds)
        async with AsyncExitStack() as stack:
            if self._plan.by_card is not None and killing.role is not Role.GATEWAY:
                is_asked = await stack.enter_async_context(self._plan.by_card.holding())
                await _first(is_asked.wait(), is_over.wait())
            assert self._world.household is not None, "it can be killed"
            self._in_the_midst += not is_over.is_set()
            await self._world.household.kill(killing.role)

    async def _act(self, act: Act, visit: Visit) -> None:
        match act:
            case Act.BOOK:
                await self._book(visit)
            case Act.ARRIVE:
                renter = await self._renter(visit)
                if visit.declared is not None and renter.reservation is None:
                    await self._book(visit)
                await self._arrive(visit, renter)
            case Act.LEAVE if visit.number in self._inside:
                self._inside.remove(visit.number)
                await self._bays.leave(visit)
            case _:
                pass

    async def _book(self, visit: Visit) -> None:
        renter = await self._renter(visit)
        await renter.book(self._ground.spaces[visit.space])

    async def _arrive(self, visit: Visit, renter: Renter) -> None:
        refusal = await self._bays.enter(visit, renter)
        if refusal:
            self._kept_out[refusal] += 1
        else:
            self._inside.add(visit.number)

    async def _renter(self, visit: Visit) -> Renter:
        if visit.number not in self._renters:
            driver = driver_of(visit)
            person_id, token = await self._world.person(f"driver{driver}@booked.example")
            renter = Renter(self._world, visit, token, currency=self._plan.origin.currency)
            if self._plan.by_card is not None:
                await self._plan.by_card.bind(renter)
                renter.has_card = True
            self._people[driver] = person_id
            self._renters[visit.number] = renter
        return self._renters[visit.number]

    async def _compared(self, begins_at: datetime, seconds: float) -> BookedReport:
        outcomes = expected(self._plan.visits)
        story = story_of(self._plan, outcomes, begins_at, self._world.clock.now())
        place = global_id("Place", self._ground.place_id)
        # Signed in anew: a month on, an older sign-in has ended.
        _, token = await self._world.person(OPERATOR)
        async with Talk.open(self._world.api, token) as talk:
            sessions = await read_sessions(talk, place)
            public = await read_state(talk, place)
            settlements = await read_settlements(talk, place)
        books = await read_books(database())
        verified = await verify_books(self._world.clock)
        zone = ZoneInfo(self._plan.origin.time_zone)
        paydays = paydays_of(begins_at, self._world.clock.now(), zone)
        reckoned = reckon(self._plan.visits, outcomes, self._never_came, paydays)
        every = [*self._plan.visits, *self._never_came]
        timelines = await read_timelines(story, self._ground.spaces, self._world.clock)
        numbers = {space_id: number for number, space_id in self._ground.spaces.items()}
        moves = {self._ground.spaces[each]: self._bays.moves(each) for each in self._plan.locked}
        wrong_openings, opened = await judging.judge_openings(database(), moves, numbers)
        differences: list[Difference] = [
            *compare.compare_reports(self._bays.refused),
            *judging.judge_visits(self._plan.visits, outcomes, self._renters, sessions),
            *await judging.judge_overlaps(database()),
            *wrong_openings,
            *compare.compare_histories(story, timelines),
            *compare.compare_states(story, public),
            *judging_money.judge_settlements(every, reckoned, self._renters, settlements),
            *self._judge_books(reckoned, books),
            *judging_money.judge_verified(verified.findings),
        ]
        return BookedReport(
            file=self._plan.file,
            place=self._plan.place,
            visits=self._plan.visits,
            left_out=self._plan.left_out,
            outcomes=list(outcomes.values()),
            ends=Counter(early_and_late(self._plan.visits)),
            spaces=len(self._plan.numbers),
            locked=len(self._plan.locked),
            opened=opened,
            kept_out=self._kept_out,
            reports=self._bays.reported,
            changes=story.changes,
            seconds=seconds,
            kills={} if self._world.household is None else self._world.household.kills,
            in_the_midst=self._in_the_midst,
            settled=judging_money.figures(reckoned, books),
            differences=differences,
        )

    def _judge_books(self, reckoned: Reckoned, books: Books) -> Iterator[Difference]:
        if self._plan.by_card is not None:
            return judging_money.judge_balance(books)
        return judging_money.judge_books(reckoned, books, self._people)


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of them; the others are given up."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
