"""Vehicles of one person enter several places by rights at the same time."""

import asyncio
from datetime import timedelta

import pytest

from parking.clock import TestClock
from parking.errors import Refusal
from parking.places.models import Place
from parking.rights.kinds import RightKind
from parking.rights.limits import ACCESS_BOOKINGS_PER_PERSON_MAX
from parking.rights.models import Redemption
from parking.rights.redeeming import access
from parking.rights.terms import Terms
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from parking.vehicles.records import EnrolmentRecord
from tests.parking.rights.redeeming.conftest import desk_at
from tests.parking.rights.redeeming.desk import Desk, enrolled
from tests.support.estate import make_estate
from tests.support.leasing import make_listing

PLACES = ACCESS_BOOKINGS_PER_PERSON_MAX + 1
TOGETHER_SECONDS_MAX = 30


async def tried(desk: Desk, car: EnrolmentRecord, place_id: int) -> str:
    """The code of the refusal, or entered."""
    until = desk.clock.now() + timedelta(hours=2)
    try:
        await access.enter(
            car, place_id, until, viewer=desk.driver, clock=desk.clock, bus=desk.bus,
            funding=desk.till.stage.funding,
        )  # fmt: skip
    except Refusal as refusal:
        return refusal.code
    return "entered"


async def at_once(desk: Desk) -> list[str]:
    """A car at each of the places, which one operator runs; each has a right to enter its own."""
    places = [desk.place_id]
    for number in range(1, PLACES):
        estate = await make_estate(1, f"Garage {number}")
        await Place.filter(id=estate.place_id).update(organisation_id=desk.operator_id)
        await make_listing(estate, desk.till.stage.lease.lessor_id)
        places.append(estate.place_id)
    cars = [await enrolled(desk.driver, f"SAB{number}") for number in range(PLACES)]
    for car in cars:
        await desk.right(RightKind.ACCESS, car=car, terms=Terms(places=tuple(places[1:])))
    tries = (tried(desk, car, place) for car, place in zip(cars, places, strict=True))
    return sorted(await asyncio.gather(*tries))


async def test_no_more_bays_than_two_whatever_the_places(both: Desk) -> None:
    entered = ["entered"] * ACCESS_BOOKINGS_PER_PERSON_MAX
    assert await at_once(both) == ["ACCESS_BOOKINGS_MAX", *entered]
    assert await Redemption.filter(way="ACCESS").count() == len(entered)


async def test_control_without_the_persons_lock_each_place_lets_one_in(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All look before any writes. On SQLite whoever writes is alone anyway."""
    gathered = asyncio.Barrier(PLACES)
    look = access._require_room

    async def together(sql: Sql, person_id: int) -> None:
        await look(sql, person_id)
        async with asyncio.timeout(TOGETHER_SECONDS_MAX):
            await gathered.wait()

    async def nothing(sql: Sql, person_id: int) -> None:
        """The guard is off."""

    monkeypatch.setattr(access, "lock_person", nothing)
    monkeypatch.setattr(access, "_require_room", together)
    await connect(postgres_url)
    assert await at_once(await desk_at(clock)) == ["entered"] * PLACES
    await disconnect()
