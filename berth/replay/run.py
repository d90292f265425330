"""The replay itself: provision, drive, compare."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from berth.buses import make_bus
from berth.console import Steps
from berth.opening import opened
from berth.probing import answers_coap
from berth.replay import compare
from berth.replay.compare import Difference
from berth.replay.driver import Driver, GatewaySilent, Sent
from berth.replay.estate import Estate, Ground, ensure_estate, find_estate
from berth.replay.listener import Listener
from berth.replay.progress import Rest, read_timelines, rest_of
from berth.replay.public import PublicState, read_buckets, read_state
from berth.replay.report import ReplayReport, StreamReport
from berth.replay.story import Story
from berth.replay.talking import ApiAway, Talk
from berth.replay.trace import Trace
from berth.settings import Settings
from berth.simulate.alone import only_one
from berth.simulate.links import Link
from parking.clock import SystemClock
from parking.occupancy.live import place_versions
from schema.ids import global_id

SETTLE_SECONDS_MAX = 30.0
"""So long may subscribers take to hear of the last change: the relay looks every second."""
FIRST_SECONDS_MAX = 15.0

NOTHING_SENT = Sent(0, 0, 0, {})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be replayed, into which place, through which gateways, watched at which APIs."""

    file: str
    trace: Trace
    story: Story
    left_out: Counter[str]
    place: str
    link: Link
    apis: Sequence[str]
    speed: float | None = None
    is_fresh: bool = False
    is_check: bool = False


async def replay(settings: Settings, plan: Plan, steps: Steps) -> ReplayReport:
    """Replay what the platform does not hold yet, and compare.

    Raises `OtherHistory`, `GatewaySilent`, `DevicesRefused`, `ApiAway`, `ApiRefuses` and what
    opening the database raises.
    """
    if not plan.is_check:
        await require_gateways(plan.link)
    for api in plan.apis:
        async with Talk.open(api):
            pass
    bus = make_bus(settings)
    ground = Ground(settings, SystemClock(), bus)
    try:
        async with opened(settings):
            return await Replay(plan, ground, steps).run()
    finally:
        await bus.close()


async def require_gateways(link: Link) -> None:
    """Raises `GatewaySilent` unless all gateways answer a ping."""
    for host, port in link.gateways:
        if not await answers_coap(host, port):
            raise GatewaySilent(
                f"no gateway answers at coap://{host}:{port}; start one with `berth up` or "
                "`berth gateway`, or name another with --gateway"
            )


class Replay:
    """One replay on a connected database."""

    def __init__(self, plan: Plan, ground: Ground, steps: Steps) -> None:
        self._plan = plan
        self._ground = ground
        self._steps = steps
        self._sent = NOTHING_SENT
        self._seconds = 0.0

    async def run(self) -> ReplayReport:
        """See `replay`."""
        plan, numbers = self._plan, list(self._plan.story.timelines)
        if plan.is_check:
            estate = await find_estate(plan.place, numbers, self._ground)
            return await self._compared(estate, [], None, 0)
        self._steps.begin("provisioning the place")
        origin = plan.trace.origin
        estate = await ensure_estate(
            plan.place, origin, numbers, self._ground, is_fresh=plan.is_fresh
        )
        with only_one(estate.file):
            return await self._brought_up(estate)

    async def _brought_up(self, estate: Estate) -> ReplayReport:
        """Send what the platform does not hold yet, watched, and compare."""
        plan = self._plan
        held = await read_timelines(plan.story, estate.spaces, self._ground.clock)
        rest = rest_of(plan.story, held, plan.place)
        async with self._listening(estate) as listeners:
            before = await self._version(estate)
            if rest.changes:
                await self._drive(estate, rest)
            return await self._compared(estate, listeners, before, rest.changes)

    @asynccontextmanager
    async def _listening(self, estate: Estate) -> AsyncIterator[list[Listener]]:
        place = global_id("Place", estate.place_id)
        async with AsyncExitStack() as stack:
            listeners = [Listener(api, place) for api in self._plan.apis]
            for listener in listeners:
                stack.push_async_callback(listener.close)
            for listener in listeners:
                if not await listener.reach(0, FIRST_SECONDS_MAX):
                    raise ApiAway(f"the API at {listener.api} sends nothing to its subscriber")
            yield listeners

    async def _drive(self, estate: Estate, rest: Rest) -> None:
        driver = Driver(self._plan.link, estate.memory)
        began = monotonic()
        try:
            await driver.add(estate.sensors)
            await driver.run(rest, self._plan.speed, self._steps)
        finally:
            self._seconds = monotonic() - began
            self._sent = driver.sent
            await driver.close()

    async def _compared(
        self, estate: Estate, listeners: Sequence[Listener], before: int | None, changes: int
    ) -> ReplayReport:
        plan, story = self._plan, self._plan.story
        self._steps.begin("comparing")
        after = await self._version(estate)
        await asyncio.gather(*(each.reach(after, SETTLE_SECONDS_MAX) for each in listeners))
        place = global_id("Place", estate.place_id)
        differences: list[Difference] = []
        async with Talk.open(plan.apis[0]) as talk:
            public = await read_state(talk, place)
            is_alone = public.spaces.keys() == story.timelines.keys()
            window = story.window
            hours = []
            if is_alone:
                hours = await read_buckets(talk, place, window.starts_at, window.ends_at)
                differences += compare.compare_hours(story, hours)
        found = await read_timelines(story, estate.spaces, self._ground.clock)
        differences = [
            *compare.compare_reports(self._sent.refused),
            *compare.compare_histories(story, found),
            *compare.compare_states(story, public),
            *differences,
            *self._compare_live(listeners, public, before, changes),
        ]
        return self._report(estate, listeners, len(hours), differences)

    def _compare_live(
        self,
        listeners: Sequence[Listener],
        public: PublicState,
        before: int | None,
        changes: int,
    ) -> Iterator[Difference]:
        if before is not None:
            yield from compare.compare_versions(before, changes, public.version)
        for listener in listeners:
            yield from compare.compare_stream(listener.api, listener.heard, public)

    async def _version(self, estate: Estate) -> int:
        return (await place_versions([estate.place_id]))[estate.place_id]

    def _report(
        self,
        estate: Estate,
        listeners: Sequence[Listener],
        hours: int,
        differences: Sequence[Difference],
    ) -> ReplayReport:
        plan = self._plan
        return ReplayReport(
            file=plan.file,
            trace_format=plan.trace.trace_format,
            place=plan.place,
            place_id=estate.place_id,
            story=plan.story,
            left_out=plan.left_out,
            gateways=[f"{host}:{port}" for host, port in plan.link.gateways if not plan.is_check],
            sent=self._sent,
            seconds=self._seconds,
            streams=[_stream(each) for each in listeners],
            hours=hours,
            differences=differences,
        )


def _stream(listener: Listener) -> StreamReport:
    heard = listener.heard
    return StreamReport(
        listener.api, heard.version, heard.snapshots, heard.deltas, heard.reconnects
    )
