"""Following bookings: every step, whatever the bus loses; told only after the commit."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pytest

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound
from parking.events.bus import InProcessBus
from parking.occupancy.state import UpdateKind
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.live import (
    BookingsUpdate,
    Followed,
    follow_reservation,
    follow_reservations,
    followed,
)
from parking.reservations.record import changing_bookings, locked_reservation
from parking.reservations.relay import BookingRelay
from parking.reservations.rules import Step
from tests.parking.reservations.steps import booked, held, reservation
from tests.support.leasing import Lease

T = TypeVar("T")
LONG = 30.0
"""Seconds that a busy machine may take; a test that is right never waits so long."""


async def following(stream: AsyncIterator[T]) -> T:
    """The stream's next value."""
    return await asyncio.wait_for(anext(stream), LONG)


class DeafBus(InProcessBus):
    """Tells nobody of anything, as if the process died after each commit."""

    async def publish(self, topic: str, body: bytes) -> None:
        """Lose it."""


async def test_each_step_of_a_booking_is_told(lease: Lease, clock: TestClock) -> None:
    bus = InProcessBus()
    made = await held(lease, clock, bus=bus)
    stream = follow_reservation(lease.driver, made, bus)
    assert (await following(stream)).state == "PENDING_PAYMENT"
    await confirm(lease.driver, made, clock=clock, bus=bus)
    assert (await following(stream)).state == "CONFIRMED"
    await cancel(lease.driver, made, clock=clock, bus=bus)
    assert (await following(stream)).version == 3


async def test_strangers_follow_nothing(lease: Lease, clock: TestClock) -> None:
    bus = InProcessBus()
    made = await held(lease, clock, bus=bus)
    for viewer, wanted in ((lease.other, made), (lease.driver, 999)):
        with pytest.raises(NotFound):
            await following(follow_reservation(viewer, wanted, bus))


async def test_what_a_crash_swallowed_is_relayed(lease: Lease, clock: TestClock) -> None:
    bus = InProcessBus()
    relay = BookingRelay(bus, clock)
    made = await held(lease, clock, bus=bus)
    assert await relay.run_once() == 1
    stream = follow_reservation(lease.driver, made, bus)
    await following(stream)
    await confirm(lease.driver, made, clock=clock, bus=DeafBus())
    assert await relay.run_once() == 1
    assert (await following(stream)).state == "CONFIRMED"
    assert await relay.run_once() == 0


async def test_what_was_rolled_back_is_not_told(lease: Lease, clock: TestClock) -> None:
    bus = InProcessBus()
    made = await held(lease, clock, bus=bus)
    stream = follow_reservation(lease.driver, made, bus)
    await following(stream)
    with pytest.raises(RuntimeError):
        async with changing_bookings([lease.estate.place_id], clock, bus) as change:
            found = await locked_reservation(change.sql, made)
            await change.step(found, Step.CONFIRM, SYSTEM, state="CONFIRMED")
            raise RuntimeError("the machine stumbles")
    await confirm(lease.driver, made, clock=clock, bus=bus)
    assert (await following(stream)).version == 2
    assert (await reservation(made)).version == 2


async def which(lease: Lease, name: str) -> tuple[Viewer, Followed]:
    """Whose bookings somebody follows."""
    place, lessor = lease.estate.place_id, lease.lessor_id
    of: dict[str, dict[str, Any]] = {
        "driver": {}, "owner": {"organisation_id": lessor}, "operator": {"place_id": place},
        "attendant": {"place_id": place},
    }  # fmt: skip
    viewer = lease.everybody[name]
    return viewer, await followed(viewer, **of[name])


@pytest.mark.parametrize("name", ["driver", "owner", "operator", "attendant"])
async def test_lists_are_followed_by_those_they_concern(
    lease: Lease, clock: TestClock, name: str
) -> None:
    bus = InProcessBus()
    first = await held(lease, clock, bus=bus)
    stream = follow_reservations(*await which(lease, name), bus)
    assert told(await following(stream)) == (UpdateKind.SNAPSHOT, [(first, 1)])
    second = await held(lease, clock, 5, 6, bus=bus)
    assert told(await following(stream)) == (UpdateKind.DELTA, [(second, 1)])
    await cancel(lease.driver, first, clock=clock, bus=bus)
    assert told(await following(stream)) == (UpdateKind.DELTA, [(first, 2)])


def told(update: BookingsUpdate) -> tuple[UpdateKind, list[tuple[int, int]]]:
    """Ids and versions."""
    return update.kind, [(each.id, each.version) for each in update.bookings]


async def test_others_bookings_are_not_in_the_own_list(lease: Lease, clock: TestClock) -> None:
    await booked(lease, clock, viewer=lease.other)
    stream = follow_reservations(*await which(lease, "driver"), InProcessBus())
    assert told(await following(stream)) == (UpdateKind.SNAPSHOT, [])


async def test_lists_are_refused_to_others(lease: Lease) -> None:
    place, lessor = lease.estate.place_id, lease.lessor_id
    for viewer in (lease.driver, lease.owner):
        with pytest.raises(NotFound):
            await followed(viewer, place_id=place)
    for viewer in (lease.driver, lease.operator, lease.attendant):
        with pytest.raises(NotFound):
            await followed(viewer, organisation_id=lessor)
    with pytest.raises(NotFound):
        await followed(Viewer(api_key_id=1))
    with pytest.raises(InvalidInput):
        await followed(lease.operator, place, lessor)
