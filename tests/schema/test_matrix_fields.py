"""The matrix of reading: every field of every object, by every role (I11)."""

from schema.ids import global_id, parse_id
from tests.schema.matrix_fields import GUARDED, NODES, ROLES, ROWS, SEEN_BY
from tests.schema.selections import object_type, object_types, selection
from tests.schema.town import Town


def test_every_field_of_the_printed_schema_has_a_row() -> None:
    """A new field fails here until somebody says who may read it."""
    printed = {name: set(kind.fields) for name, kind in object_types().items()}
    assert printed == ROWS


async def test_objects_and_guarded_fields_are_for_those_whom_their_rows_name(town: Town) -> None:
    for role in ROLES:
        for name, seen_by in SEEN_BY.items():
            found = await read_node(town, role, town.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"
            if found is not None:
                for field, objects in GUARDED.items():
                    if name in objects:
                        is_told = found[field.partition(".")[2]] is not None
                        assert is_told == (role in objects[name]), f"{role}, {field} of {name}"


async def test_ids_of_nothing_find_nothing(town: Town) -> None:
    nothing = [global_id(name, 999_999) for name in NODES] + ["", "garbage", "UGxhY2U6MDE"]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    for role in ROLES:
        found = await town.ask(role, query, ids=nothing)
        assert found == {"nodes": [None] * len(nothing)}, role


async def read_node(town: Town, role: str, text: str) -> dict[str, object] | None:
    """The object with all its fields, and with no error in any."""
    name = (parse_id(text) or ("Place", 0))[0]
    query = (
        f"query ($id: ID!) {{ node(id: $id) {{ ... on {name} {selection(object_type(name))} }} }}"
    )
    found: dict[str, object] | None = (await town.ask(role, query, id=text))["node"]
    return found
