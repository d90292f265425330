"""Adding, renaming and removing vehicles."""

import asyncio

import pytest

from parking.accounts.models import AuditEntry
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal, Unauthenticated
from parking.storage.sql import database as db
from parking.storage.transactions import retried
from parking.vehicles import limits
from parking.vehicles.enrol import enrol, remove, rename
from parking.vehicles.models import Vehicle
from parking.vehicles.queries import (
    enrolment_by_id,
    enrolments_by_id,
    enrolments_of_person,
    enrolments_of_plate,
)
from parking.vehicles.records import EnrolmentRecord
from parking.vehicles.set_code import delete_code, set_code
from tests.parking.vehicles.drivers import PLATE, SEALER, make_coded, make_driver
from tests.support.operators import api_key


async def of(viewer: Viewer) -> list[EnrolmentRecord]:
    return await enrolments_of_person(viewer, limit=50)


@pytest.fixture
async def driver(database: str) -> Viewer:
    return await make_driver()


async def test_a_driver_adds_a_vehicle(driver: Viewer, clock: TestClock) -> None:
    made = await enrol(driver, "de", " b-mw 1234", "  The  blue one ", clock=clock)
    [mine] = await of(driver)
    assert mine == await enrolment_by_id(driver, made)
    assert (mine.country, mine.plate, mine.name) == ("DE", "BMW1234", "The blue one")
    assert (mine.created_at, mine.has_code, mine.is_live) == (clock.now(), False, True)


async def test_adding_it_again_changes_nothing(driver: Viewer, clock: TestClock) -> None:
    made = await enrol(driver, "DE", PLATE, "Blue", clock=clock)
    assert await enrol(driver, "DE", "BMW1234", "Red", clock=clock) == made
    [mine] = await of(driver)
    assert (mine.name, mine.version) == ("Blue", 1)


async def test_plates_of_two_countries_are_two_vehicles(driver: Viewer, clock: TestClock) -> None:
    for country in ("PL", "DE"):
        await enrol(driver, country, "WA 12345", "", clock=clock)
    assert {mine.country for mine in await of(driver)} == {"DE", "PL"}
    assert len(await enrolments_of_plate(db(), "WA12345")) == 2


async def test_drivers_of_one_vehicle_know_nothing_of_each_other(
    driver: Viewer, clock: TestClock
) -> None:
    first = await enrol(driver, "DE", PLATE, "Ours", clock=clock)
    other = await make_driver("Bob")
    second = await enrol(other, "DE", PLATE, "", clock=clock)
    assert await Vehicle.all().count() == 1
    assert [mine.id for mine in await of(other)] == [second]
    assert set(await enrolments_by_id(other, [first, second])) == {second}
    assert set(await enrolments_by_id(SYSTEM, [first, second])) == {first, second}
    assert await enrolments_by_id(ANONYMOUS, [first, second]) == {}


async def test_a_known_plate_is_answered_like_a_new_one(driver: Viewer, clock: TestClock) -> None:
    """Nobody learns whether somebody else has a vehicle, or a code for it."""
    await make_coded(clock, plate=PLATE)
    told = []
    for plate in (PLATE, "B-XY 9999"):
        made = await enrol(driver, "DE", plate, "", clock=clock)
        mine = await enrolment_by_id(driver, made)
        told.append(mine._replace(id=0, vehicle_id=0, plate=""))
    assert told[0] == told[1]


async def test_a_vehicle_is_called_something_else(driver: Viewer, clock: TestClock) -> None:
    made = await enrol(driver, "DE", PLATE, "Blue", clock=clock)
    for _ in range(2):
        await rename(driver, made, " Old  one", clock=clock)
    mine = await enrolment_by_id(driver, made)
    assert (mine.name, mine.version) == ("Old one", 2)
    with pytest.raises(InvalidInput):
        await rename(driver, made, "x" * 101, clock=clock)


async def test_what_is_removed_is_history_until_it_is_added_again(
    clock: TestClock, database: str
) -> None:
    coded = await make_coded(clock)
    await remove(coded.driver, coded.enrolment_id, clock=clock)
    assert await of(coded.driver) == []
    assert await enrolments_of_plate(db(), "BMW1234") == []
    gone = (await enrolments_by_id(coded.driver, [coded.enrolment_id]))[coded.enrolment_id]
    assert (gone.is_live, gone.has_code, gone.plate) == (False, False, "BMW1234")
    # The same one: no limit of a vehicle's day begins anew by removing it.
    assert await enrol(coded.driver, "DE", PLATE, "Back", clock=clock) == coded.enrolment_id
    [back] = await of(coded.driver)
    assert (back.name, back.has_code, back.is_live) == ("Back", False, True)


async def test_others_vehicles_are_like_missing_ones(driver: Viewer, clock: TestClock) -> None:
    theirs = (await make_coded(clock)).enrolment_id
    gone = await enrol(driver, "DE", PLATE, "", clock=clock)
    await remove(driver, gone, clock=clock)
    for each in (theirs, gone, 999_999):
        for attempt in (
            rename(driver, each, "x", clock=clock),
            remove(driver, each, clock=clock),
            set_code(driver, each, "harbour view", clock=clock, sealer=SEALER),
            delete_code(driver, each, clock=clock),
            enrolment_by_id(driver, each),
        ):
            with pytest.raises(NotFound, match="there is no such vehicle"):
                await attempt


async def test_vehicles_are_for_people(database: str, clock: TestClock) -> None:
    with pytest.raises(Unauthenticated):
        await enrol(ANONYMOUS, "DE", PLATE, "", clock=clock)
    with pytest.raises(NotPermitted):
        await enrol(api_key(1), "DE", PLATE, "", clock=clock)
    assert await of(ANONYMOUS) == []


async def test_one_person_has_so_many_vehicles_also_at_once(
    driver: Viewer, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parking.vehicles.enrol.VEHICLES_PER_PERSON_MAX", 3)

    async def add(number: int) -> str:
        try:
            await retried(lambda: enrol(driver, "DE", f"B-A {number}", "", clock=clock))
        except Refusal as refused:
            return refused.code
        return "made"

    told = await asyncio.gather(*map(add, range(1, 9)))
    assert sorted(told) == ["TOO_MANY_VEHICLES"] * 5 + ["made"] * 3
    assert len(await of(driver)) == 3
    await remove(driver, (await of(driver))[0].id, clock=clock)
    assert await add(9) == "made"


async def test_the_limit_is_twenty(driver: Viewer, clock: TestClock) -> None:
    for number in range(1, limits.VEHICLES_PER_PERSON_MAX + 1):
        await enrol(driver, "DE", f"B-A {number}", "", clock=clock)
    with pytest.raises(Conflict, match="20 vehicles"):
        await enrol(driver, "DE", "B-B 1", "", clock=clock)


async def test_every_change_is_in_the_trail(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    await rename(coded.driver, coded.enrolment_id, "Blue", clock=clock)
    await delete_code(coded.driver, coded.enrolment_id, clock=clock)
    await remove(coded.driver, coded.enrolment_id, clock=clock)
    entries = await AuditEntry.all().order_by("id")
    verbs = ("enrol", "set", "rename", "delete", "remove")
    assert [entry.verb.partition("_")[0] for entry in entries] == list(verbs)
    assert {entry.actor for entry in entries} == {coded.driver.actor}
    assert {entry.subject for entry in entries} == {f"enrolment:{coded.enrolment_id}"}
