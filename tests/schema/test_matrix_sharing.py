"""The matrix of bindings and secure links: every field, list, verb and stream, by every role
(I11)."""

from collections.abc import Iterator

from schema.ids import global_id, parse_id
from tests.schema.matrix_sharing import (
    DOERS,
    NOTHING,
    SHARING_BY_TOKEN,
    SHARING_LISTS,
    SHARING_ROLES,
    SHARING_SEEN,
    SHARING_VERBS,
    WECHAT_OF_ONES_OWN,
)
from tests.schema.selections import object_type, selection
from tests.schema.sharing_town import invite
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_subscriptions import first
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

REFUSED = {"NotFound", "NotPermitted"}
INVITED = f"""query ($t: String!) {{ it: bindingInvitation(token: $t)
  {selection(object_type("BindingInvitation"))} }}"""
OPEN = f"""mutation ($t: String!, $key: String!) {{
  it: openPositionLink(token: $t, idempotencyKey: $key) {{ __typename
    ... on PositionLinkOpened {selection(object_type("PositionLinkOpened"))} }} }}"""
NO_TOKEN = "a" * 28


async def test_who_may_not_see_a_binding_or_link_finds_nothing(sharing: Town) -> None:
    for role in SHARING_ROLES:
        for name, seen_by in SHARING_SEEN.items():
            found = await read_node(sharing, role, sharing.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"


async def test_lists_hold_what_the_role_may_see(sharing: Town) -> None:
    for query, rows in SHARING_LISTS.items():
        for role in SHARING_ROLES:
            expected = {sharing.ids[name] for name, seen in rows.items() if role in seen}
            assert await listed(sharing, role, query) == expected, f"{role}, {query}"


async def test_the_log_is_the_sharers(sharing: Town) -> None:
    await sharing.ask("anonymous", OPEN, t=sharing.texts["link"], key="k")
    query = """query ($id: ID!) { node(id: $id) {
      ... on ParkingPosition { accesses { outcome link { id } binding { id } } } } }"""
    for role in SHARING_ROLES:
        found = (await sharing.ask(role, query, id=sharing.ids["spot"]))["node"]
        if role == "driver":
            assert found["accesses"][0]["link"] == {"id": sharing.ids["link"]}
        else:
            assert (found or {}).get("accesses") is None, role


def _tries() -> Iterator[tuple[str, str, str, str]]:
    """Verb, role, object, answer: of each verb those that are denied first, then one of each object
    who is allowed."""
    for verb, (_, objects) in SHARING_VERBS.items():
        allowed = dict[str, tuple[str, str, str, str]]()
        yield verb, "anonymous", NOTHING, "UNAUTHENTICATED"
        for thing, row in objects.items():
            for role in DOERS:
                if row[role] in REFUSED:
                    yield verb, role, thing, row[role]
                else:
                    allowed[thing] = (verb, role, thing, row[role])
        yield from allowed.values()


async def test_a_verb_is_for_those_whom_its_row_names(sharing: Town) -> None:
    for verb, role, thing, expected in _tries():
        arguments, objects = SHARING_VERBS[verb]
        like = (parse_id(sharing.ids[next(iter(objects))]) or ("", 0))[0]
        filled = arguments.format(id=sharing.ids.get(thing, global_id(like, 999_999)))
        assert await answer_to(sharing, role, verb, filled) == expected, f"{verb}, {role}, {thing}"


async def test_an_invitation_is_for_whoever_has_it_and_is_a_person(sharing: Town) -> None:
    for verb, row in SHARING_BY_TOKEN.items():
        refused = [role for role in DOERS if row[role] in ("NotPermitted", "NotYourself")]
        await invite(sharing, "more", "driver")
        arguments = f'token: "{sharing.texts["more"]}"'
        assert await answer_to(sharing, "anonymous", verb, arguments) == "UNAUTHENTICATED"
        for role in refused:
            assert await answer_to(sharing, role, verb, arguments) == row[role], role
        assert await answer_to(sharing, "attendant", verb, arguments) == row["attendant"]
        for role in set(DOERS) - {"key", "bare_key"}:
            assert await answer_to(sharing, role, verb, arguments) == "NotFound", role
            missing = f'token: "{NO_TOKEN}"'
            assert await answer_to(sharing, role, verb, missing) == "NotFound", role


async def test_an_address_shows_the_same_to_everybody_who_has_it(sharing: Town) -> None:
    for role in SHARING_ROLES:
        asked = (await sharing.ask(role, INVITED, t=sharing.texts["asked"]))["it"]
        assert asked["name"] == "Dora", role
        for token in (sharing.texts["bound"], NO_TOKEN):
            assert (await sharing.ask(role, INVITED, t=token))["it"] is None
        key = sharing.fresh_key()
        opened = (await sharing.ask(role, OPEN, t=sharing.texts["link"], key=key))["it"]
        assert opened["position"]["note"] == "by the lift", role
        missing = (await sharing.ask(role, OPEN, t=NO_TOKEN, key=key))["it"]
        assert missing == {"__typename": "NotFound"}


async def test_a_link_is_followed_by_whoever_has_it(sharing: Town) -> None:
    for role in SHARING_ROLES:
        for token, expected in (
            (sharing.texts["link"], "PositionLinkUpdate"), (NO_TOKEN, "NotFound"),
        ):  # fmt: skip
            field = f'positionLink(token: "{token}")'
            got = await first(sharing, role, field, "PositionLinkUpdate")
            assert got["__typename"] == expected, role


async def test_a_wechat_account_is_a_persons_own(sharing: Town) -> None:
    for verb, answer in WECHAT_OF_ONES_OWN.items():
        for role in SHARING_ROLES:
            code = 'code: "x"' if verb == "bindWeChat" else ""
            expected = "NotPermitted" if role in ("key", "bare_key") else answer
            expected = "UNAUTHENTICATED" if role == "anonymous" else expected
            call = f"{verb}({code}{', ' if code else ''}idempotencyKey: $key)"
            query = f"mutation ($key: String!) {{ it: {call} {{ __typename }} }}"
            result = await sharing.execute(role, query, key=sharing.fresh_key())
            got = result.errors[0].extensions["code"] if result.errors else None
            assert (got or result.data["it"]["__typename"]) == expected, (verb, role)
