"""Grant codes: made one by one or by the roll, revoked, and reissued when they were copied."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal
from parking.places.models import Place
from parking.rights.codes.manage import (
    create_grant_codes,
    reissue_grant_code,
    revoke_grant_code,
    revoke_grant_codes,
)
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.kinds import GrantCodeKind, GrantCodeState, RightKind
from parking.rights.models import GrantCode
from parking.rights.new_contract import NewContract
from parking.rights.queries import find_grant_codes, grant_codes_by_id
from parking.rights.records import GrantCodeRecord
from parking.rights.specifications import create_specification
from parking.rights.topics import organisation_rights_topic
from tests.support.issuing import Issuing, contract, make_issuing, specification
from tests.support.operators import api_key, make_organisation, member


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def read(issuing: Issuing, code_id: int) -> GrantCodeRecord:
    return (await grant_codes_by_id(issuing.merchant, [code_id]))[code_id]


async def refusal(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


def new(issuing: Issuing, **more: Any) -> NewGrantCode:
    given = {"specification_id": issuing.specification_id, "contract_id": issuing.contract_id}
    return NewGrantCode(**{**given, **more})


async def test_a_code_is_of_its_contracts_issuer_and_place(issuing: Issuing) -> None:
    until = issuing.clock.now() + timedelta(days=7)
    made = await issuing.code(
        kind=GrantCodeKind.ROTATING, label=" At the  till", uses_max=5, needs_reference=True,
        valid_until=until, radius_metres=150,
    )  # fmt: skip
    found = await read(issuing, made)
    assert (found.organisation_id, found.place_id) == (issuing.issuer_id, issuing.place_id)
    assert (found.kind, found.label, found.uses, found.uses_max) == (
        GrantCodeKind.ROTATING, "At the till", 0, 5,
    )  # fmt: skip
    assert (found.valid_from, found.valid_until) == (issuing.clock.now(), until)
    assert (found.latitude, found.longitude, found.radius_metres) == (48.77, 9.18, 150)
    assert found.needs_reference


async def test_a_print_run_is_made_in_one_call(issuing: Issuing) -> None:
    async with issuing.bus.subscribe(organisation_rights_topic(issuing.operator_id)) as told:
        made = await issuing.codes(500, label="Roll", uses_max=1)
        await anext(aiter(told))
    found = await find_grant_codes(issuing.merchant, limit=501)
    assert sorted(each.id for each in found) == sorted(made)
    by_id = {each.id: each for each in found}
    assert [by_id[each].label for each in made] == [f"Roll {n}" for n in range(1, 501)]
    assert len({each.public_id for each in found}) == 500


async def test_whose_code_it_is_says_who_may_make_it(issuing: Issuing) -> None:
    wanted = new(issuing)
    for viewer in (
        api_key(issuing.issuer_id, Scope.RIGHTS_WRITE), member(issuing.issuer_id, Role.OWNER),
    ):  # fmt: skip
        assert await create_grant_codes(viewer, wanted, **issuing.with_bus)
    for viewer, why in (
        (issuing.operator, NotFound), (issuing.driver, NotFound), (ANONYMOUS, NotFound),
        (api_key(issuing.operator_id, Scope.RIGHTS_WRITE), NotFound),
        (api_key(issuing.issuer_id, Scope.RIGHTS_READ), NotPermitted),
    ):  # fmt: skip
        with pytest.raises(why):
            await create_grant_codes(viewer, wanted, **issuing.with_bus)


async def test_nobody_grants_on_a_contract_of_others(issuing: Issuing) -> None:
    other = await make_organisation("Book shop")
    wanted = contract(other, issuing.place_id)
    offered = await offer_contract(issuing.operator, wanted, **issuing.with_bus)
    await accept_contract(member(other, Role.MERCHANT), offered, 1, **issuing.with_bus)
    for contract_id in (offered, 999):
        assert isinstance(await refusal(issuing.code(contract_id=contract_id)), NotFound)


async def test_the_contract_has_to_be_agreed_and_not_over(issuing: Issuing) -> None:
    offered = await issuing.offer()
    ends = await issuing.contract(valid_until=issuing.clock.now() + timedelta(days=1))
    assert (await refusal(issuing.code(contract_id=offered))).code == "WRONG_STATE"
    issuing.clock.advance(days=1)
    assert (await refusal(issuing.code(contract_id=ends))).code == "VALIDITY_OVER"
    await Place.filter(id=issuing.place_id).update(retired_at=issuing.clock.now())
    assert (await refusal(issuing.code())).code == "PLACE_RETIRED"


async def test_it_has_to_fit_the_contract(issuing: Issuing) -> None:
    francs = await issuing.specification(RightKind.FREE, currency="CHF")
    assert (await refusal(issuing.code(specification_id=francs))).code == "CURRENCY_DIFFERS"
    limited = await issuing.specification(RightKind.FREE, worth_max_minor=400)
    assert await issuing.code(specification_id=limited)


async def test_a_budget_of_ones_own_wants_to_know_what_a_right_costs(issuing: Issuing) -> None:
    """Between two sides the contract says it."""
    who, both = issuing.operator, issuing.with_bus
    own = NewContract(issuing.operator_id, issuing.place_id, budget_minor=1_000)
    agreed = await offer_contract(who, own, **both)
    for worth, wanted in ((None, "BUDGET_NEEDS_LIMIT"), (400, None)):
        given = specification(issuing.operator_id, RightKind.FREE, 0, worth_max_minor=worth)
        made = await create_specification(who, given, clock=issuing.clock)
        made_codes = create_grant_codes(who, NewGrantCode(made, agreed), 1, **both)
        if wanted is None:
            assert await made_codes
        else:
            assert (await refusal(made_codes)).code == wanted


async def test_a_radius_needs_to_know_where(issuing: Issuing) -> None:
    await Place.filter(id=issuing.place_id).update(latitude=None, longitude=None)
    refused = await refusal(issuing.code(radius_metres=50))
    assert isinstance(refused, InvalidInput)
    assert refused.field == "latitude"
    own = await issuing.code(radius_metres=50, latitude=48.0, longitude=9.0)
    assert (await read(issuing, own)).latitude == 48.0


async def test_revoked_by_the_issuer_or_by_who_runs_the_place(issuing: Issuing) -> None:
    both = issuing.with_bus
    till = api_key(issuing.issuer_id, Scope.RIGHTS_WRITE)
    for viewer in (issuing.merchant, issuing.operator, till):
        made = await issuing.code()
        for reason in ("copied", "again"):
            await revoke_grant_code(viewer, made, reason, **both)
        found = await read(issuing, made)
        assert (found.state, found.reason, found.revoked_at, found.version) == (
            GrantCodeState.REVOKED, "copied", issuing.clock.now(), 2,
        )  # fmt: skip
    made = await issuing.code()
    gate = api_key(issuing.operator_id, Scope.RIGHTS_WRITE)
    assert isinstance(await refusal(revoke_grant_code(gate, made, "no", **both)), NotPermitted)
    for stranger in (issuing.driver, issuing.attendant, ANONYMOUS):
        assert isinstance(await refusal(revoke_grant_code(stranger, made, "no", **both)), NotFound)
    no_reason = await refusal(revoke_grant_code(issuing.merchant, made, " ", **both))
    assert isinstance(no_reason, InvalidInput)


async def test_of_several_all_are_revoked_or_none(issuing: Issuing) -> None:
    made = await issuing.codes(3)
    for wrong in ([*made, 999], []):
        with pytest.raises(Refusal):
            await revoke_grant_codes(issuing.merchant, wrong, "lost", **issuing.with_bus)
    assert await GrantCode.filter(state=GrantCodeState.ACTIVE).count() == 3
    async with issuing.bus.subscribe(organisation_rights_topic(issuing.issuer_id)) as told:
        await revoke_grant_codes(issuing.merchant, made, "lost", **issuing.with_bus)
        await anext(aiter(told))
    assert await GrantCode.filter(state=GrantCodeState.ACTIVE).count() == 0


async def reissued(issuing: Issuing, code_id: int, who: Viewer | None = None) -> int:
    return await reissue_grant_code(who or issuing.merchant, code_id, "copied", **issuing.with_bus)


async def test_reissued_it_has_what_was_left_and_another_id(issuing: Issuing) -> None:
    until = issuing.clock.now() + timedelta(days=7)
    made = await issuing.code(
        uses_max=9, label="Till", needs_reference=True, valid_until=until, radius_metres=70
    )
    await GrantCode.filter(id=made).update(uses=4)
    issuing.clock.advance(hours=1)
    again = await reissued(issuing, made)
    old, found = await read(issuing, made), await read(issuing, again)
    assert (old.state, old.reason, old.replaced_by_id) == (
        GrantCodeState.REVOKED, "copied", again,
    )  # fmt: skip
    assert (old.uses, found.uses, found.uses_max) == (4, 0, 5)
    assert found.public_id != old.public_id
    same = "kind label place_id needs_reference valid_from valid_until latitude radius_metres"
    for name in same.split():
        assert getattr(found, name) == getattr(old, name)


async def test_what_is_over_is_not_reissued(issuing: Issuing) -> None:
    used = await issuing.code(uses_max=2)
    await GrantCode.filter(id=used).update(uses=2)
    assert (await refusal(reissued(issuing, used))).code == "EXHAUSTED"
    ends = await issuing.code(valid_until=issuing.clock.now() + timedelta(hours=1))
    revoked = await issuing.code()
    await revoke_grant_code(issuing.merchant, revoked, "lost", **issuing.with_bus)
    assert (await refusal(reissued(issuing, revoked))).code == "WRONG_STATE"
    issuing.clock.advance(hours=1)
    assert (await refusal(reissued(issuing, ends))).code == "VALIDITY_OVER"
    live = await issuing.code()
    assert isinstance(await refusal(reissued(issuing, live, issuing.operator)), NotPermitted)
    assert isinstance(await refusal(reissued(issuing, live, issuing.driver)), NotFound)


async def test_reissued_twice_at_once_there_is_one_new_code(issuing: Issuing) -> None:
    made = await issuing.code()
    results = await asyncio.gather(
        *(reissued(issuing, made) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, Conflict) for each in results) == 3
    assert await GrantCode.all().count() == 2
