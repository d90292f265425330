"""Finding places, and walking through lists page by page."""

from typing import Any

import pytest

from tests.schema.town import Town, add_spaces

PAGES = """query ($id: ID!, $first: Int!, $after: String) { place(id: $id) {
  spaces(first: $first, after: $after) { edges { cursor node { number } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
FIND = "query (%s) { places(%s) { nodes { name distanceMetres } } }"


async def page(town: Town, first: int, after: str | None) -> dict[str, Any]:
    """One page of the garage's spaces."""
    asked = {"id": town.ids["garage"], "first": first, "after": after}
    found: dict[str, Any] = (await town.ask("driver", PAGES, **asked))["place"]["spaces"]
    return found


async def test_pages_follow_each_other_without_gap_or_repeat(town: Town) -> None:
    await add_spaces(town, "garage", 4)
    numbers, after = list[str](), None
    for expected in (3, 3, 1):
        found = await page(town, 3, after)
        numbers += [edge["node"]["number"] for edge in found["edges"]]
        assert len(found["edges"]) == expected
        assert found["pageInfo"]["hasNextPage"] == (expected == 3)
        assert found["pageInfo"]["hasPreviousPage"] == (after is not None)
        after = found["pageInfo"]["endCursor"]
    assert numbers == [f"A-{n:02}" for n in range(1, 8)]


async def test_a_cursor_holds_though_its_row_is_gone(town: Town) -> None:
    """It begins after a value, not after a row."""
    first = await page(town, 2, None)
    gone = f'retireSpace(spaceId: "{town.ids["garage-2"]}", idempotencyKey: "k")'
    await town.ask("operator", f"mutation {{ {gone} {{ __typename }} }}")
    after = first["pageInfo"]["endCursor"]
    assert [e["node"]["number"] for e in (await page(town, 2, after))["edges"]] == ["A-03"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ places(first: 501) { nodes { id } } }", "PAGE_SIZE"),
        ("{ places(first: 0) { nodes { id } } }", "PAGE_SIZE"),
        ('{ places(after: "garbage!") { nodes { id } } }', "CURSOR_INVALID"),
        ('{ places(after: "WzFd") { nodes { id } } }', "INVALID_INPUT"),
        ("{ places(bbox: {south: 9, west: 0, north: 1, east: 1}) { nodes { id } } }",
         "INVALID_INPUT"),
        ("{ places(near: {latitude: 91, longitude: 0}) { nodes { id } } }", "INVALID_INPUT"),
        ("{ places(near: {latitude: 0, longitude: 0, radiusMetres: 1e9}) { nodes { id } } }",
         "INVALID_INPUT"),
    ],
)  # fmt: skip
async def test_a_bad_argument_is_an_error_with_a_code(town: Town, query: str, code: str) -> None:
    result = await town.execute("driver", query)
    assert [error.extensions["code"] for error in result.errors] == [code]


async def test_more_spaces_than_a_page_may_hold_are_refused(town: Town) -> None:
    asked = {"id": town.ids["garage"], "first": 1001}
    result = await town.execute("driver", PAGES, **asked)
    assert result.errors[0].extensions["code"] == "PAGE_SIZE"


async def test_more_nodes_than_a_list_may_hold_are_refused(town: Town) -> None:
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    result = await town.execute("driver", query, ids=["x"] * 101)
    assert result.errors[0].extensions["code"] == "TOO_MANY"


async def test_near_gives_the_nearest_first_with_its_distance(town: Town) -> None:
    query = FIND % ("$near: NearInput", "near: $near")
    near = {"latitude": 48.77, "longitude": 9.181}
    found = (await town.ask("attendant", query, near=near))["places"]["nodes"]
    assert [place["name"] for place in found] == ["The garage", "The yard"]
    assert found[0]["distanceMetres"] == pytest.approx(73, abs=1)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("text: \"gAr\"", ["The garage"]),
        ("text: \"%\"", []),
        ("filter: {kinds: [LOT]}", []),
        ("filter: {states: [UNKNOWN], isOpen: true}", ["The garage", "The yard"]),
        ("filter: {hasAvailable: true}", []),
        ("filter: {hasEv: true, hasAccessible: false}", ["The garage", "The yard"]),
        ("bbox: {south: 48, west: 9, north: 49, east: 10}", ["The garage", "The yard"]),
        ("bbox: {south: 0, west: 170, north: 1, east: -170}", []),
    ],
)  # fmt: skip
async def test_places_are_found_by_what_is_asked(town: Town, wanted: str, names: list[str]) -> None:
    found = await town.ask("attendant", f"{{ places({wanted}) {{ nodes {{ name }} }} }}")
    assert [place["name"] for place in found["places"]["nodes"]] == names


async def test_spaces_are_filtered_by_status_attributes_and_subplace(town: Town) -> None:
    await town.report("garage-2", "OCCUPIED", 1)
    level = town.ids["garage-level"]
    for wanted, numbers in {
        "statuses: [OCCUPIED]": ["A-02"],
        "isEv: true": ["A-01"],
        f'subplaceId: "{level}", statuses: [UNKNOWN]': ["A-01", "A-03"],
    }.items():
        query = f"query ($id: ID!) {{ place(id: $id) {{ spaces(filter: {{{wanted}}}) {{"
        found = await town.ask("driver", query + " nodes { number } } } }", id=town.ids["garage"])
        assert [s["number"] for s in found["place"]["spaces"]["nodes"]] == numbers
