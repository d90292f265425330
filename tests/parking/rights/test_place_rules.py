"""What a place says of rights, and who may say it."""

import pytest

from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.rights.limits import PER_STAY_LIMIT, PER_STAY_MAX
from parking.rights.place_rules import place_rule, place_rules, set_place_rule
from parking.rights.records import PlaceRuleRecord
from parking.storage.sql import database as open_database
from tests.support.issuing import Issuing, make_issuing
from tests.support.operators import api_key


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def test_without_a_word_the_defaults_hold(issuing: Issuing) -> None:
    assert await place_rule(open_database(), issuing.place_id) == PlaceRuleRecord(
        issuing.place_id, PER_STAY_MAX, False
    )


async def test_the_last_word_holds(issuing: Issuing) -> None:
    place_id = issuing.place_id
    for most, needs_proof in ((1, False), (PER_STAY_LIMIT, True)):
        await set_place_rule(issuing.operator, place_id, most, needs_proof, **issuing.with_bus)
        assert (await place_rules([place_id, 999]))[place_id] == (place_id, most, needs_proof)


async def test_who_runs_the_place_says_it(issuing: Issuing) -> None:
    both, place_id = issuing.with_bus, issuing.place_id
    key = api_key(issuing.operator_id, Scope.RIGHTS_WRITE, Scope.PLACES_WRITE)
    for viewer in (issuing.merchant, issuing.attendant, issuing.driver, key, ANONYMOUS):
        with pytest.raises(NotPermitted):
            await set_place_rule(viewer, place_id, 2, False, **both)
    with pytest.raises(NotFound):
        await set_place_rule(issuing.operator, 999, 2, False, **both)
    for most in (0, PER_STAY_LIMIT + 1):
        with pytest.raises(InvalidInput):
            await set_place_rule(issuing.operator, place_id, most, False, **both)
