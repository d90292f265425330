"""A tea room that gives parking at the house of the browser's tests."""

from dataclasses import dataclass

from parking.accounts.models import Membership, Organisation, Person, Role
from parking.accounts.viewer import Viewer
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.kinds import GrantCodeKind, RightKind
from parking.rights.new_contract import NewContract
from parking.rights.specifications import create_specification
from tests.browser.conftest import OPERATOR, House
from tests.browser.leasing import CLOCK
from tests.support.estate import OPENED
from tests.support.leasing import somebody

MERCHANT = "mei@example.org"


@dataclass(frozen=True)
class Shop:
    """The tea room: its contract, an hour off, and who acts."""

    house: House
    issuer_id: int
    contract_id: int
    specification_id: int
    merchant: Viewer
    operator: Viewer

    async def code(self, kind: GrantCodeKind = GrantCodeKind.STATIC, **more: object) -> int:
        """A grant code of the hour off."""
        assert self.house.program is not None
        new = NewGrantCode(self.specification_id, self.contract_id, kind, **more)  # type: ignore[arg-type]
        [made] = await create_grant_codes(
            self.merchant, new, clock=CLOCK, bus=self.house.program.bus
        )
        return made


async def open_shop(house: House, *, is_accepted: bool = True) -> Shop:
    """The shop with a contract for a hundred rights and fifty euros."""
    assert house.program is not None
    with_bus = {"clock": CLOCK, "bus": house.program.bus}
    issuer = await Organisation.create(name="Tea room", created_at=OPENED)
    merchant = await somebody("Mei", {issuer.id: Role.MERCHANT})
    await join(merchant, issuer.id)
    ada = await Person.get(email=OPERATOR)
    operator = Viewer(
        person_id=ada.id, roles={house.estate.organisation_id: frozenset({Role.OPERATOR})}
    )
    terms = NewContract(issuer.id, house.estate.place_id, 100, 5000, 200, worth_max_minor=1000)
    contract = await offer_contract(operator, terms, **with_bus)
    if is_accepted:
        await accept_contract(merchant, contract, 1, **with_bus)
    hour = NewSpecification(issuer.id, "An hour with your tea", RightKind.MINUTES, "EUR", 60)
    made = await create_specification(merchant, hour, clock=CLOCK)
    return Shop(house, issuer.id, contract, made, merchant, operator)


async def join(merchant: Viewer, issuer_id: int) -> None:
    """Who acts for the shop can sign in as such."""
    await Membership.create(
        person_id=merchant.person_id, organisation_id=issuer_id, role=Role.MERCHANT,
        created_at=OPENED,
    )  # fmt: skip
