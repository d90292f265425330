"""Who takes part when a car's position is shared, in the house of the browser's tests."""

from parking.accounts.models import Membership, Role
from parking.accounts.viewer import Viewer
from parking.locations.bindings.answer import accept_binding
from tests.browser.conftest import House
from tests.browser.leasing import CLOCK
from tests.support.estate import OPENED
from tests.support.leasing import somebody

DRIVER, FRIEND, ATTENDANT = "dora@example.org", "fred@example.org", "atto@example.org"


async def attended(house: House) -> Viewer:
    """An attendant of the place, who can sign in."""
    organisation = house.estate.organisation_id
    attendant = await somebody("Atto", {organisation: Role.ATTENDANT})
    await Membership.create(
        person_id=attendant.person_id, organisation_id=organisation, role=Role.ATTENDANT,
        created_at=OPENED,
    )  # fmt: skip
    return attendant


async def accept(house: House, friend: Viewer, address: str, name: str | None = None) -> int:
    """Somebody agrees to the invitation with this address; the binding."""
    assert house.program is not None
    token = address.rpartition("/")[2]
    return await accept_binding(
        friend, token, name=name, reach=None, clock=CLOCK, bus=house.program.bus
    )
