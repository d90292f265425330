"""The demo's organisations and people: one person for each role."""

from dataclasses import dataclass

from parking.accounts.addresses import parse_address
from parking.accounts.members import add_role
from parking.accounts.models import Role
from parking.accounts.organisations import create_organisation
from parking.accounts.people import find_or_make_person
from parking.accounts.standings import Standings
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.storage.sql import Sql, database
from parking.storage.transactions import transaction

MALL_COMPANY = "湖滨广场商业管理有限公司"
STREET_COMPANY = "Stadtparken Stuttgart GmbH"
COURTYARD_OWNERS = "Eigentümergemeinschaft Am Rosengarten 12"
TEA_ROOM = "龙井茶室"
PLATFORM_COMPANY = "Berth Platform"

ORGANISATIONS = (MALL_COMPANY, STREET_COMPANY, COURTYARD_OWNERS, TEA_ROOM, PLATFORM_COMPANY)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as: `role` in each of `organisations`."""

    role: Role
    name: str
    email: str
    locale: str
    organisations: tuple[str, ...]


PEOPLE = (
    DemoPerson(
        Role.OPERATOR,
        "Lena Vogt",
        "operator@berth.example",
        "en",
        (MALL_COMPANY, STREET_COMPANY, COURTYARD_OWNERS),
    ),
    DemoPerson(
        Role.ATTENDANT,
        "陈晓",
        "attendant@berth.example",
        "zh",
        (MALL_COMPANY, STREET_COMPANY),
    ),
    DemoPerson(Role.MERCHANT, "沈梅", "merchant@berth.example", "zh", (TEA_ROOM,)),
    DemoPerson(Role.OWNER, "Jonas Keller", "owner@berth.example", "en", (COURTYARD_OWNERS,)),
    DemoPerson(Role.DRIVER, "林悦", "driver@berth.example", "zh", (MALL_COMPANY, COURTYARD_OWNERS)),
    DemoPerson(Role.PLATFORM, "Pia Wendt", "platform@berth.example", "en", (PLATFORM_COMPANY,)),
)


async def make_people(clock: Clock) -> dict[str, int]:
    """Make organisations, people and memberships that are missing; organisation name to id."""
    standings = Standings(clock)
    async with transaction() as sql:
        organisations = {name: await _organisation(sql, name, clock) for name in ORGANISATIONS}
        for person in PEOPLE:
            person_id = await _person(sql, person, clock)
            for name in person.organisations:
                await add_role(
                    SYSTEM,
                    organisations[name],
                    person_id,
                    person.role,
                    clock=clock,
                    standings=standings,
                )
    return organisations


async def demo_person_id(role: Role) -> int | None:
    """The person of this role; None when the demo was never seeded here."""
    email = next(person.email for person in PEOPLE if person.role is role)
    row = await database().fetch_one("SELECT id FROM person WHERE email = $1", email)
    return None if row is None else int(row["id"])


async def _organisation(sql: Sql, name: str, clock: Clock) -> int:
    row = await sql.fetch_one("SELECT id FROM organisation WHERE name = $1 ORDER BY id", name)
    if row is not None:
        return int(row["id"])
    made = await create_organisation(SYSTEM, name, clock=clock, standings=Standings(clock))
    return made.id


async def _person(sql: Sql, person: DemoPerson, clock: Clock) -> int:
    address = parse_address(person.email)
    profile = await find_or_make_person(sql, address, person.locale, clock.now())
    if not profile.name:
        await sql.execute("UPDATE person SET name = $2 WHERE id = $1", profile.id, person.name)
    return profile.id
