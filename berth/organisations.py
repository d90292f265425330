"""Making an organisation with its first operator, and who works for the platform: as the system."""

from parking.accounts.addresses import parse_address
from parking.accounts.members import add_role, remove_member
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


async def grant_platform(organisation_id: int, person: str, clock: Clock | None = None) -> None:
    """Give a person, who gets an account if there is none, the role PLATFORM. Raises InvalidInput,
    NotFound."""
    clock = clock or SystemClock()
    standings, address = Standings(clock), parse_address(person, "person")
    async with transaction() as sql:
        found = await find_or_make_person(sql, address, "en", clock.now())
        await add_role(
            SYSTEM, organisation_id, found.id, Role.PLATFORM, clock=clock, standings=standings
        )


async def revoke_platform(organisation_id: int, person: str, clock: Clock | None = None) -> None:
    """Take the role PLATFORM from a person. Raises InvalidInput, NotFound."""
    clock = clock or SystemClock()
    standings, address = Standings(clock), parse_address(person, "person")
    async with transaction() as sql:
        found = await find_or_make_person(sql, address, "en", clock.now())
        await remove_member(
            SYSTEM, organisation_id, found.id, Role.PLATFORM, clock=clock, standings=standings
        )
