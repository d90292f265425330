"""Following positions on several screens: each version, and the end of each right at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.bindings.revoke import revoke_binding
from parking.locations.kinds import BindingScope, PositionState, VersionKind
from parking.locations.models import PositionBinding
from parking.locations.positions.follow import follow_positions
from parking.locations.positions.live import (
    PositionUpdate,
    stream_position,
    stream_positions,
)
from parking.locations.topics import tell_position
from parking.occupancy.state import UpdateKind
from parking.reservations.models import Reservation, ReservationState
from parking.storage.transactions import transaction
from tests.support.parked import Parked
from tests.support.sharing import Sharing

Told = TypeVar("Told")
LIMIT_SECONDS = 30
SNAPSHOT, DELTA = UpdateKind.SNAPSHOT, UpdateKind.DELTA
REFINED = VersionKind.REFINED


async def following(stream: AsyncIterator[Told]) -> Told:
    async with asyncio.timeout(LIMIT_SECONDS):
        return await anext(stream)


def one(parked: Parked, viewer: Viewer, position: int, after: int | None = None) -> Any:
    return stream_position(viewer, position, after, parked.clock, parked.bus)


def numbers(update: PositionUpdate) -> list[int]:
    return [each.number for each in update.versions]


async def test_sharer_and_friend_follow_each_version(parked: Parked) -> None:
    position = await parked.parked()
    await parked.bind()
    streams = [one(parked, each, position) for each in (parked.driver, parked.friend)]
    for stream in streams:
        told = await following(stream)
        assert (told.kind, numbers(told)) == (SNAPSHOT, [1])
    await parked.revise(position, REFINED, note="x")
    asked = await parked.ask(position)
    await parked.answer(asked, floor="Level 2")
    for stream in streams:
        seen: list[int] = []
        while seen != [2, 3]:
            told = await following(stream)
            assert told.kind is DELTA
            seen += numbers(told)


async def test_who_comes_back_gets_what_they_missed(parked: Parked) -> None:
    position = await parked.parked()
    await parked.revise(position, REFINED, note="x")
    await parked.revise(position, REFINED, note="y")
    for after, wanted in ((None, [1, 2, 3]), (0, [1, 2, 3]), (2, [3]), (3, []), (9, [])):
        told = await following(one(parked, parked.driver, position, after))
        assert numbers(told) == wanted
        assert told.kind is (SNAPSHOT if after is None else DELTA)


async def test_strangers_follow_nothing(parked: Parked) -> None:
    position = await parked.parked()
    viewers = (parked.friend, parked.attendant, parked.operator, ANONYMOUS, Viewer(api_key_id=1))
    for viewer in viewers:
        with pytest.raises(NotFound):
            await anext(one(parked, viewer, position))
    for viewer in (ANONYMOUS, Viewer(api_key_id=1)):
        with pytest.raises(NotFound):
            await anext(stream_positions(viewer, parked.clock, parked.bus))


async def gone(stream: AsyncIterator[PositionUpdate]) -> None:
    """The last update says so."""
    assert await following(stream) == PositionUpdate(DELTA, None, [])
    with pytest.raises(StopAsyncIteration):
        await following(stream)


async def test_what_is_taken_back_is_gone_at_once(parked: Parked) -> None:
    position = await parked.parked()
    binding = await parked.bind()
    stream, mine = one(parked, parked.friend, position), one(parked, parked.driver, position)
    await following(stream), await following(mine)
    await revoke_binding(parked.driver, binding.id, clock=parked.clock, bus=parked.bus)
    await gone(stream)
    await parked.revise(position, REFINED, note="x")
    assert numbers(await following(mine)) == [2]


async def test_when_the_car_is_gone_friends_see_nothing_and_the_sharer_that(
    parked: Parked,
) -> None:
    position = await parked.parked()
    await parked.bind()
    stream, mine = one(parked, parked.friend, position), one(parked, parked.driver, position)
    await following(stream), await following(mine)
    reservation_id = (await parked.position(position)).reservation_id
    await Reservation.filter(id=reservation_id).update(state=ReservationState.COMPLETED)
    await follow_positions(parked.clock, parked.bus)
    await gone(stream)
    told = await following(mine)
    assert told.seen is not None
    assert told.seen.position.state is PositionState.ENDED


async def test_a_right_that_ends_by_the_clock_ends_at_its_instant(parked: Parked) -> None:
    position = await parked.parked()
    until = parked.clock.now() + timedelta(hours=1)
    await parked.bind(scope=BindingScope.UNTIL, until=until)
    stream = one(parked, parked.friend, position)
    everything = stream_positions(parked.friend, parked.clock, parked.bus)
    await following(stream), await following(everything)
    parked.clock.advance(minutes=59)
    await parked.revise(position, REFINED, note="x")
    assert numbers(await following(stream)) == [2]
    await following(everything)
    waiting = asyncio.create_task(following(everything))
    parked.clock.advance(minutes=1)
    await gone(stream)
    assert (await waiting).gone == (position,)


async def test_everything_that_is_shown_and_ones_own(parked: Parked) -> None:
    mine = stream_positions(parked.driver, parked.clock, parked.bus)
    shown = stream_positions(parked.friend, parked.clock, parked.bus)
    for stream in (mine, shown):
        assert (await following(stream)).positions == []
    binding = await parked.bind()
    position = await parked.parked()
    for stream in (mine, shown):
        told = await following(stream)
        assert [each.position.id for each in told.positions] == [position]
    await parked.revise(position, REFINED, note="x")
    for stream in (mine, shown):
        [seen] = (await following(stream)).positions
        assert seen.position.version == 2
    await PositionBinding.filter(id=binding.id).update(state="REVOKED")
    await tell(parked, parked.bus, position)
    assert (await following(shown)).gone == (position,)
    await parked.end(position)
    assert (await following(mine)).gone == (position,)


async def test_who_agrees_sees_at_once_and_the_sharer_hears_of_links(parked: Parked) -> None:
    sharing, position = Sharing(parked), await parked.parked()
    shown = stream_positions(parked.friend, parked.clock, parked.bus)
    mine = one(parked, parked.driver, position)
    await following(shown), await following(mine)
    await sharing.bound()
    assert [each.position.id for each in (await following(shown)).positions] == [position]
    _, token = await sharing.link(position)
    await sharing.open(token)
    for _ in range(3):
        told = await following(mine)
        assert (told.kind, told.versions) == (DELTA, [])


async def tell(parked: Parked, bus: Bus, position: int) -> None:
    """As whoever ends a binding does."""
    people = [each for each in (parked.driver.person_id, parked.friend.person_id) if each]
    async with HeldBus(bus) as held, transaction() as sql:
        await tell_position(sql, held, parked.clock.now(), position, people)


async def test_the_sharer_alone_hears_that_a_link_was_opened(parked: Parked) -> None:
    sharing, position = Sharing(parked), await parked.parked()
    await parked.bind()
    _, token = await sharing.link(position)
    mine = stream_positions(parked.driver, parked.clock, parked.bus)
    theirs = stream_positions(parked.friend, parked.clock, parked.bus)
    for stream in (mine, theirs):
        await following(stream)
    await sharing.open(token)
    told = await following(mine)
    assert [seen.position.id for seen in told.positions] == [position]
    await parked.revise(position, REFINED, note="x")
    [seen] = (await following(theirs)).positions
    assert seen.position.version == 2  # and nothing before
