"""Following a delegated exit right: read again at each message, and when time alone changes it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import delegation_topic
from parking.access.delegations.rules import LIVE
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.locations.fetching.queries import delegation_by_token, delegations_seen
from parking.locations.fetching.rules import next_look
from parking.locations.positions.live import next_message
from parking.reservations.record import reservation_topic

Read: TypeAlias = Callable[[], Awaitable[DelegationRecord | None]]


async def follow_delegation(
    viewer: Viewer, delegation_id: int, *, clock: Clock, bus: Bus
) -> AsyncIterator[DelegationRecord]:
    """A right that the viewer may see: now, and after each change. Raises NotFound."""

    async def read() -> DelegationRecord | None:
        return (await delegations_seen(viewer, [delegation_id], clock.now())).get(delegation_id)

    async for each in _follow(read, clock, bus):
        yield each


async def follow_by_token(token: str, *, clock: Clock, bus: Bus) -> AsyncIterator[DelegationRecord]:
    """The right of this address: now, and after each change. Raises NotFound."""

    async def read() -> DelegationRecord | None:
        try:
            return await delegation_by_token(token, clock.now())
        except NotFound:
            return None

    async for each in _follow(read, clock, bus):
        yield each


async def _follow(read: Read, clock: Clock, bus: Bus) -> AsyncIterator[DelegationRecord]:
    """It ends with the last that becomes of the right; with NotFound when it is not to be seen any
    more, as where it was erased: nobody goes on showing what they saw."""
    found = await read()
    if found is None:
        raise _missing()
    topics = delegation_topic(found.id), reservation_topic(found.reservation_id)
    async with bus.subscribe(*topics) as messages:
        told, found = None, await read()  # what changed before the subscription is in here
        while found is not None:
            if told is None or _mark(found) != _mark(told):
                told = found
                yield found
            if found.state not in LIVE:
                return
            await next_message(messages, next_look(found), clock)
            found = await read()
        raise _missing()


def _missing() -> NotFound:
    return NotFound("there is no such right to fetch a car")


def _mark(delegation: DelegationRecord) -> tuple[object, ...]:
    """What a change of is told."""
    return (
        delegation.version,
        delegation.state,
        delegation.stay_state,
        delegation.stay_space_id,
        delegation.has_gate,
    )
