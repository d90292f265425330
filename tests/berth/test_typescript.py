"""`berth schema typescript`: what a file of operations becomes."""

from pathlib import Path

import pytest
from graphql import build_schema, is_scalar_type, is_specified_scalar_type

from berth.cli import run
from berth.typescript import BadOperations, typescript
from berth.typescript.words import SCALARS
from schema.schema import printed_schema

SCHEMA = build_schema('''
type Query {
  bay(id: ID!): Bay
  bays(where: Where, first: Int! = 5, tags: [String!]): [Bay]!
  any: Thing!
}
type Mutation { book(input: BookInput!): BookResult! }
"""A bay."""
type Bay implements Thing {
  """Its number."""
  number: String!
  """
  Since when, as long as the car stands; it has left */ when there is none, and null is answered.
  """
  since: DateTime
  kind: Kind!
  next: Bay
}
type Lot implements Thing { number: String!, size: Float }
interface Thing { number: String! }
interface Refusal { code: String! }
type Booked { bay: Bay! }
type Taken implements Refusal { code: String! }
type Late implements Refusal { code: String!, by: Int }
union BookResult = Booked | Taken | Late
enum Kind { "Flat." FLAT UP }
input BookInput { bay: ID!, hours: Int! = 1, note: String, area: Where }
input Where @oneOf { lot: ID, near: [Float!] }
scalar DateTime
''')  # fmt: skip


def made(text: str) -> str:
    """The module, without what is the same in each."""
    _, _, rest = typescript(SCHEMA, "my.graphql", text).partition("};\n\n")
    return rest


def test_null_is_null_and_lists_say_what_is_in_them() -> None:
    text = made("query Two { bays { number } bay(id: 1) { since } }")
    assert "bays: Array<{\n" in text
    assert "  } | null>;" in text
    assert "  bay: {\n" in text
    assert "    since: DateTime | null;\n  } | null;" in text


def test_descriptions_are_comments_that_nothing_in_them_ends() -> None:
    text = made("query One { bay(id: 1) { number since } }")
    assert "    /** Its number. */\n    number: string;\n" in text
    assert "    /**\n     * Since when" in text
    assert "it has left * / when" in text


def test_enumerations_are_texts_with_their_descriptions() -> None:
    text = made("query One { bay(id: 1) { kind } }")
    assert 'export type Kind =\n  /** Flat. */\n  | "FLAT"\n  | "UP";\n' in text


def test_members_of_a_union_are_told_apart_and_those_alike_stand_together() -> None:
    text = made(
        "mutation Book($i: BookInput!) { book(input: $i) {"
        " ... on Booked { bay { number } } ... on Refusal { code } } }"
    )
    assert '{\n    __typename: "Booked";\n    bay: {' in text
    assert '{\n    __typename: "Taken" | "Late";\n    code: string;\n  }' in text
    assert text.count("__typename\n") == 1, "it is asked for once"


def test_a_member_that_answers_more_stands_alone() -> None:
    text = made(
        "mutation Book($i: BookInput!) { book(input: $i) {"
        " ... on Late { by } ... on Refusal { code } } }"
    )
    assert '{\n    __typename: "Booked";\n  }' in text
    assert '{\n    __typename: "Late";\n    by: number | null;\n    code: string;\n  }' in text


def test_an_interface_asks_for_its_members_too() -> None:
    text = made("query Any { any { number ... on Lot { size } } }")
    assert '    __typename: "Bay";' in text
    assert '    __typename: "Lot";' in text
    assert "  any {\n    __typename\n    number" in text


def test_inputs_may_leave_out_what_has_a_default_or_may_be_null() -> None:
    text = made("mutation Book($i: BookInput!) { book(input: $i) { __typename } }")
    assert (
        "export type BookInput = {\n  bay: ID;\n  hours?: number;\n  note?: string | null;\n"
        "  area?: Where | null;\n};\n"
    ) in text


def test_an_input_of_which_one_is_given_takes_one() -> None:
    text = made("query Some($w: Where) { bays(where: $w) { number } }")
    assert (
        "export type Where =\n  | { lot: ID; near?: never }\n"
        "  | { near: Array<number>; lot?: never };\n"
    ) in text
    assert "export type SomeVariables = {\n  w?: Where | null;\n};" in text


def test_variables_with_a_default_may_be_left_out_and_there_may_be_none() -> None:
    text = made(
        "query Some($n: Int! = 3, $t: [String!]!) { bays(first: $n, tags: $t) { number } }"
        " query All { bays { number } }"
    )
    assert "export type SomeVariables = {\n  n?: number;\n  t: Array<string>;\n};" in text
    assert "export type AllVariables = Record<string, never>;" in text


def test_fragments_are_types_and_go_with_the_operations_that_need_them() -> None:
    text = made(
        "query One { bay(id: 1) { ...Known } } query Two { bay(id: 1) { ...Known since } }"
        " query None { bays { number } } fragment Known on Bay { number next { ...Inner } }"
        " fragment Inner on Bay { kind }"
    )
    assert "export type Known = {" in text
    assert "  next: Inner | null;" in text
    assert "  bay: Known | null;" in text
    assert "    next: Inner | null;\n    /**\n     * Since when" in text
    assert text.count("fragment Known on Bay {") == text.count("fragment Inner on Bay {") == 2


def test_an_alias_is_the_name_and_a_text_is_kept_as_it_is() -> None:
    text = made('query One { mine: bays(tags: ["`${x}\\\\"]) { number } }')
    assert "  mine: Array<{" in text
    assert 'mine: bays(tags: ["\\`\\${x}\\\\\\\\"])' in text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("query One {", "my.graphql:1: Syntax Error"),
        ("query One { bay(id: 1) {\n nonsense } }", "my.graphql:2: Cannot query field 'nonsense'"),
        ("{ bays { number } }", "my.graphql: an operation has no name"),
        ("query One($b: Boolean!) { bays { number @include(if: $b) } }", "@include is not under"),
        ("query Import { bays { number } }", "`import` is a word of TypeScript"),
        ("query One { bay(id: 1) { ...Kind } } fragment Kind on Bay { kind }",
         "`Kind` stands for two things"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(BadOperations) as refused:
        made(text)
    assert told in refused.value.message


def test_each_scalar_of_the_schema_has_its_word() -> None:
    kinds = build_schema(printed_schema()).type_map.values()
    own = {kind.name for kind in kinds if is_scalar_type(kind)} - {
        kind.name for kind in kinds if is_specified_scalar_type(kind)
    }
    assert own | {"ID"} == SCALARS.keys()


def test_the_module_stands_beside_its_operations(tmp_path: Path) -> None:
    file = tmp_path / "mine.graphql"
    file.write_text("query Me { viewer { isApiKey } }")
    assert run(["schema", "typescript", str(file)]) == 0
    assert 'export const me: Operation<"query", MeData, MeVariables> = {' in (
        (tmp_path / "mine.ts").read_text()
    )


def test_a_bad_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.graphql"
    file.write_text("query Me { nobody }")
    assert run(["schema", "typescript", str(file)]) == 1
    told = capsys.readouterr().err
    assert "mine.graphql:1: Cannot query field 'nobody'" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "mine.ts").exists()
