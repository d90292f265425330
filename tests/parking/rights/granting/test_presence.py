"""Rights for vehicles that are parked there at the moment (CLAIMS A25)."""

import pytest

from parking.clock import TestClock
from parking.reservations.models import Reservation
from parking.rights.kinds import RightKind
from parking.rights.terms import Terms
from tests.parking.rights.granting.counter import Counter, car_of
from tests.parking.sessions.stage import Stage
from tests.support.issuing import make_issuing
from tests.support.leasing import make_lease

PLATE = "SAB123"


@pytest.mark.usefixtures("database")
async def test_a_vehicle_that_is_not_there_is_granted_nothing(clock: TestClock) -> None:
    stage = Stage(await make_lease(), clock)
    shop = await make_issuing(clock, stage.lease.estate)
    made = await shop.specification(RightKind.FREE, terms=Terms(needs_presence=True))
    car = await car_of(stage.lease.driver, PLATE)
    counter = Counter(shop, await shop.code(specification_id=made), car)
    stranger = await car_of(stage.lease.other, PLATE)
    assert await counter.told() == "NOT_PARKED_THERE"
    booked = await stage.book(0, 2)
    await Reservation.filter(id=booked).update(plate=PLATE)
    assert await counter.told() == "NOT_PARKED_THERE"
    await stage.come()
    # Who only types in the plate of a car that is there does not learn that it is.
    assert await counter.told(car=stranger) == "NOT_PARKED_THERE"
    assert await counter.told() == "NEW"
    await stage.go()
    assert await counter.told() == "AGAIN"
    clock.advance(days=1)
    assert await counter.told() == "NOT_PARKED_THERE"
