"""Shared subscriptions: one execution and one encoding per event for a whole group.

The promise to each member: a state at some version, and then exactly the deltas after it, without
gap or repeat. One whose connection does not take a delta at once is left behind, where it holds up
nobody, and gets the latest state when it can.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any

from api.graphql.asgi import Gone
from api.graphql.coalescing import Coalescer
from api.graphql.group_call import GroupCall
from api.graphql.limits import Limits
from api.graphql.payload import Payload
from api.graphql.problems import internal_error
from api.graphql.sequence import Broken, Position, parts
from api.graphql.sink import Sink
from api.graphql.states import Execute, State, States
from schema.execution import Event, Gap, Stream

BROADCAST_BATCH = 256
"""So many members are served before other work gets its turn."""


class Member:
    """One subscriber of a group."""

    __slots__ = ("group", "sink", "task")

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.group: Group | None = None
        self.task: asyncio.Task[None] | None = None

    def leave(self) -> None:
        """Want no more of it."""
        if self.task is not None:
            self.task.cancel()
        if self.group is not None:
            self.group.remove(self)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what brings this member to the present, in a context of its own."""
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self.task = task
        task.add_done_callback(self._ran)

    def _ran(self, task: asyncio.Task[None]) -> None:
        if self.task is task:
            self.task = None


class Group:
    """The subscribers of one stream with the same document, variables and visibility."""

    def __init__(
        self, stream: Stream, execute: Execute, limits: Limits, on_end: Callable[[], None]
    ) -> None:
        self._stream = stream
        self._execute = execute
        self._limits = limits
        self._on_end = on_end
        self._position = Position(limits.retained_events_max)
        self._states = States(stream, execute)
        self._members: set[Member] = set()
        self._live: dict[Member, None] = {}
        self._ahead: dict[int, asyncio.Future[None]] = {}
        self._pump = asyncio.get_running_loop().create_task(self._run(), context=Context())
        self._missed: GroupCall[int, State | None] = GroupCall(self._since)
        self._ending: asyncio.Task[None] | None = None
        self.is_over = False

    def add(self, member: Member) -> None:
        """A new member; `follow` then brings it to the present."""
        member.group = self
        self._members.add(member)

    def remove(self, member: Member) -> None:
        """A member is gone; the last one ends the group."""
        self._members.discard(member)
        self._live.pop(member, None)
        self.end_if_empty()

    def end_if_empty(self) -> None:
        """Nobody listens: let the stream go."""
        if not self._members and not self.is_over:
            self.is_over = True
            self._on_end()
            end = self._end()
            self._ending = asyncio.get_running_loop().create_task(end, context=Context())

    async def end(self) -> None:
        """Complete every member's operation."""
        self._finish(())
        if self._ending is not None:
            await self._ending

    async def _end(self) -> None:
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        await self._stream.close()

    # How a member gets to the present

    async def follow(self, member: Member, after: int | None) -> None:
        """Give a member a state and make it live. Returns when it is, or is gone."""
        try:
            state = await self._states.state(after)
            for payload in state.payloads:
                await member.sink.deliver(payload)
            await self._line_up(member, state.version)
        except Gone:
            self.remove(member)
        except Exception as error:  # noqa: BLE001 - a bug in a stream fails its subscriber only
            self.remove(member)
            member.sink.finish([internal_error(error, where="shared subscription")])

    async def _line_up(self, member: Member, version: int) -> None:
        while True:
            stands_at = self._position.version
            if stands_at is None:
                self._position.restart(version)
                stands_at = version
            if version == stands_at:
                # Nothing is awaited between this comparison and being live: no delta slips by.
                self._live[member] = None
                return
            if version > stands_at:
                await self._reach(version)
            else:
                version = await self._catch_up(member, version)

    async def _reach(self, version: int) -> None:
        """Wait for the feed, which is behind a snapshot; for long, and it has lost something."""
        reached = self._ahead.get(version)
        if reached is None:
            reached = self._ahead[version] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._limits.feed_lag_seconds_max):
                await asyncio.shield(reached)
        except TimeoutError:
            self._start_over()

    async def _catch_up(self, member: Member, version: int) -> int:
        state = await self._missed.ask(version) or await self._states.state(None)
        for payload in state.payloads:
            await member.sink.deliver(payload)
        return state.version

    async def _since(self, versions: list[int]) -> list[State | None]:
        return [await self._retained(version) for version in versions]

    async def _retained(self, version: int) -> State | None:
        events = self._position.since(version)
        if events is None:
            return None
        return State((await self._execute(self._merged(events)),), events[-1].version)

    async def _recover(self, member: Member) -> None:
        try:
            await member.sink.until_writable()
        except Gone:
            self.remove(member)
            return
        await self.follow(member, None)

    # How an event gets to the members

    async def _run(self) -> None:
        feed: AsyncIterator[Event | Gap] = self._stream.feed()
        errors: Sequence[dict[str, Any]] = ()
        try:
            await Coalescer(feed, self._take, self._limits.coalesce_seconds).run()
        except Exception as error:  # noqa: BLE001 - a bug in a stream ends this group only
            errors = [internal_error(error, where="shared subscription")]
        self._finish(errors)

    async def _take(self, items: list[Event | Gap]) -> None:
        gaps = [at for at, item in enumerate(items) if isinstance(item, Gap)]
        if gaps:
            self._start_over()
            items = items[gaps[-1] + 1 :]
        try:
            events = self._position.fresh([item for item in items if isinstance(item, Event)])
        except Broken:
            # The snapshots taken now hold these deltas and what is missing between them.
            self._start_over()
            return
        for part in parts(events, self._ahead):
            stood_at = self._position.version
            payload = await self._execute(self._merged(part))
            if self._position.version != stood_at:
                return  # somebody started over: the states taken since hold these deltas
            self._position.advance(part)
            await self._broadcast(payload)

    def _merged(self, events: Sequence[Event]) -> Event:
        return events[0] if len(events) == 1 else self._stream.merge(events)

    async def _broadcast(self, payload: Payload) -> None:
        self._release()
        live = self._live
        members = list(live)
        for start in range(0, len(members), BROADCAST_BATCH):
            if self._live is not live:
                return  # somebody started over: everybody gets a state that holds this delta
            for member in members[start : start + BROADCAST_BATCH]:
                if member in live:
                    self._offer(member, payload)
            await asyncio.sleep(0)

    def _offer(self, member: Member, payload: Payload) -> None:
        try:
            if member.sink.offer(payload):
                return
        except Gone:
            self.remove(member)
            return
        del self._live[member]
        member.run(self._recover(member))

    def _release(self) -> None:
        reached = self._position.version
        for version in [v for v in self._ahead if reached is None or v <= reached]:
            self._ahead.pop(version).set_result(None)

    def _start_over(self) -> None:
        """Something may be missing: everybody live gets a new state."""
        self._position.restart()
        self._release()
        behind, self._live = list(self._live), {}
        for member in behind:
            member.run(self.follow(member, None))

    def _finish(self, errors: Sequence[dict[str, Any]]) -> None:
        members, self._members = self._members, set()
        self._live.clear()
        for member in members:
            if member.task is not None:
                member.task.cancel()
            member.sink.finish(errors)
        self.end_if_empty()
