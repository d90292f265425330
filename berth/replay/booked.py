"""The booked replay: each declared period is first booked through the public API by a driver of its
own; then the real arrival and departure happen at the devices. At the end everything is compared
with what must have come of it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from time import monotonic

from berth.console import Steps
from berth.replay import compare, judging
from berth.replay.acting import Bays
from berth.replay.booked_report import BookedReport
from berth.replay.compare import Difference
from berth.replay.declared import Visit
from berth.replay.expected import Act, Moment, Outcome, early_and_late, expected, moments
from berth.replay.ground import OPERATOR, Ground, make_ground
from berth.replay.outcomes import read_sessions
from berth.replay.progress import read_timelines
from berth.replay.public import read_state
from berth.replay.renter import Renter
from berth.replay.story import Story, Timeline, Turn, Window
from berth.replay.talking import Talk
from berth.replay.trace import Origin
from berth.replay.world import World, world
from berth.settings import Settings
from parking.occupancy.models import Occupancy
from parking.storage.sql import database
from schema.ids import global_id

BEFORE = timedelta(hours=1)
KILLED_WITHIN_SECONDS = 0.1
"""Into a moment: some kills hit the request, some the worker, some nothing."""
AFTER = timedelta(minutes=30)
"""So long after the last departure the comparison is made: nothing is under way then."""


@dataclass(frozen=True, slots=True)
class BookedPlan:
    """What is to happen. Every `lock_every`-th bay has a lock and a reader; 0: none has. The
    platform is killed `kills` times, at moments that follow from `seed`."""

    file: str
    origin: Origin
    visits: Sequence[Visit]
    left_out: Mapping[str, int]
    place: str
    lock_every: int = 2
    kills: int = 0
    seed: int = 1

    @property
    def numbers(self) -> list[str]:
        """The bays, in order."""
        return sorted({visit.space for visit in self.visits})

    @property
    def locked(self) -> frozenset[str]:
        """Those with a lock."""
        return frozenset(self.numbers[:: self.lock_every] if self.lock_every else ())


async def replay_booked(settings: Settings, plan: BookedPlan, told: Steps) -> BookedReport:
    """Let it all happen, and compare. Raises what `world` and the devices raise."""
    script = moments(plan.visits)
    begins_at = script[0].at - BEFORE
    is_mortal = plan.kills > 0
    async with world(settings, begins_at, told, is_mortal=is_mortal) as platform:
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
        self._inside: set[int] = set()
        self._kept_out: Counter[str] = Counter()

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
        seconds = monotonic() - began
        told.begin("comparing")
        return await self._compared(begins_at, seconds)

    def _deadly(self, script: Sequence[Moment]) -> dict[Moment, float]:
        """At which moments the platform is killed, and how many seconds into them.

        Not while somebody stands before a reader: it would decide alone and open by its own wire.
        """
        chance = Random(self._plan.seed)  # noqa: S311 - when to kill is no secret
        apt = [each for each in script if not self._is_at_reader(each)]
        chosen = chance.sample(apt, min(self._plan.kills, len(apt)))
        return {each: chance.uniform(0, KILLED_WITHIN_SECONDS) for each in chosen}

    def _is_at_reader(self, moment: Moment) -> bool:
        return moment.act is Act.ARRIVE and moment.visit.space in self._ground.locked

    async def _happen(self, moment: Moment, killed_after: float | None, *, is_last: bool) -> None:
        """What happens, and, where it is the last of its second, what the worker does of it; killed
        meanwhile, both go on afterwards."""
        killing = None
        if killed_after is not None:
            killing = asyncio.create_task(self._kill(killed_after), name="kill")
        try:
            await self._act(moment.act, moment.visit)
            if is_last:
                await self._world.work()
        finally:
            if killing is not None:
                await killing
        if killing is not None and is_last:
            # What was to be done in the very moment of the end is done now.
            await self._world.work()

    async def _kill(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        assert self._world.household is not None, "it can be killed"
        await self._world.household.kill()

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
            _, token = await self._world.person(f"driver{visit.number}@booked.example")
            self._renters[visit.number] = Renter(self._world, visit, token)
        return self._renters[visit.number]

    async def _compared(self, begins_at: datetime, seconds: float) -> BookedReport:
        outcomes = expected(self._plan.visits)
        story = _story(self._plan, outcomes, begins_at, self._world.clock.now())
        place = global_id("Place", self._ground.place_id)
        # Signed in anew: a month on, an older sign-in has ended.
        _, token = await self._world.person(OPERATOR)
        async with Talk.open(self._world.api, token) as talk:
            sessions = await read_sessions(talk, place)
            public = await read_state(talk, place)
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
            kills=0 if self._world.household is None else self._world.household.kills,
            differences=differences,
        )


def _story(
    plan: BookedPlan, outcomes: Mapping[int, Outcome], begins_at: datetime, ends_at: datetime
) -> Story:
    """What the bays must have seen: all visits, but at a locked bay those that had a booking."""
    turns: dict[str, list[Turn]] = {
        number: [Turn(begins_at, Occupancy.FREE)] for number in plan.numbers
    }
    count = 0
    for visit in plan.visits:
        if visit.space not in plan.locked or outcomes[visit.number].booked_at is not None:
            turns[visit.space].append(Turn(visit.arrival, Occupancy.OCCUPIED))
            turns[visit.space].append(Turn(visit.departure, Occupancy.FREE))
            count += 1
    timelines: dict[str, Timeline] = dict(turns)
    return Story(Window(begins_at, ends_at), timelines, count)
