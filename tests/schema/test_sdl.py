"""The printed schema: checked in, and told in words."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.schema import SDL_PATH, printed_schema


def test_what_is_checked_in_is_what_the_code_says() -> None:
    """`berth schema export` prints it anew."""
    assert SDL_PATH.read_text() == printed_schema()


def _undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description:
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{v}" for v, value in kind.values.items() if not value.description)
        for field_name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                yield f"{name}.{field_name}"
            if not isinstance(kind, GraphQLInputObjectType):
                yield from (
                    f"{name}.{field_name}({a})"
                    for a, arg in field.args.items()
                    if not arg.description
                )


def test_every_type_field_argument_and_word_is_described() -> None:
    assert list(_undescribed(build_schema(SDL_PATH.read_text()))) == []


def test_nothing_is_deprecated_yet() -> None:
    assert "@deprecated" not in SDL_PATH.read_text()
