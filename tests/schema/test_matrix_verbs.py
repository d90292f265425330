"""The matrix of doing: every mutation, by every role, on own, other's and no object (I11)."""

from typing import Any

import pytest

from schema.ids import global_id
from tests.schema.matrix_bookings import BOOKING_VERBS
from tests.schema.matrix_fetching import FETCHING_BY_TOKEN, FETCHING_VERBS
from tests.schema.matrix_fields import ROLES
from tests.schema.matrix_locks import ALARM_VERBS
from tests.schema.matrix_merchants import MERCHANT_VERBS
from tests.schema.matrix_money import MONEY_OF_ONES_OWN, MONEY_VERBS
from tests.schema.matrix_notices import NOTICE_VERBS, NOTICES_OF_ONES_OWN
from tests.schema.matrix_positions import POSITION_VERBS, POSITIONS_OF_ONES_OWN
from tests.schema.matrix_rights import BY_VEHICLE, RIGHTS_VERBS
from tests.schema.matrix_sessions import SESSION_VERBS
from tests.schema.matrix_sharing import (
    LINK_VERBS,
    SHARING_BY_TOKEN,
    SHARING_VERBS,
    WECHAT_OF_ONES_OWN,
)
from tests.schema.matrix_vehicles import VEHICLE_OF_ONES_OWN, VEHICLE_VERBS
from tests.schema.matrix_verbs import BY_LINK, NOTHING, OF_MEMBERS, OPEN, PERSONAL, VERBS
from tests.schema.selections import PRINTED
from tests.schema.town import Town


def test_every_mutation_has_a_row() -> None:
    """A new mutation fails here until somebody says whose it is."""
    root = PRINTED.mutation_type
    assert root is not None
    assert set(root.fields) - ALARM_VERBS == {
        *VERBS, *BOOKING_VERBS, *SESSION_VERBS, *PERSONAL, *OPEN, *BY_LINK, *OF_MEMBERS,
        *MONEY_VERBS, *MONEY_OF_ONES_OWN, *VEHICLE_VERBS, *VEHICLE_OF_ONES_OWN,
        *RIGHTS_VERBS, *BY_VEHICLE, *NOTICE_VERBS, *NOTICES_OF_ONES_OWN, *MERCHANT_VERBS,
        *FETCHING_VERBS, *FETCHING_BY_TOKEN,
        *POSITION_VERBS, *POSITIONS_OF_ONES_OWN,
        *SHARING_VERBS, *SHARING_BY_TOKEN, *LINK_VERBS, *WECHAT_OF_ONES_OWN,
    }  # fmt: skip


def _id(town: Town, thing: str, like: str) -> str:
    name = "Organisation" if like == "harbour" else "Place"
    return global_id(name, 999_999) if thing == NOTHING else town.ids[thing]


async def answer_to(town: Town, role: str, verb: str, arguments: str) -> str:
    """The type of the answer, or the code of the error."""
    call = f"{verb}({arguments}, idempotencyKey: $key)"
    query = f"mutation ($key: String!) {{ it: {call} {{ __typename }} }}"
    return outcome(await town.execute(role, query, key=town.fresh_key()))


def outcome(result: Any) -> str:
    """The answer's type or the first error's code."""
    if result.errors:
        return str(result.errors[0].extensions["code"])
    return str(result.data["it"]["__typename"])


def _tries(verb: str) -> list[tuple[str, str]]:
    """Role and object: the denied first, then each that is allowed with an object of its own."""
    row, done = VERBS[verb], set[str]()
    pairs = [(role, thing) for role in ROLES for thing in row.objects]
    denied = [pair for pair in pairs if row.answer(*pair) != row.outcome]
    allowed = []
    for role, thing in pairs:
        if row.answer(role, thing) == row.outcome and thing not in done:
            done.add(thing)
            allowed.append((role, thing))
    return denied + allowed


@pytest.mark.parametrize("verb", VERBS)
async def test_a_verb_is_for_those_whom_its_row_names(town: Town, verb: str) -> None:
    row = VERBS[verb]
    for number, (role, thing) in enumerate(_tries(verb)):
        arguments = row.arguments.format(**town.ids, id=_id(town, thing, row.objects[0]), n=number)
        got = await answer_to(town, role, verb, arguments)
        assert got == row.answer(role, thing), f"{role} on {thing}"


@pytest.mark.parametrize("verb", PERSONAL)
async def test_personal_verbs_are_for_people(town: Town, verb: str) -> None:
    arguments = PERSONAL[verb].format(nothing=global_id("Invitation", 999_999))
    assert await answer_to(town, "anonymous", verb, arguments) == "UNAUTHENTICATED"
    assert await answer_to(town, "key", verb, arguments) == "NotPermitted"
    got = await answer_to(town, "driver", verb, arguments)
    assert got in {"ProfileUpdated", "OrganisationCreated", "NotFound"}
