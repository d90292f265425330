"""The matrix of rights: every field, list, verb and stream of them, by every role (I11)."""

from collections.abc import Iterator

from schema.ids import global_id, parse_id
from tests.schema.matrix_rights import (
    DOERS,
    NOTHING,
    RIGHTS_LISTS,
    RIGHTS_ROLES,
    RIGHTS_SEEN,
    RIGHTS_STREAMS,
    RIGHTS_TOLD,
    RIGHTS_VERBS,
)
from tests.schema.test_matrix_bookings import first
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

OFFER = """query ($code: String!, $exit: String!) {
  grantCode(code: $code) { state issuerName place { name } right { kind value } }
  exitCode(code: $exit) { place { name } } }"""
REFUSED = {"NotFound", "NotPermitted", "Conflict"}


async def test_who_may_not_see_rights_finds_nothing(granting: Town) -> None:
    for role in RIGHTS_ROLES:
        for name, seen_by in RIGHTS_SEEN.items():
            found = await read_node(granting, role, granting.ids[name]) or {}
            assert bool(found) == (role in seen_by), f"{role} and {name}"
            kind = (parse_id(granting.ids[name]) or ("", 0))[0]
            for field, objects in RIGHTS_TOLD.items():
                type_name, _, told = field.partition(".")
                if found and type_name == kind and name in objects:
                    is_told = found[told] is not None
                    assert is_told == (role in objects[name]), f"{role}, {field} of {name}"


async def test_lists_hold_what_the_role_may_see(granting: Town) -> None:
    for query, rows in RIGHTS_LISTS.items():
        for role in RIGHTS_ROLES:
            expected = {granting.ids[name] for name, readers in rows.items() if role in readers}
            assert await listed(granting, role, query) == expected, f"{role}, {query}"


async def test_everybody_is_told_the_same_of_a_printed_code(granting: Town) -> None:
    asked = {
        "code": granting.texts["public-others-code"],
        "exit": granting.texts["public-others-exit"],
    }
    told = {
        "grantCode": {
            "state": "ACTIVE", "issuerName": "hill company", "place": {"name": "The hilltop"},
            "right": {"kind": "MINUTES", "value": 120},
        },
        "exitCode": {"place": {"name": "The hilltop"}},
    }  # fmt: skip
    nothing = {"code": asked["exit"], "exit": "a" * 26}
    for role in RIGHTS_ROLES:
        assert await granting.ask(role, OFFER, **asked) == told, role
        assert await granting.ask(role, OFFER, **nothing) == {"grantCode": None, "exitCode": None}


def _tries() -> Iterator[tuple[str, str, str, str]]:
    """Verb, role, object, answer: of each verb those that are denied first, then one of each object
    who is allowed."""
    for verb, (_, objects) in RIGHTS_VERBS.items():
        allowed = dict[str, tuple[str, str, str, str]]()
        yield verb, "anonymous", NOTHING, "UNAUTHENTICATED"
        for thing, row in objects.items():
            for role in DOERS:
                if row[role] in REFUSED:
                    yield verb, role, thing, row[role]
                else:
                    allowed[thing] = (verb, role, thing, row[role])
        yield from allowed.values()


async def test_a_verb_on_rights_is_for_those_whom_its_row_names(granting: Town) -> None:
    for verb, role, thing, expected in _tries():
        arguments, objects = RIGHTS_VERBS[verb]
        type_name = (parse_id(granting.ids[next(iter(objects))]) or ("Place", 0))[0]
        given = granting.ids.get(thing, global_id(type_name, 999_999))
        filled = arguments.format(id=given, **granting.ids, **granting.texts)
        assert await answer_to(granting, role, verb, filled) == expected, f"{verb}, {role}, {thing}"


async def test_rights_are_followed_by_those_they_are_for(granting: Town) -> None:
    for field, readers in RIGHTS_STREAMS.items():
        update = "RightsUpdate" if field == "rights" else "IssuedRightsUpdate"
        for role in RIGHTS_ROLES:
            got = await first(granting, role, field.format(**granting.ids), update)
            assert got["__typename"] == (update if role in readers else "NotFound"), (role, field)
