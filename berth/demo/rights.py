"""The demo's rights: the tea room gives its guests two hours, by a code on the table and another on
a screen; the mall's exit has a code, and the demo's driver a vehicle."""

from berth.demo.leasing import PLATE
from berth.demo.people import demo_person_id
from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.rights.codes.exit_codes import create_exit_code
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.kinds import GrantCodeKind, RightKind
from parking.rights.new_contract import NewContract
from parking.rights.specifications import create_specification
from parking.storage.sql import database
from parking.vehicles.enrol import enrol

NAME = "喝茶送停车两小时"
COUNTRY = "CN"
MINUTES, WORTH_MAX_MINOR = 120, 1_200
QUOTA, BUDGET_MINOR = 500, 300_000
CODES = ((GrantCodeKind.STATIC, "桌上的码"), (GrantCodeKind.ROTATING, "前台屏幕"))
EXIT = "B1 出口"


async def make_rights(issuer_id: int, place_id: int, clock: Clock, bus: Bus) -> None:
    """Make a contract with its codes, an exit code and a vehicle; again, it does nothing."""
    person_id = await demo_person_id(Role.DRIVER)
    assert person_id is not None, "people are made before their rights"
    await enrol(Viewer(person_id=person_id), COUNTRY, PLATE, "", clock=clock)
    if await database().fetch_one("SELECT 1 AS one FROM rights_contract LIMIT 1") is not None:
        return
    offered = NewContract(issuer_id, place_id, QUOTA, BUDGET_MINOR, worth_max_minor=WORTH_MAX_MINOR)
    contract_id = await offer_contract(SYSTEM, offered, clock=clock, bus=bus)
    await accept_contract(SYSTEM, contract_id, 1, clock=clock, bus=bus)
    right = NewSpecification(
        issuer_id, NAME, RightKind.MINUTES, "CNY", MINUTES, worth_max_minor=WORTH_MAX_MINOR
    )
    specification_id = await create_specification(SYSTEM, right, clock=clock)
    for kind, label in CODES:
        code = NewGrantCode(specification_id, contract_id, kind, label)
        await create_grant_codes(SYSTEM, code, clock=clock, bus=bus)
    await create_exit_code(SYSTEM, place_id, EXIT, clock=clock)


async def demo_codes() -> tuple[str, str] | None:
    """The public ids of the printed grant code and of the exit code, where the demo has them."""
    row = await database().fetch_one(
        "SELECT g.public_id AS grant_id, x.public_id AS exit_id FROM grant_code g"
        " JOIN exit_code x ON x.place_id = g.place_id AND x.revoked_at IS NULL"
        " WHERE g.kind = 'STATIC' AND g.state = 'ACTIVE' ORDER BY g.id, x.id LIMIT 1"
    )
    return None if row is None else (row["grant_id"], row["exit_id"])
