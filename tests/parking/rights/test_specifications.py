"""Specifications: made, edited and archived by their issuer alone."""

import asyncio
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.rights.content import SpecificationEdit
from parking.rights.contracts import end_contract
from parking.rights.kinds import RightKind, SpecificationState
from parking.rights.models import RightsContract, RightSpecification
from parking.rights.queries import specifications_by_id
from parking.rights.specifications import (
    archive_specification,
    create_specification,
    update_specification,
)
from parking.rights.terms import Terms
from tests.support.estate import make_estate
from tests.support.issuing import Issuing, make_issuing, specification
from tests.support.leasing import somebody
from tests.support.operators import api_key, member

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def edit(issuing: Issuing, who: Viewer | None = None, **changed: Any) -> None:
    given = {"id": issuing.specification_id, "version": 1, **changed}
    wanted = SpecificationEdit(**given)
    await update_specification(who or issuing.merchant, wanted, clock=issuing.clock)


async def test_an_issuer_makes_one(issuing: Issuing) -> None:
    terms = Terms(weekdays=(1, 2), delay_minutes=5)
    made = await issuing.specification(RightKind.AMOUNT, 300, name=" Tea  off ", terms=terms)
    found = (await specifications_by_id(issuing.merchant, [made]))[made]
    assert (found.name, found.kind, found.value) == ("Tea off", RightKind.AMOUNT, 300)
    assert (found.organisation_id, found.created_by) == (
        issuing.issuer_id, issuing.merchant.person_id,
    )  # fmt: skip
    assert (found.created_at, found.state) == (issuing.clock.now(), SpecificationState.ACTIVE)


async def test_its_people_and_its_tills_with_the_scope_may(issuing: Issuing) -> None:
    new, clock = specification(issuing.issuer_id), issuing.clock
    for role in (Role.OWNER, Role.OPERATOR, Role.MERCHANT):
        await create_specification(member(issuing.issuer_id, role), new, clock=clock)
    await create_specification(api_key(issuing.issuer_id, Scope.RIGHTS_WRITE), new, clock=clock)
    for role in (Role.DRIVER, Role.ATTENDANT, Role.PLATFORM):
        with pytest.raises(NotPermitted):
            await create_specification(member(issuing.issuer_id, role), new, clock=clock)
    reading = api_key(issuing.issuer_id, Scope.RIGHTS_READ, Scope.PLACES_WRITE)
    with pytest.raises(NotPermitted):
        await create_specification(reading, new, clock=clock)
    for viewer in (issuing.operator, issuing.driver, ANONYMOUS):
        with pytest.raises(NotFound):
            await create_specification(viewer, new, clock=clock)


async def test_an_edit_is_about_the_version_that_was_seen(issuing: Issuing) -> None:
    await edit(issuing, value=90)
    found = await RightSpecification.get(id=issuing.specification_id)
    assert (found.value, found.version) == (90, 2)
    with pytest.raises(Conflict) as refused:
        await edit(issuing, value=30)
    assert refused.value.code == "VERSION_CHANGED"
    await edit(issuing, version=2)
    assert (await RightSpecification.get(id=issuing.specification_id)).version == 2


async def test_of_two_edits_at_once_one_is_made(issuing: Issuing) -> None:
    results = await asyncio.gather(
        *(edit(issuing, value=value) for value in range(1, 6)), return_exceptions=True
    )
    assert [each for each in results if not isinstance(each, Conflict)] == [None]
    assert (await RightSpecification.get(id=issuing.specification_id)).version == 2


async def test_others_neither_edit_nor_learn_of_it(issuing: Issuing) -> None:
    for viewer in (issuing.driver, issuing.operator, ANONYMOUS):
        with pytest.raises(NotFound):
            await edit(issuing, viewer, value=1)
        with pytest.raises(NotFound):
            await archive_specification(viewer, issuing.specification_id, clock=issuing.clock)
    with pytest.raises(NotPermitted):
        await edit(issuing, api_key(issuing.issuer_id, Scope.RIGHTS_READ), value=1)


async def test_archived_it_stays_so(issuing: Issuing) -> None:
    for _ in range(2):
        await archive_specification(issuing.merchant, issuing.specification_id, clock=issuing.clock)
    found = await RightSpecification.get(id=issuing.specification_id)
    assert (found.state, found.version) == (SpecificationState.ARCHIVED, 2)
    for refused in (edit(issuing, version=2, value=1), issuing.code()):
        with pytest.raises(Conflict) as why:
            await refused
        assert why.value.code == "WRONG_STATE"


async def test_it_names_places_of_those_one_has_a_contract_with(issuing: Issuing) -> None:
    foreign = await make_estate(1, name="Elsewhere")
    own = await make_estate(1, name="Own yard")
    both = Terms(places=(issuing.place_id, foreign.place_id))
    for terms in (both, Terms(places=(999,))):
        with pytest.raises(InvalidInput) as refused:
            await issuing.specification(RightKind.FREE, terms=terms)
        assert refused.value.field == f"terms.places.{len(terms.places) - 1}"
    await issuing.specification(RightKind.FREE, terms=Terms(places=(issuing.place_id,)))
    olga = await somebody("Olga", {own.organisation_id: Role.OWNER})
    new = specification(own.organisation_id, terms=Terms(places=(own.place_id,)))
    assert await create_specification(olga, new, clock=issuing.clock)


async def test_no_edit_breaks_the_budget_of_a_code_in_use(issuing: Issuing) -> None:
    """Of a contract that says not itself what a right is worth: an operator's own."""
    own = RightsContract.filter(id=issuing.contract_id)
    await own.update(operator_id=issuing.issuer_id, worth_max_minor=None)
    await edit(issuing, worth_max_minor=400)
    await issuing.code()
    await own.update(budget_minor=10_000)
    with pytest.raises(Conflict) as refused:
        await edit(issuing, version=2, worth_max_minor=None)
    assert refused.value.code == "BUDGET_NEEDS_LIMIT"
    await edit(issuing, version=2, worth_max_minor=500)
    await end_contract(issuing.merchant, issuing.contract_id, "moved", **issuing.with_bus)
    await edit(issuing, version=3, worth_max_minor=None)
