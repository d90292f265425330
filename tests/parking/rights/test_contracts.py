"""Contracts: offered by the place, accepted by the issuer, never below what is used."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.places.edit import update_place
from parking.places.edits import KEEP, PlaceEdit
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.contract_steps import FOLLOWING, Step, require_following
from parking.rights.contracts import (
    accept_contract,
    decline_contract,
    end_contract,
    offer_contract,
    raise_contract_limits,
)
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from parking.rights.new_contract import NewContract
from parking.rights.queries import contracts_by_id, find_contracts
from parking.rights.records import ContractRecord
from parking.rights.specifications import create_specification
from parking.rights.topics import organisation_rights_topic
from parking.storage.sql import database as open_database
from tests.support.issuing import Issuing, contract, make_issuing, specification
from tests.support.leasing import somebody
from tests.support.operators import api_key, member

_S = ContractState


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def read(issuing: Issuing, contract_id: int) -> ContractRecord:
    return (await contracts_by_id(issuing.merchant, [contract_id]))[contract_id]


def test_what_is_over_stays_so() -> None:
    for state, following in FOLLOWING.items():
        for step, wanted in zip(Step, (_S.ACTIVE, _S.DECLINED, _S.ENDED), strict=True):
            if wanted in following:
                assert require_following(step, state) is wanted
                continue
            with pytest.raises(Conflict) as refused:
                require_following(step, state)
            assert refused.value.code == "WRONG_STATE"


async def test_the_place_offers_and_the_issuer_accepts(issuing: Issuing) -> None:
    until = issuing.clock.now() + timedelta(days=30)
    made = await issuing.offer(
        quota=9, budget_minor=900, price_minor=50, worth_max_minor=70, valid_until=until
    )
    found = await read(issuing, made)
    assert (found.state, found.quota, found.budget_minor) == (_S.OFFERED, 9, 900)
    assert (found.price_minor, found.worth_max_minor) == (50, 70)
    assert (found.operator_id, found.currency) == (issuing.operator_id, "EUR")
    for _ in range(2):
        await accept_contract(issuing.merchant, made, 1, **issuing.with_bus)
    found = await read(issuing, made)
    assert (found.state, found.version) == (_S.ACTIVE, 2)
    assert found.decided_by == issuing.merchant.person_id


async def test_who_is_both_agrees_with_themselves(issuing: Issuing) -> None:
    own = NewContract(issuer_id=issuing.operator_id, place_id=issuing.place_id)
    made = await offer_contract(issuing.operator, own, **issuing.with_bus)
    found = await RightsContract.get(id=made)
    assert (found.state, found.decided_by) == (_S.ACTIVE, issuing.operator.person_id)


async def test_only_who_runs_the_place_offers(issuing: Issuing) -> None:
    new = contract(issuing.issuer_id, issuing.place_id)
    key = api_key(issuing.operator_id, Scope.RIGHTS_WRITE, Scope.PLACES_WRITE)
    for viewer in (issuing.merchant, issuing.attendant, issuing.driver, key, ANONYMOUS):
        with pytest.raises(NotPermitted):
            await offer_contract(viewer, new, **issuing.with_bus)
    for wrong in (
        contract(999, issuing.place_id),
        contract(issuing.issuer_id, 999),
    ):
        with pytest.raises(NotFound):
            await offer_contract(issuing.operator, wrong, **issuing.with_bus)


async def test_only_the_issuers_people_accept_or_decline(issuing: Issuing) -> None:
    made = await issuing.offer()
    key = api_key(issuing.issuer_id, Scope.RIGHTS_WRITE)
    for viewer, wanted in (
        (issuing.operator, NotPermitted), (key, NotPermitted),
        (issuing.driver, NotFound), (issuing.attendant, NotFound), (ANONYMOUS, NotFound),
    ):  # fmt: skip
        with pytest.raises(wanted):
            await accept_contract(viewer, made, 1, **issuing.with_bus)
        with pytest.raises(wanted):
            await decline_contract(viewer, made, **issuing.with_bus)
    assert (await read(issuing, made)).state is _S.OFFERED


async def test_declined_or_ended_nothing_follows(issuing: Issuing) -> None:
    for end, who in ((decline_contract, issuing.merchant), (end_contract, issuing.operator)):
        made = await issuing.offer()
        await end(who, made, "too dear", **issuing.with_bus)
        assert (await read(issuing, made)).reason == "too dear"
        with pytest.raises(Conflict) as refused:
            await accept_contract(issuing.merchant, made, 1, **issuing.with_bus)
        assert refused.value.code == "WRONG_STATE"


async def test_an_offer_lapses_with_its_time(issuing: Issuing) -> None:
    made = await issuing.offer(valid_until=issuing.clock.now() + timedelta(hours=1))
    issuing.clock.advance(hours=1)
    with pytest.raises(Conflict) as refused:
        await accept_contract(issuing.merchant, made, 1, **issuing.with_bus)
    assert refused.value.code == "VALIDITY_OVER"


async def limit(issuing: Issuing, who: Viewer, quota: int | None, budget: int | None) -> None:
    await raise_contract_limits(who, issuing.contract_id, quota, budget, **issuing.with_bus)


async def test_limits_go_up_and_down_but_not_below_what_is_used(issuing: Issuing) -> None:
    await RightsContract.filter(id=issuing.contract_id).update(
        granted=5, committed_minor=300, spent_minor=200
    )
    await limit(issuing, issuing.operator, 5, 500)
    for quota, budget in ((4, 500), (5, 499)):
        with pytest.raises(Conflict) as refused:
            await limit(issuing, issuing.operator, quota, budget)
        assert refused.value.code == "LIMIT_IN_USE"
    await limit(issuing, issuing.merchant, None, None)
    found = await read(issuing, issuing.contract_id)
    assert (found.quota, found.budget_minor, found.version) == (None, None, 4)


RAISED = ((41, 4_000), (40, 4_001), (None, 4_000), (40, None))
"""Above forty rights for forty euros."""


async def test_once_agreed_only_the_issuer_who_pays_may_raise_limits(issuing: Issuing) -> None:
    await limit(issuing, issuing.merchant, 50, 5_000)
    await limit(issuing, issuing.operator, 45, 4_500)
    await limit(issuing, issuing.merchant, 40, 4_000)
    for quota, budget in RAISED:
        with pytest.raises(NotPermitted):
            await limit(issuing, issuing.operator, quota, budget)
    with pytest.raises(NotFound):
        await limit(issuing, issuing.driver, 1, 1)
    with pytest.raises(NotPermitted):
        await limit(issuing, api_key(issuing.issuer_id, Scope.RIGHTS_WRITE), 1, 1)
    with pytest.raises(InvalidInput):
        await limit(issuing, issuing.operator, 0, 1)
    await raise_contract_limits(
        issuing.merchant, issuing.contract_id, quota=KEEP, budget_minor=None, **issuing.with_bus
    )
    assert (await read(issuing, issuing.contract_id)).quota == 40


async def test_where_both_pay_neither_raises_limits_alone(issuing: Issuing) -> None:
    agreed = await issuing.contract(quota=40, budget_minor=4_000, price_minor=50)
    owner = replace(
        issuing.operator,
        roles={**issuing.operator.roles, issuing.issuer_id: frozenset({Role.OWNER})},
    )
    for quota, budget in RAISED:
        for viewer in (issuing.operator, issuing.merchant):
            with pytest.raises(NotPermitted):
                await raise_contract_limits(viewer, agreed, quota, budget, **issuing.with_bus)
        await raise_contract_limits(owner, agreed, quota, budget, **issuing.with_bus)
        await raise_contract_limits(issuing.operator, agreed, 40, 4_000, **issuing.with_bus)


async def test_who_offers_may_change_the_offer_and_nobody_accepts_what_they_did_not_see(
    issuing: Issuing,
) -> None:
    made = await issuing.offer(quota=40, budget_minor=4_000)
    with pytest.raises(NotPermitted):
        await raise_contract_limits(issuing.merchant, made, 41, 4_000, **issuing.with_bus)
    await raise_contract_limits(issuing.operator, made, 4_000, None, **issuing.with_bus)
    with pytest.raises(Conflict) as refused:
        await accept_contract(issuing.merchant, made, 1, **issuing.with_bus)
    assert refused.value.code == "VERSION_CHANGED"
    assert (await read(issuing, made)).state is _S.OFFERED
    await accept_contract(issuing.merchant, made, 2, **issuing.with_bus)
    assert (await read(issuing, made)).state is _S.ACTIVE


async def test_ones_own_budget_wants_to_know_what_the_codes_in_use_cost(issuing: Issuing) -> None:
    """Between two sides the contract says it. Who runs the place may raise its own."""
    own = NewContract(issuing.operator_id, issuing.place_id, quota=3)
    who, both = issuing.operator, issuing.with_bus
    agreed = await offer_contract(who, own, **both)
    made = await create_specification(who, specification(issuing.operator_id), clock=issuing.clock)
    await create_grant_codes(who, NewGrantCode(made, agreed), 1, **both)
    with pytest.raises(Conflict) as refused:
        await raise_contract_limits(who, agreed, budget_minor=500, **both)
    assert refused.value.code == "BUDGET_NEEDS_LIMIT"
    await raise_contract_limits(who, agreed, quota=None, **both)


async def test_what_is_over_has_no_limits_to_change(issuing: Issuing) -> None:
    await end_contract(issuing.operator, issuing.contract_id, "over", **issuing.with_bus)
    with pytest.raises(Conflict) as refused:
        await limit(issuing, issuing.operator, 5, None)
    assert refused.value.code == "WRONG_STATE"


async def test_accepting_and_ending_at_once_leaves_it_ended(issuing: Issuing) -> None:
    made = await issuing.offer()
    both = issuing.with_bus
    results = await asyncio.gather(
        accept_contract(issuing.merchant, made, 1, **both),
        end_contract(issuing.operator, made, "no", **both),
        return_exceptions=True,
    )
    assert results[1] is None
    assert results[0] is None or isinstance(results[0], Conflict)
    assert (await read(issuing, made)).state is _S.ENDED


async def test_both_sides_are_told_and_the_trail_says_who(issuing: Issuing) -> None:
    topics = [organisation_rights_topic(each) for each in (issuing.issuer_id, issuing.operator_id)]
    async with issuing.bus.subscribe(*topics) as told:
        made = await issuing.offer()
        heard = [await anext(aiter(told)) for _ in topics]
    assert {each.topic for each in heard} == set(topics)
    assert json.loads(heard[0].body or b"")["contract_id"] == made
    rows = await open_database().fetch(
        "SELECT actor, verb FROM audit_entry WHERE subject = $1", f"rights_contract:{made}"
    )
    assert rows == [
        {"actor": f"person:{issuing.operator.person_id}", "verb": "offer_rights_contract"}
    ]


async def test_the_currency_of_the_place_stays_while_a_contract_is_in_it(issuing: Issuing) -> None:
    change = PlaceEdit(issuing.place_id, currency="CHF")
    with pytest.raises(Conflict) as refused:
        await update_place(issuing.operator, change, clock=issuing.clock, bus=issuing.bus)
    assert refused.value.code == "CURRENCY_IN_USE"
    await end_contract(issuing.operator, issuing.contract_id, "over", **issuing.with_bus)
    await update_place(issuing.operator, change, clock=issuing.clock, bus=issuing.bus)


async def test_each_side_reads_its_own(issuing: Issuing) -> None:
    offered = await issuing.offer()
    both = [offered, issuing.contract_id]
    reading = api_key(issuing.issuer_id, Scope.RIGHTS_READ)
    platform = member(999, Role.PLATFORM, person_id=50)
    other = await somebody("Olga", {888: Role.OPERATOR})
    for viewer, seen in (
        (issuing.merchant, both), (issuing.operator, both), (reading, both), (platform, both),
        (api_key(issuing.operator_id, Scope.RIGHTS_WRITE), both), (other, []),
        (issuing.attendant, []), (issuing.driver, []), (ANONYMOUS, []),
        (api_key(issuing.issuer_id, Scope.PLACES_READ), []),
    ):  # fmt: skip
        assert [each.id for each in await find_contracts(viewer, limit=9)] == seen
        assert sorted(await contracts_by_id(viewer, both)) == sorted(seen)
