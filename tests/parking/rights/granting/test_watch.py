"""What looks like fraud is told to issuer and operator, at most once an hour for a code."""

import orjson
import pytest

from parking.errors import Refusal, TooManyTries
from parking.geo import Position
from parking.rights.codes.rotating import picture
from parking.rights.granting.door import at_grant_code
from parking.rights.kinds import GrantCodeKind
from parking.rights.limits import GUESSES_PER_HOUR, MANY_VEHICLES_PER_MINUTE
from parking.rights.models import RightsSignal
from parking.storage.sql import database
from parking.vehicles.find import UnknownVehicleCode
from tests.parking.rights.granting.counter import KEYS, Counter, another_car

FAR = Position(52.5, 13.4)


async def guess(counter: Counter, times: int) -> set[str]:
    """Wrong vehicle codes at the door; its name as it was told."""
    doors = set()
    scanned = await counter.public_id()
    for _ in range(times):
        with pytest.raises(UnknownVehicleCode):
            async with at_grant_code(scanned, keys=KEYS, **counter.shop.with_bus) as door:
                doors.add(door)
                raise UnknownVehicleCode("no such code")
    return doors


async def test_many_vehicles_on_a_printed_code_in_a_minute(counter: Counter) -> None:
    for _ in range(MANY_VEHICLES_PER_MINUTE):
        await counter.scan(car=await another_car())
    assert await counter.signals() == []
    for _ in range(2):
        await counter.scan(car=await another_car())
    assert await counter.signals() == ["MANY_VEHICLES"]
    [signal] = await RightsSignal.all()
    sides = (signal.organisation_id, signal.operator_id, signal.place_id)
    assert sides == (counter.shop.issuer_id, counter.shop.operator_id, counter.shop.place_id)
    assert orjson.loads(signal.detail) == {"vehicles": 11, "seconds": 60}
    counter.shop.clock.advance(seconds=61)
    await counter.scan(car=await another_car())
    assert await counter.signals() == ["MANY_VEHICLES"]


async def test_many_vehicles_at_a_rotating_code_are_many_customers(counter: Counter) -> None:
    code = await counter.shop.code(kind=GrantCodeKind.ROTATING)
    shown = picture(KEYS[0], await counter.public_id(code), counter.shop.clock.now())
    for _ in range(MANY_VEHICLES_PER_MINUTE + 1):
        await counter.scan(shown, car=await another_car())
    assert await counter.signals() == []


async def test_guessing_at_one_code_is_told_though_each_guess_is_refused(
    counter: Counter,
) -> None:
    [door] = await guess(counter, GUESSES_PER_HOUR)
    assert door == f"grant:{await counter.public_id()}"
    assert await counter.signals() == []
    await guess(counter, 2)
    assert await counter.signals() == ["GUESSING"]
    counter.shop.clock.advance(minutes=61)
    await guess(counter, GUESSES_PER_HOUR)
    assert await counter.signals() == ["GUESSING"]
    await guess(counter, 1)
    assert await counter.signals() == ["GUESSING", "GUESSING"]


async def test_who_asks_too_often_has_not_guessed(counter: Counter) -> None:
    """A driver who touches the button again and again, or whoever is shut out already."""
    scanned = await counter.public_id()
    for _ in range(GUESSES_PER_HOUR + 2):
        with pytest.raises(TooManyTries):
            async with at_grant_code(scanned, keys=KEYS, **counter.shop.with_bus):
                raise TooManyTries("too many attempts", 60)
    assert await counter.signals() == []


async def test_a_stale_picture_and_a_far_phone(counter: Counter) -> None:
    rotating = await counter.shop.code(kind=GrantCodeKind.ROTATING)
    fenced = await counter.shop.code(radius_metres=200)
    for _ in range(2):
        assert await counter.told(rotating) == "PICTURE_STALE"
        assert await counter.told(fenced, position=FAR) == "TOO_FAR"
    assert await counter.signals() == ["STALE_PICTURE", "FAR_AWAY"]


async def test_without_a_fence_far_away_is_granted_and_told(counter: Counter) -> None:
    assert await counter.told(position=FAR) == "NEW"
    assert await counter.signals() == ["FAR_AWAY"]
    [signal] = await RightsSignal.all()
    assert 400_000 < orjson.loads(signal.detail)["metres"] < 600_000


async def test_what_else_is_refused_is_no_sign(counter: Counter) -> None:
    code = await counter.shop.code(needs_reference=True)
    assert await counter.told(code) == "REFERENCE_NEEDED"
    with pytest.raises(Refusal):
        await counter.scan("x" * 26)
    assert await counter.signals() == []
    assert await database().fetch("SELECT subject FROM attempt_window") == []
