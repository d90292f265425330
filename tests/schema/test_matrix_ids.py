"""The matrix of ids: an id of another organisation's object is like an id of nothing (I11)."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type

from schema.ids import global_id
from tests.schema.matrix_fetching import FETCHING_IDS
from tests.schema.matrix_ids import FILTERS, MAIN, OF_MEMBERS, OF_RIGHTS, SECOND
from tests.schema.matrix_merchants import MERCHANT_IDS
from tests.schema.matrix_notices import NOTICE_IDS
from tests.schema.matrix_positions import POSITION_IDS, POSITION_SECOND_IDS
from tests.schema.matrix_sharing import SHARING_IDS
from tests.schema.selections import PRINTED
from tests.schema.test_matrix_verbs import outcome
from tests.schema.town import Town

LISTS = {
    "places": "{{ it: places(filter: {{{name}: \"{id}\"}}) {{ nodes {{ id }} }} }}",
    "spaces": '{{ place(id: "{garage}") {{ it: spaces(filter: {{{name}: "{id}"}})'
    " {{ nodes {{ id }} }} }} }}",
    "listings": '{{ it: listings(filter: {{{name}: "{id}"}}) {{ nodes {{ id }} }} }}',
    "titles": '{{ it: titles(filter: {{{name}: "{id}"}}) {{ nodes {{ id }} }} }}',
    "devices": '{{ it: devices(placeId: "{garage}", filter: {{{name}: "{id}"}})'
    " {{ nodes {{ id }} }} }}",
}  # fmt: skip


def id_arguments() -> Iterator[str]:
    """All of the printed schema, as `Type.field(argument)` and `Input.field`."""
    for name, kind in PRINTED.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLInputObjectType):
            for field_name, given in kind.fields.items():
                if get_named_type(given.type).name == "ID":
                    yield f"{name}.{field_name}"
        if isinstance(kind, GraphQLObjectType):
            for field_name, field in kind.fields.items():
                for argument, taken in field.args.items():
                    if get_named_type(taken.type).name == "ID":
                        yield f"{name}.{field_name}({argument})"


def test_every_id_argument_has_a_row() -> None:
    """A new one fails here until somebody says whose objects it may name."""
    elsewhere = OF_MEMBERS | OF_RIGHTS | NOTICE_IDS | MERCHANT_IDS | FETCHING_IDS
    elsewhere |= SHARING_IDS
    elsewhere |= POSITION_IDS | set(POSITION_SECOND_IDS) | {"AnswerRefinementInput.spaceId"}
    assert set(id_arguments()) == MAIN | elsewhere | set(SECOND) | set(FILTERS)


@pytest.mark.parametrize("path", SECOND)
async def test_a_second_id_of_others_is_like_one_of_nothing(town: Town, path: str) -> None:
    verb, other, expected = SECOND[path]
    nothing = global_id(path.partition(".")[0], 1)
    for given in (town.ids[other], nothing, "garbage"):
        call = verb.format(**town.ids, id=given)
        query = f'mutation {{ it: {call}, idempotencyKey: "{town.fresh_key()}") {{ __typename }} }}'
        assert outcome(await town.execute("operator", query)) == expected


@pytest.mark.parametrize("path", FILTERS)
async def test_a_filter_by_others_objects_finds_nothing(town: Town, path: str) -> None:
    listed, name, other = FILTERS[path]
    for given in (town.ids[other], "garbage"):
        query = LISTS[listed].format(name=name, id=given, **town.ids)
        found = await town.ask("operator", query)
        page = found["it"] if "it" in found else found["place"]["it"]
        assert page == {"nodes": []}
