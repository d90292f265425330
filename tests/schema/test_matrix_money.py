"""The matrix of money: every field, list, verb and stream of it, by every role (I11)."""

from collections.abc import Iterator

from graphql import is_leaf_type

from parking.settlement.models import ChargeRecord
from schema.ids import global_id, parse_id
from tests.schema.matrix_money import (
    MONEY_LISTS,
    MONEY_OF_ONES_OWN,
    MONEY_ROLES,
    MONEY_SEEN,
    MONEY_STREAMS,
    MONEY_TOLD,
    MONEY_VERBS,
    NOTHING,
    PLATFORM,
)
from tests.schema.selections import object_type
from tests.schema.test_matrix_bookings import first
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town


async def test_who_may_not_see_money_finds_nothing(settled: Town) -> None:
    for role in MONEY_ROLES:
        for name, seen_by in MONEY_SEEN.items():
            found = await read_node(settled, role, settled.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"


async def test_guarded_fields_of_money_are_null_to_the_others(settled: Town) -> None:
    for role in MONEY_ROLES:
        for field, objects in MONEY_TOLD.items():
            for name, readers in objects.items():
                found = await _field(settled, role, field, settled.ids[name])
                assert (found is not None) == (role in readers), f"{role}, {field} of {name}"


async def _field(town: Town, role: str, path: str, text: str) -> object:
    """One field of an object; None where there is nothing to see."""
    name, _, field = path.partition(".")
    told = (
        field if is_leaf_type(object_type(name).fields[field].type) else f"{field} {{ __typename }}"
    )
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {name} {{ {told} }} }} }}"
    node = (await town.ask(role, query, id=text))["node"]
    return None if node is None else node.get(field)


async def test_settlements_and_bills_are_asked_for_by_those_who_may(settled: Town) -> None:
    bills = {name: await ChargeRecord.get(id=settled.keys[name]) for name in _names("charge")}
    for role in MONEY_ROLES:
        for name in _names("settlement"):
            query = "query ($id: ID!) { it: settlement(id: $id) { id } }"
            found = (await settled.ask(role, query, id=settled.ids[name]))["it"]
            assert (found is not None) == (role in MONEY_SEEN[name]), f"{role} asks for {name}"
        for name, bill in bills.items():
            query = "query ($number: String!) { it: chargeRecord(number: $number) { id } }"
            found = (await settled.ask(role, query, number=bill.number))["it"]
            assert (found is not None) == (role in MONEY_SEEN[name]), f"{role} asks for {name}"


def _names(noun: str) -> tuple[str, str]:
    return noun, f"others-{noun}"


async def test_lists_hold_what_the_role_may_see(settled: Town) -> None:
    for query, rows in MONEY_LISTS.items():
        for role in MONEY_ROLES:
            shown = await listed(settled, role, query)
            expected = {settled.ids[name] for name, readers in rows.items() if role in readers}
            assert shown == expected, f"{role}, {query}"


async def listed(town: Town, role: str, query: str) -> set[str]:
    """The ids in the list `it`, as the role is shown it."""
    answer = await town.ask(role, f"{{ {query.format(**town.ids)} }}")
    [outer] = answer.values()
    it = outer if "it" in answer else (outer or {}).get("it")
    shown = [] if it is None else it["nodes"] if isinstance(it, dict) else it
    return {each["id"] for each in shown}


async def test_totals_are_the_platforms(settled: Town) -> None:
    span = 'firstDay: "2026-01-01", untilDay: "2026-02-01", by: MONTH'
    for role in MONEY_ROLES:
        told = await settled.ask(role, f"{{ platformTotals({span}) {{ total {{ bookings }} }} }}")
        expected = [{"total": {"bookings": 2}}] if role in PLATFORM else None
        assert told["platformTotals"] == expected, role


REFUSED = {"NotFound", "NotPermitted", "Conflict", "InvalidInput", "PaymentPending"}


def _tries() -> Iterator[tuple[str, str, str, str]]:
    """Verb, role, object, answer: all that are denied first, and one who is allowed last."""
    allowed = dict[tuple[str, str], tuple[str, str, str, str]]()
    for verb, (_, objects) in MONEY_VERBS.items():
        for thing, row in objects.items():
            yield verb, "anonymous", thing, "UNAUTHENTICATED"
            for role, answer in row.items():
                if answer in REFUSED:
                    yield verb, role, thing, answer
                else:
                    allowed[verb, thing] = (verb, role, thing, answer)
    yield from allowed.values()


def _arguments(town: Town, verb: str, thing: str) -> str:
    given = town.ids.get(thing, global_id(_type_of(town, verb), 999_999))
    return MONEY_VERBS[verb][0].format(id=given, coming=town.ids["coming"])


def _type_of(town: Town, verb: str) -> str:
    example = next(thing for thing in MONEY_VERBS[verb][1] if thing != NOTHING)
    return (parse_id(town.ids[example]) or ("Place", 0))[0]


async def test_a_verb_on_money_is_for_those_whom_its_row_names(settled: Town) -> None:
    for verb, role, thing, expected in _tries():
        got = await answer_to(settled, role, verb, _arguments(settled, verb, thing))
        assert got == expected, f"{verb} by {role} on {thing}"


async def test_api_keys_do_nothing_with_money(settled: Town) -> None:
    for verb, (_, objects) in MONEY_VERBS.items():
        for key in ("key", "bare_key"):
            for thing in objects:
                got = await answer_to(settled, key, verb, _arguments(settled, verb, thing))
                assert got in {"NotFound", "NotPermitted"}, f"{verb} by {key} on {thing}"


async def test_accounts_are_bound_by_people(town: Town) -> None:
    answers = {"anonymous": "UNAUTHENTICATED", "key": "NotPermitted", "driver": "InvalidInput"}
    for verb, arguments in MONEY_OF_ONES_OWN.items():
        for role, expected in answers.items():
            assert await answer_to(town, role, verb, arguments) == expected, f"{verb} by {role}"


async def test_money_is_followed_by_those_it_is_for(settled: Town) -> None:
    for field, readers in MONEY_STREAMS.items():
        update = "BalanceUpdate" if field == "balance" else "SettlementsUpdate"
        for role in MONEY_ROLES:
            got = await first(settled, role, field.format(**settled.ids), update)
            expected = update if role in readers else "NotFound"
            assert got["__typename"] == expected, f"{role}, {field}"


async def test_one_stream_is_of_one_thing(settled: Town) -> None:
    asked = 'settlements(placeId: "{garage}", organisationId: "{harbour}")'
    got = await first(settled, "operator", asked.format(**settled.ids), "SettlementsUpdate")
    assert got["__typename"] == "InvalidInput"
