"""Statistics: what became of what was granted, in one statement for as many codes as are asked."""

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.rights.kinds import RedemptionState, RightState
from parking.rights.statistics import (
    NONE,
    Day,
    Figures,
    days_of_codes,
    days_of_specifications,
    statistics_of_codes,
    statistics_of_contracts,
    statistics_of_specifications,
)
from tests.parking.rights.issued import Issued, make_issued
from tests.schema.statements import counted
from tests.support.operators import api_key, member

_R = RightState


@pytest.fixture
async def issued(database: str, clock: TestClock) -> Issued:
    del database
    return await make_issued(clock)


async def test_each_right_counts_once_whatever_it_paid(issued: Issued) -> None:
    shop = issued.shop
    first, second, third = await shop.codes(3)
    for state in (_R.HELD, _R.REDEEMED, _R.EXPIRED, _R.EXPIRED, _R.REVOKED):
        await issued.right(first, state)
    used = await issued.right(first, _R.USED, "2026-01-06")
    await issued.redemption(used, issuer_minor=120, operator_minor=30)
    await issued.redemption(used, issuer_minor=80)
    await issued.redemption(used, RedemptionState.CANCELLED)
    other = await issued.right(second, _R.USED)
    await issued.redemption(other, issuer_minor=50, operator_minor=0)

    one = Figures(6, 1, 1, 1, 2, 1, issuer_minor=200, operator_minor=30)
    two = Figures(1, used=1, issuer_minor=50)
    both = Figures(7, 1, 1, 2, 2, 1, issuer_minor=250, operator_minor=30)
    asked, of_all = [first, second, third], shop.specification_id
    with counted() as statements:
        assert await statistics_of_codes(shop.merchant, asked) == {
            first: one, second: two, third: NONE,
        }  # fmt: skip
    assert len(statements) == 1
    assert await statistics_of_specifications(shop.operator, [of_all]) == {of_all: both}
    assert await statistics_of_contracts(shop.merchant, [shop.contract_id]) == {
        shop.contract_id: both
    }
    early, late = Figures(5, 1, 1, 0, 2, 1), Figures(1, used=1, issuer_minor=200, operator_minor=30)
    assert await days_of_codes(shop.merchant, asked, "2026-01-05") == {
        first: [Day("2026-01-05", early), Day("2026-01-06", late)],
        second: [Day("2026-01-05", two)],
        third: [],
    }
    assert await days_of_specifications(shop.merchant, [of_all], "2026-01-06") == {
        of_all: [Day("2026-01-06", late)]
    }


async def test_they_are_the_issuers_and_the_operators_alone(issued: Issued) -> None:
    shop = issued.shop
    code = await shop.code()
    await issued.right(code)
    for viewer, seen in (
        (shop.merchant, 1), (shop.operator, 1), (api_key(shop.issuer_id, Scope.RIGHTS_READ), 1),
        (member(77, Role.PLATFORM), 1), (shop.driver, 0), (shop.attendant, 0), (ANONYMOUS, 0),
        (api_key(shop.issuer_id, Scope.PLACES_READ), 0), (member(77, Role.OPERATOR), 0),
    ):  # fmt: skip
        assert (await statistics_of_codes(viewer, [code]))[code].granted == seen
