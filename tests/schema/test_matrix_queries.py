"""The matrix of asking: every root field, by every role, for own, other's and no object (I11)."""

import pytest

from schema.ids import global_id
from tests.schema.matrix_fetching_fields import FETCHING_QUERIES
from tests.schema.matrix_fields import BOOKING_QUERIES, MONEY_QUERIES, ROLES, SEEN_BY
from tests.schema.matrix_merchants_fields import MERCHANT_QUERIES
from tests.schema.matrix_rights_fields import RIGHTS_QUERIES
from tests.schema.matrix_sharing_fields import SHARING_QUERIES
from tests.schema.matrix_verbs import (
    CAMPUSES,
    DEVICES_OF,
    LISTINGS,
    ORGANISATIONS,
    PLACES,
    RATE_TABLES,
    SPACES,
    TITLES,
)
from tests.schema.selections import PRINTED
from tests.schema.town import Town

ASKED = {"place": PLACES, "space": SPACES, "campus": CAMPUSES, "rateTable": RATE_TABLES,
    "listing": LISTINGS,
}  # fmt: skip
VIEWER = """{ viewer { isApiKey scopes person { name email } invitations { id }
  memberships { organisation { name } roles } } }"""
ALSO = {
    "availableSpaces", "availabilityMap", "waitlist", "node", "nodes", "viewer", "places",
    "devices", "rateTables", "listings", "titles", "bookingByLink",
}  # fmt: skip


def test_every_query_has_a_test() -> None:
    """`node` is in `test_matrix_fields`."""
    assert PRINTED.query_type is not None
    elsewhere = {*BOOKING_QUERIES.split(), *MONEY_QUERIES.split(), *RIGHTS_QUERIES.split()}
    elsewhere |= set(MERCHANT_QUERIES.split()) | set(FETCHING_QUERIES.split())
    elsewhere |= set(SHARING_QUERIES.split())
    assert set(PRINTED.query_type.fields) == {*ASKED, *ALSO, *elsewhere}


@pytest.mark.parametrize("field", ASKED)
async def test_an_object_is_found_by_those_who_may_see_it(town: Town, field: str) -> None:
    for role in ROLES:
        query = f"query ($id: ID!) {{ it: {field}(id: $id) {{ id }} }}"
        for thing in ASKED[field]:
            text = town.ids.get(thing, global_id(field.title(), 999_999))
            found = (await town.ask(role, query, id=text))["it"]
            assert found == ({"id": text} if role in SEEN_BY.get(thing, ()) else None)


async def test_nodes_are_null_one_by_one(town: Town) -> None:
    for role in ROLES:
        names = list(SEEN_BY)
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        found = (await town.ask(role, query, ids=[town.ids[name] for name in names]))["nodes"]
        assert [node is not None for node in found] == [role in SEEN_BY[name] for name in names]


async def test_lists_of_places_hold_what_the_role_may_see(town: Town) -> None:
    for role in ROLES:
        found = await town.ask(role, "{ places { nodes { id } } }")
        visible = {town.ids[p] for p in PLACES if role in SEEN_BY.get(p, ())}
        assert {node["id"] for node in found["places"]["nodes"]} == visible
        operated = await town.ask(role, "{ places(filter: {isOperated: true}) { nodes { name } } }")
        own = {"operator": 2, "key": 2, "stranger": 1}
        assert len(operated["places"]["nodes"]) == own.get(role, 0)


async def test_devices_are_for_those_who_may_see_them(town: Town) -> None:
    for role in ROLES:
        query = "query ($id: ID!) { devices(placeId: $id) { nodes { endpoint } } }"
        for thing in PLACES:
            text = town.ids.get(thing, global_id("Place", 999_999))
            found = (await town.ask(role, query, id=text))["devices"]
            may = role in DEVICES_OF.get(thing, ())
            assert found == ({"nodes": [{"endpoint": f"{thing}-device"}]} if may else None)


async def test_rate_tables_are_for_those_who_may_see_them(town: Town) -> None:
    for role in ROLES:
        query = "query ($id: ID!) { rateTables(organisationId: $id) { nodes { name } } }"
        for thing in ORGANISATIONS:
            text = town.ids.get(thing, global_id("Organisation", 999_999))
            found = (await town.ask(role, query, id=text))["rateTables"]["nodes"]
            may = role in SEEN_BY.get(f"{thing}-rates", ())
            assert found == ([{"name": f"{thing}-rates"}] if may else [])


@pytest.mark.parametrize(("field", "things"), [("listings", LISTINGS), ("titles", TITLES)])
async def test_lists_of_offers_hold_what_the_role_may_see(
    town: Town, field: str, things: tuple[str, ...]
) -> None:
    for role in ROLES:
        found = await town.ask(role, f"{{ it: {field} {{ nodes {{ id }} }} }}")
        visible = {town.ids[each] for each in things if role in SEEN_BY.get(each, ())}
        assert {node["id"] for node in found["it"]["nodes"]} == visible


async def test_titles_of_a_space_are_those_that_the_role_may_see(town: Town) -> None:
    query = "query ($id: ID!) { space(id: $id) { titles { id } } }"
    for role in ROLES:
        found = await town.ask(role, query, id=town.ids["garage-1"])
        visible = role in SEEN_BY["garage-title"]
        expected = [{"id": town.ids["garage-title"]}] if visible else []
        assert found["space"]["titles"] == expected


async def test_the_viewer_is_who_asks(town: Town) -> None:
    for role in ROLES:
        viewer = (await town.ask(role, VIEWER))["viewer"]
        if role == "anonymous":
            assert viewer is None
            continue
        is_key = role.endswith("key")
        assert viewer["isApiKey"] == is_key
        assert (viewer["person"] is None) == is_key
        roles = {"attendant": ["ATTENDANT"], "operator": ["OPERATOR"], "stranger": ["OPERATOR"]}
        held = [membership["roles"] for membership in viewer["memberships"]]
        assert held == ([] if role == "driver" else [roles.get(role, [])])
