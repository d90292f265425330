"""Where an operator's own contract has a budget, it is known what a right of its codes costs at
most: also when the budget is given while the limit is taken out of the specification."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from parking.clock import TestClock
from parking.errors import Conflict
from parking.rights import contracts, specifications
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import SpecificationEdit
from parking.rights.contracts import offer_contract, raise_contract_limits
from parking.rights.kinds import RightKind
from parking.rights.models import RightsContract, RightSpecification
from parking.rights.new_contract import NewContract
from parking.rights.specifications import create_specification, update_specification
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from tests.support.issuing import Issuing, make_issuing, specification

ROUNDS = 5


async def budget_while_unlimiting(issuing: Issuing) -> bool:
    """Both at once; whether a budget is left that nothing holds."""
    who, both = issuing.operator, issuing.with_bus
    free = specification(issuing.operator_id, RightKind.FREE, 0, worth_max_minor=400)
    given = await create_specification(who, free, clock=issuing.clock)
    own = NewContract(issuing.operator_id, issuing.place_id)
    agreed = await offer_contract(who, own, **both)
    await create_grant_codes(who, NewGrantCode(given, agreed), 1, **both)

    async def edit() -> None:
        wanted = SpecificationEdit(given, 1, worth_max_minor=None)
        with suppress(Conflict):
            await update_specification(who, wanted, clock=issuing.clock)

    async def budget() -> None:
        with suppress(Conflict):
            await raise_contract_limits(who, agreed, budget_minor=900, **both)

    await asyncio.gather(edit(), budget())
    is_unlimited = (await RightSpecification.get(id=given)).worth_max_minor is None
    return is_unlimited and (await RightsContract.get(id=agreed)).budget_minor is not None


async def test_a_budget_always_has_a_limit_to_reckon_with(database: str, clock: TestClock) -> None:
    del database
    issuing = await make_issuing(clock)
    for _ in range(ROUNDS):
        assert not await budget_while_unlimiting(issuing)


async def test_control_without_the_lock_a_budget_is_left_that_nothing_holds(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL only: a SQLite transaction is alone even without a row lock."""
    both_decided = asyncio.Barrier(2)
    await connect(postgres_url)
    try:
        issuing = await make_issuing(clock)

        async def no_lock(_sql: Sql, _ids: Any) -> None:
            """Nothing."""

        async def wait_first(real: Any, *args: Any) -> None:
            await both_decided.wait()
            await real(*args)

        limits, edit = contracts._write_limits, specifications._write
        for each in (contracts, specifications):
            monkeypatch.setattr(each, "lock_rights_contracts", no_lock)
        monkeypatch.setattr(contracts, "_write_limits", lambda *a: wait_first(limits, *a))
        monkeypatch.setattr(specifications, "_write", lambda *a: wait_first(edit, *a))
        assert await budget_while_unlimiting(issuing)
    finally:
        await disconnect()
