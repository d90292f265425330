"""Something paid and settled in the house of the browser's tests."""

from dataclasses import dataclass

from parking.accounts.models import Membership, Organisation, Person, Role
from parking.sessions.override import end_session, start_session
from parking.settlement.models import ChargeRecord, Settlement
from parking.settlement.settle import settle_ended
from tests.browser.conftest import House
from tests.browser.leasing import CLOCK, Booked, book
from tests.support.estate import OPENED
from tests.support.leasing import somebody

DRIVER, OWNER = "dora@example.org", "olga@example.org"
PLATFORM = "paula@example.org"


@dataclass(frozen=True)
class Paid:
    """A booking of 4.00 that was used and is settled."""

    booked: Booked
    settlement_id: int
    charge_id: int
    number: str


async def end_stay(house: House, booked: Booked) -> Paid:
    """The car has come and left; the worker has settled."""
    assert house.program is not None
    bus, organisation = house.program.bus, house.estate.organisation_id
    staff = await somebody("Ophelia", {organisation: Role.OPERATOR})
    stay = await start_session(staff, booked.reservation_id, clock=CLOCK, bus=bus)
    await end_session(staff, stay, clock=CLOCK, bus=bus)
    await settle_ended(CLOCK, bus)
    settled = await Settlement.get(reservation_id=booked.reservation_id)
    charge = await ChargeRecord.get(settlement_id=settled.id)
    return Paid(booked, settled.id, charge.id, charge.number)


async def paid(house: House) -> Paid:
    """A booking of two hours, already settled."""
    return await end_stay(house, await book(house))


async def make_platform() -> None:
    """Somebody with the role PLATFORM."""
    house = await Organisation.create(name="Berth itself", created_at=OPENED)
    person = await Person.create(name="Paula", email=PLATFORM, created_at=OPENED)
    await Membership.create(
        person_id=person.id, organisation_id=house.id, role=Role.PLATFORM, created_at=OPENED
    )
