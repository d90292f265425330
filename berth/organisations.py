"""Making an organisation with its first operator, as the system."""

from parking.accounts.addresses import parse_address
from parking.accounts.members import add_role
from parking.accounts.models import Role
from parking.accounts.organisations import create_organisation
from parking.accounts.people import find_or_make_person
from parking.accounts.standings import Standings
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, SystemClock
from parking.storage.transactions import transaction


async def make_organisation(name: str, operator: str, clock: Clock | None = None) -> int:
    """The organisation's id. The operator gets an account if there is none. Raises InvalidInput."""
    clock = clock or SystemClock()
    standings = Standings(clock)
    address = parse_address(operator, "operator")
    async with transaction() as sql:
        made = await create_organisation(SYSTEM, name, clock=clock, standings=standings)
        person = await find_or_make_person(sql, address, "en", clock.now())
        await add_role(SYSTEM, made.id, person.id, Role.OPERATOR, clock=clock, standings=standings)
    return made.id
