"""From a code to a driver's vehicle, through the one door."""

import pytest

from parking.clock import TestClock
from parking.errors import TooManyTries
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from parking.vehicles.enrol import remove
from parking.vehicles.find import UnknownVehicleCode, enrolment_by_code, holder_of
from parking.vehicles.limits import TRIES_PER_DOOR, TRIES_PER_SOURCE
from parking.vehicles.queries import enrolments_by_id, enrolments_of_person
from parking.vehicles.records import EnrolmentRecord
from parking.vehicles.set_code import delete_code
from tests.parking.vehicles.drivers import PLATE, SEALER, make_coded

DOOR, HERE = "grant:abc", "192.0.2.7"


async def find(
    clock: TestClock, text: str, door: str = DOOR, source: str = HERE
) -> EnrolmentRecord:
    return await enrolment_by_code(text, door, source, clock=clock, sealer=SEALER)


async def told(clock: TestClock, text: str, door: str = DOOR, source: str = HERE) -> str:
    """The refusal's code and words."""
    with pytest.raises((UnknownVehicleCode, TooManyTries)) as refused:
        await find(clock, text, door, source)
    return f"{refused.value.code}: {refused.value.message}"


async def test_a_code_is_found_however_it_is_typed(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    digits = coded.code[-4:]
    for typed in (
        coded.code,
        coded.code.upper(),
        f"harbourview{digits}",
        f" harbour–view {digits}",
    ):
        assert (await find(clock, typed)).id == coded.enrolment_id


async def test_whoever_gave_the_code_acts_for_this_vehicle_only(
    clock: TestClock, database: str
) -> None:
    coded, other = await make_coded(clock), await make_coded(clock, plate="B-A 1")
    holder = holder_of(await find(clock, coded.code))
    ids = [coded.enrolment_id, other.enrolment_id]
    assert set(await enrolments_by_id(holder, ids)) == {coded.enrolment_id}
    assert [each.id for each in await enrolments_of_person(holder, limit=9)] == ids[:1]


async def test_one_answer_for_all_that_is_wrong(clock: TestClock, database: str) -> None:
    """Neither of codes nor of plates is said whether there are any."""
    coded, deleted = await make_coded(clock), await make_coded(clock, plate="B-A 1")
    removed = await make_coded(clock, plate="B-A 2")
    await delete_code(deleted.driver, deleted.enrolment_id, clock=clock)
    await remove(removed.driver, removed.enrolment_id, clock=clock)
    wrong = (
        f"{coded.code}1", coded.code[:-1], "harbour view", PLATE, "", "x" * 5000, deleted.code,
        removed.code,
    )  # fmt: skip
    answers = {await told(clock, text) for text in wrong}
    assert len(answers) == 1
    assert answers.pop().startswith("UNKNOWN_VEHICLE_CODE: ")


async def test_good_tries_cost_nothing(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    for _ in range(TRIES_PER_SOURCE.count_max * 2):
        await find(clock, coded.code)
    rows = await db().fetch("SELECT count FROM attempt_window WHERE subject LIKE 'vehicle_code%'")
    assert {row["count"] for row in rows if row["count"] != 1} == {0}


async def test_wrong_tries_are_counted_for_an_hour(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    for _ in range(TRIES_PER_SOURCE.count_max):
        assert (await told(clock, "harbour view 0")).startswith("UNKNOWN_VEHICLE_CODE")
    for text in ("harbour view 0", coded.code):
        assert (await told(clock, text)).startswith("TOO_MANY_TRIES")
    assert (await find(clock, coded.code, source="192.0.2.8")).id == coded.enrolment_id
    clock.advance(minutes=61)
    assert (await find(clock, coded.code)).id == coded.enrolment_id


async def test_what_is_no_code_costs_a_try_too(clock: TestClock, database: str) -> None:
    for text in ("", "x", "!" * 300) * 4:
        last = await told(clock, text)
    assert last.startswith("TOO_MANY_TRIES")


async def test_a_door_that_is_shut_costs_its_visitors_a_try(
    clock: TestClock, database: str
) -> None:
    """What was counted stays counted although a later limit refuses."""
    for number in range(TRIES_PER_DOOR.count_max):
        await told(clock, "wrong", source=f"10.0.{number}.1")
    for _ in range(TRIES_PER_SOURCE.count_max):
        assert (await told(clock, "wrong")).startswith("TOO_MANY_TRIES")
    assert (await told(clock, "wrong", "grant:another")).startswith("TOO_MANY_TRIES")


async def test_no_rollback_gives_wrong_tries_back(clock: TestClock, database: str) -> None:
    async with transaction():
        with pytest.raises(AssertionError, match="rollback"):
            await find(clock, "wrong")
