"""The state a joiner starts from; joiners at the same moment share one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.graphql.group_call import GroupCall
from api.graphql.payload import Payload
from schema.execution import Event, Stream

Execute = Callable[[Event], Awaitable[Payload]]
Asked = tuple[int | None, int | None]
"""The version to resume from, and the stream's position when it was asked."""

KEPT_STATES_MAX = 64
"""States kept for joiners that resume from different versions."""


@dataclass(frozen=True, slots=True)
class State:
    """Encoded events that bring a joiner to `version`."""

    payloads: tuple[Payload, ...]
    version: int


class States:
    """Takes the snapshots of one stream, at most one at a time for each version resumed from.

    A kept one is given again while the stream's position, read after it was asked for, has not
    moved; so nobody starts from a state older than the last commit before they came.
    """

    def __init__(self, stream: Stream, execute: Execute) -> None:
        self._stream = stream
        self._execute = execute
        self._kept: dict[int | None, State] = {}
        self._positions: GroupCall[None, int | None] = GroupCall(self._read_position)
        self._taken: GroupCall[Asked, State] = GroupCall(self._take_all)

    async def state(self, after: int | None) -> State:
        """A state for a joiner that stands at `after`, or nowhere."""
        position = await self._positions.ask(None)
        return self._fitting(after, position) or await self._taken.ask((after, position))

    def _fitting(self, after: int | None, position: int | None) -> State | None:
        kept = self._kept.get(after)
        if kept is None or position is None or kept.version < position:
            return None
        return kept

    async def _read_position(self, _asked: list[None]) -> list[int | None]:
        return [await self._stream.position()]

    async def _take_all(self, asked: list[Asked]) -> list[State]:
        return [self._fitting(*each) or await self._take(each[0]) for each in asked]

    async def _take(self, after: int | None) -> State:
        events = await self._stream.snapshot(after)
        payloads = tuple([await self._execute(event) for event in events])
        state = State(payloads, events[-1].version)
        if len(self._kept) >= KEPT_STATES_MAX:
            self._kept.clear()
        self._kept[after] = state
        return state
