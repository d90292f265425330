"""Drivers with vehicles, for tests."""

from dataclasses import dataclass
from itertools import count

from parking.accounts.models import Person
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.vehicles.enrol import enrol
from parking.vehicles.set_code import set_code
from tests.support.estate import OPENED

SEALER = Sealer(b"a secret of the tests, long enough")
PLATE = "B-MW 1234"
_numbers = count(1)


async def make_driver(name: str = "Ada") -> Viewer:
    """A signed-in person."""
    email = f"driver-{next(_numbers)}@example.org"
    person = await Person.create(name=name, email=email, created_at=OPENED)
    return Viewer(person_id=person.id)


@dataclass(frozen=True)
class Coded:
    """A driver with a vehicle that has a code."""

    driver: Viewer
    enrolment_id: int
    code: str


async def make_coded(clock: TestClock, word: str = "harbour view", plate: str = PLATE) -> Coded:
    """A new driver, who has set a code."""
    driver = await make_driver()
    enrolment_id = await enrol(driver, "DE", plate, "", clock=clock)
    code = await set_code(driver, enrolment_id, word, clock=clock, sealer=SEALER)
    return Coded(driver, enrolment_id, code)
