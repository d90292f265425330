"""No N+1: how many statements an operation costs, and that it is the same for more objects."""

import pytest

from tests.schema.statements import counted
from tests.schema.town import Town, add_spaces

PLACE = "query ($id: ID!) { place(id: $id) { %s } }"
EDGES = "place { name campus { name } } subplace { name parent { name } place { name } }"
COSTS = [
    ("name counts { total } position { latitude }", 1),
    ("spaces(first: 500) { nodes { number status occupancy { value } } }", 3),
    (f"spaces(first: 500) {{ nodes {{ number {EDGES} }} }}", 5),
    ("spaces(first: 500) { nodes { devices { endpoint health { isStale } } } }", 5),
    ("subplaces { name place { name } } campus { name organisation { name } }", 4),
    ("devices { nodes { endpoint space { number place { name } } } }", 5),
    ('occupancyHistory(startsAt: "2026-01-05T00:00:00Z") { buckets { utilisation } }', 4),
]


@pytest.mark.parametrize(("selection", "statements_max"), COSTS)
async def test_statements_do_not_grow_with_what_is_found(
    town: Town, selection: str, statements_max: int
) -> None:
    counts = []
    for _ in range(2):
        with counted() as statements:
            await town.ask("operator", PLACE % selection, id=town.ids["garage"])
        counts.append(len(statements))
        await add_spaces(town, "garage", 40)
    assert counts[0] == counts[1] <= statements_max


async def test_many_nodes_are_read_together(town: Town) -> None:
    ids = [town.ids[f"garage-{n}"] for n in (1, 2, 3)] + [town.ids["garage"], town.ids["yard"]]
    with counted() as statements:
        found = await town.ask(
            "operator", "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", ids=ids
        )
    assert [node["id"] for node in found["nodes"]] == ids
    assert len(statements) == 3
