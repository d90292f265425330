"""What rights and contracts are called: told to whoever sees them, and to nobody else."""

from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.rights.names import (
    ContractNames,
    RightNames,
    names_of_contracts,
    names_of_rights,
)
from tests.parking.rights.issued import make_issued
from tests.support.leasing import somebody
from tests.support.operators import api_key


async def test_holder_issuer_and_operator_read_names_and_strangers_nothing(
    database: str, clock: TestClock
) -> None:
    issued = await make_issued(clock)
    shop = issued.shop
    enrolment = await issued.enrolment()
    right = await issued.right(await shop.code(), enrolment_id=enrolment)
    by_code = Viewer(person_id=shop.driver.person_id, enrolment_of=enrolment)
    told = (await names_of_rights(SYSTEM, [right]))[right]
    assert isinstance(told, RightNames)
    assert (told.name, told.issuer_name) == ("An hour with your tea", "Tea room")
    reader = api_key(shop.issuer_id, Scope.RIGHTS_READ)
    for viewer in (shop.driver, by_code, shop.merchant, shop.operator, reader):
        assert await names_of_rights(viewer, [right]) == {right: told}
    another_car = Viewer(person_id=shop.driver.person_id, enrolment_of=enrolment + 1)
    for viewer in (ANONYMOUS, shop.attendant, await somebody("Stan"), another_car):
        assert await names_of_rights(viewer, [right]) == {}


async def test_both_sides_of_a_contract_read_each_others_names(
    database: str, clock: TestClock
) -> None:
    shop = (await make_issued(clock)).shop
    told = (await names_of_contracts(SYSTEM, [shop.contract_id]))[shop.contract_id]
    assert isinstance(told, ContractNames)
    assert told.issuer_name == "Tea room"
    for viewer in (shop.merchant, shop.operator):
        assert await names_of_contracts(viewer, [shop.contract_id]) == {shop.contract_id: told}
    for viewer in (ANONYMOUS, shop.driver, shop.attendant):
        assert await names_of_contracts(viewer, [shop.contract_id]) == {}
