"""Fee contracts: which one holds, from when, and who sets them."""

import asyncio
from datetime import datetime, timedelta

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.settlement.contracts.dated import contract_for, set_fee_contract
from parking.settlement.contracts.fees import parse_fees
from parking.settlement.models import FeeContract
from parking.storage.sql import database as open_database
from tests.support.estate import Estate, make_estate
from tests.support.operators import make_organisation, member

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def estate(database: str) -> Estate:
    """A place whose operator is another organisation than the lessor."""
    return await make_estate()


@pytest.fixture
async def lessor(estate: Estate) -> int:
    return await make_organisation("Quay owners")


def percent(value: int) -> str:
    return f'{{"platform": {{"percent": {value}}}}}'


async def platform_share(lessor_id: int, place_id: int, at: datetime) -> int | None:
    """The platform's percent by the contract that holds."""
    found = await contract_for(open_database(), lessor_id, place_id, at)
    return None if found is None else parse_fees(found.terms).platform.basis_points // 100


async def test_the_most_particular_contract_holds(
    estate: Estate, lessor: int, clock: TestClock
) -> None:
    place, now = estate.place_id, clock.now()
    assert await contract_for(open_database(), lessor, place, now) is None
    for whose, where, share in (
        (None, None, 15), (None, place, 12), (lessor, None, 10), (lessor, place, 5),
    ):  # fmt: skip
        await set_fee_contract(SYSTEM, whose, where, percent(share), clock=clock)
        assert await platform_share(lessor, place, now) == share
    assert await platform_share(lessor, place + 1, now) == 10
    assert await platform_share(lessor + 1, place, now) == 12
    assert await platform_share(lessor + 1, place + 1, now) == 15


async def test_a_new_one_ends_the_one_before_on_its_day(
    estate: Estate, lessor: int, clock: TestClock
) -> None:
    place, now = estate.place_id, clock.now()
    later = now + timedelta(days=30)
    await set_fee_contract(SYSTEM, lessor, None, percent(15), clock=clock)
    await set_fee_contract(SYSTEM, lessor, None, percent(20), later, clock=clock)
    assert await platform_share(lessor, place, later - timedelta(microseconds=1)) == 15
    assert await platform_share(lessor, place, later) == 20
    clock.advance(days=10)
    await set_fee_contract(SYSTEM, lessor, None, percent(18), clock=clock)
    assert await platform_share(lessor, place, now) == 15, "what held then still says so"
    assert await platform_share(lessor, place, clock.now()) == 18
    assert await platform_share(lessor, place, later) == 20, "what was set for later still begins"


async def test_one_that_has_not_begun_is_replaced(
    estate: Estate, lessor: int, clock: TestClock
) -> None:
    later = clock.now() + timedelta(days=30)
    for share in (20, 25):
        await set_fee_contract(SYSTEM, lessor, None, percent(share), later, clock=clock)
    assert await platform_share(lessor, estate.place_id, later) == 25


async def test_none_begins_in_the_past(lessor: int, clock: TestClock) -> None:
    before = clock.now() - timedelta(seconds=1)
    with pytest.raises(InvalidInput) as refused:
        await set_fee_contract(SYSTEM, lessor, None, percent(1), before, clock=clock)
    assert refused.value.field == "validFrom"


async def test_the_platform_sets_them_and_nobody_else(
    estate: Estate, lessor: int, clock: TestClock
) -> None:
    for viewer in (member(lessor, Role.OWNER, Role.OPERATOR), Viewer()):
        with pytest.raises(NotPermitted):
            await set_fee_contract(viewer, lessor, None, percent(0), clock=clock)
    paula = member(estate.organisation_id, Role.PLATFORM, person_id=7)
    made = await set_fee_contract(paula, lessor, estate.place_id, percent(3), clock=clock)
    assert (await FeeContract.get(id=made)).created_by == 7
    for whose, where in ((999, None), (None, 999)):
        with pytest.raises(NotFound):
            await set_fee_contract(paula, whose, where, percent(3), clock=clock)


async def test_two_at_once_leave_no_two_that_hold(lessor: int, clock: TestClock) -> None:
    await asyncio.gather(
        *(set_fee_contract(SYSTEM, lessor, None, percent(n), clock=clock) for n in range(6))
    )
    holding = await FeeContract.filter(organisation_id=lessor, valid_until=None).count()
    assert holding == 1
