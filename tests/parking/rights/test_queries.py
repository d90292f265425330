"""Reading rights: each side its own, by id and in pages, and nobody else anything."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.rights import queries
from parking.rights.codes.exit_codes import create_exit_code
from parking.rights.kinds import GrantCodeState, RightState, SignalKind
from parking.rights.models import RightsSignal
from parking.rights.queries import ANY, RightsFilter
from parking.vehicles.models import Enrolment
from tests.parking.rights.issued import Issued, make_issued
from tests.support.leasing import somebody
from tests.support.operators import api_key, member

Find = Callable[..., Awaitable[list[Any]]]
Read = Callable[[Viewer, list[int]], Awaitable[Mapping[int, Any]]]


@pytest.fixture
async def issued(database: str, clock: TestClock) -> Issued:
    del database
    return await make_issued(clock)


async def signal(issued: Issued, code_id: int) -> int:
    made = await RightsSignal.create(
        kind=SignalKind.FAR_AWAY, grant_code_id=code_id, organisation_id=issued.shop.issuer_id,
        operator_id=issued.shop.operator_id, place_id=issued.shop.place_id, detail="{}",
        at=issued.shop.clock.now(),
    )  # fmt: skip
    signal_id: int = made.id
    return signal_id


async def seen(viewer: Viewer, name: str, key: int) -> bool:
    """Whether the viewer finds it by id; the list has to agree."""
    read: Read = getattr(queries, f"{name}_by_id")
    find: Find = getattr(queries, f"find_{name}")
    by_id, listed = await read(viewer, [key]), await find(viewer, limit=9)
    assert (key in by_id) == (key in [each.id for each in listed]), (viewer, name)
    return key in by_id


async def test_each_side_sees_its_own_and_nobody_else_anything(issued: Issued) -> None:
    shop = issued.shop
    code = await shop.code()
    right = await issued.right(code)
    rows = {
        "specifications": shop.specification_id,
        "grant_codes": code,
        "rights": right,
        "redemptions": await issued.redemption(right),
        "exit_codes": await create_exit_code(shop.operator, shop.place_id, clock=shop.clock),
        "invoices": await issued.invoice(),
        "signals": await signal(issued, code),
    }
    everything = set(rows)
    issuers = everything - {"exit_codes"}
    for viewer, wanted in (
        (SYSTEM, everything),
        (member(99, Role.PLATFORM, person_id=50), everything),
        (shop.merchant, issuers),
        (member(shop.issuer_id, Role.OWNER, person_id=51), issuers),
        (api_key(shop.issuer_id, Scope.RIGHTS_READ), issuers),
        (api_key(shop.issuer_id, Scope.RIGHTS_WRITE), issuers),
        (shop.operator, everything - {"invoices"}),
        (api_key(shop.operator_id, Scope.RIGHTS_WRITE), everything - {"invoices"}),
        (shop.driver, {"rights", "redemptions"}),
        (shop.attendant, set[str]()),
        (member(shop.issuer_id, Role.DRIVER, person_id=52), set[str]()),
        (api_key(shop.issuer_id, Scope.PLACES_WRITE), set[str]()),
        (issued.lease.other, set[str]()),
        (replace(shop.driver, link_of=1), set[str]()),
        (ANONYMOUS, set[str]()),
    ):
        found = {name for name, key in rows.items() if await seen(viewer, name, key)}
        assert found == wanted, viewer


async def test_a_vehicle_code_shows_the_rights_of_its_enrolment_only(issued: Issued) -> None:
    code = await issued.shop.code()
    mine, other = [await issued.right(code) for _ in range(2)]
    right = (await queries.rights_by_id(issued.shop.driver, [mine]))[mine]
    holder = Viewer(person_id=right.person_id, enrolment_of=right.enrolment_id)
    assert list(await queries.rights_by_id(holder, [mine, other])) == [mine]
    redeemed = [await issued.redemption(each) for each in (mine, other)]
    assert list(await queries.redemptions_by_id(holder, redeemed)) == redeemed[:1]


async def test_a_stranger_with_the_same_vehicle_sees_nothing(issued: Issued) -> None:
    stranger = await somebody("Sam")
    first = await Enrolment.get(id=await issued.enrolment())
    await issued.right(await issued.shop.code(), enrolment_id=first.id)
    again = await Enrolment.create(
        vehicle_id=first.vehicle_id, person_id=stranger.person_id, created_at=first.created_at
    )
    for viewer in (stranger, Viewer(person_id=stranger.person_id, enrolment_of=again.id)):
        assert await queries.find_rights(viewer, limit=9) == []


async def test_pages_go_on_before_an_id_and_keep_to_what_is_asked(issued: Issued) -> None:
    shop = issued.shop
    codes = await shop.codes(4, label="50%_Till")
    other = await shop.code(label="50% till, other", contract_id=await shop.contract())
    merchant, find = shop.merchant, queries.find_grant_codes
    first = await find(merchant, limit=2)
    assert [each.id for each in first] == [other, codes[3]]
    rest = await find(merchant, limit=9, before_id=first[-1].id)
    assert [each.id for each in rest] == codes[2::-1]

    async def ids(**wanted: Any) -> list[int]:
        return sorted([each.id for each in await find(merchant, RightsFilter(**wanted), limit=9)])

    assert await ids(contract_id=shop.contract_id) == codes
    assert await ids(label="50%_till") == codes
    assert await ids(label="TILL 3") == [codes[2]]
    assert await ids(label="till\0") == []
    assert await ids(operator_id=shop.operator_id, place_id=shop.place_id) == [*codes, other]
    assert await ids(operator_id=shop.issuer_id) == []
    assert await ids(states=[GrantCodeState.REVOKED]) == []
    assert await ids(organisation_id=shop.issuer_id, specification_id=999) == []


async def test_rights_and_redemptions_are_found_by_what_they_hang_on(issued: Issued) -> None:
    shop = issued.shop
    one, two = await shop.codes(2)
    used, held = await issued.right(one, RightState.USED), await issued.right(two)
    done = await issued.redemption(used)
    for wanted, rights in (
        (ANY, [held, used]), (RightsFilter(states=[RightState.USED]), [used]),
        (RightsFilter(grant_code_id=two, contract_id=shop.contract_id), [held]),
        (RightsFilter(person_id=shop.driver.person_id, enrolment_id=0), []),
    ):  # fmt: skip
        found = await queries.find_rights(shop.merchant, wanted, limit=9)
        assert [each.id for each in found] == rights
    for wanted, redemptions in (
        (RightsFilter(right_id=used), [done]), (RightsFilter(grant_code_id=one), [done]),
        (RightsFilter(grant_code_id=two), []),
        (RightsFilter(specification_id=shop.specification_id), [done]),
    ):  # fmt: skip
        listed = await queries.find_redemptions(shop.operator, wanted, limit=9)
        assert [each.id for each in listed] == redemptions
    by_right = await queries.redemptions_of_rights(shop.driver, [used, held])
    assert {key: [each.id for each in value] for key, value in by_right.items()} == {
        used: [done], held: [],
    }  # fmt: skip
    assert await queries.redemptions_of_rights(issued.lease.other, [used]) == {used: []}
