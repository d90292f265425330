"""Inputs, enumerations and scalars that operations name, as TypeScript declarations. Pure."""

from collections.abc import Iterator
from typing import cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_required_input_field,
)

from berth.typescript.words import BUILT_IN, INDENT, SCALARS, block, comment, literals, nullable


def declarations(schema: GraphQLSchema, named: set[str]) -> Iterator[str]:
    """A declaration of each of these types, and of all that inputs among them lead to, by name."""
    for name in sorted(_reached(schema, named) - set(BUILT_IN)):
        kind = schema.type_map[name]
        yield "\n".join([*comment(kind.description), f"export type {name} ={_written(kind)};"])


def input_type(kind: GraphQLInputType) -> str:
    """The words for the type of a variable or of an input's field."""
    name = get_named_type(kind).name
    return nullable(BUILT_IN.get(name, name), kind)


def _reached(schema: GraphQLSchema, named: set[str]) -> set[str]:
    reached: set[str] = set()
    waiting = set(named)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLInputObjectType):
            waiting |= {get_named_type(each.type).name for each in kind.fields.values()} - reached
    return reached


def _written(kind: GraphQLNamedType) -> str:
    if isinstance(kind, GraphQLEnumType):
        return _enumeration(kind)
    if isinstance(kind, GraphQLInputObjectType):
        return _one_of(kind) if kind.is_one_of else f" {_input(kind)}"
    return f" {SCALARS[kind.name]}"


def _enumeration(kind: GraphQLEnumType) -> str:
    lines = []
    for name, value in kind.values.items():
        lines += [*comment(value.description, INDENT), f"{INDENT}| {literals([name])}"]
    return "\n".join(["", *lines])


def _input(kind: GraphQLInputObjectType) -> str:
    members = [
        line
        for name, field in kind.fields.items()
        for line in (
            *comment(field.description, INDENT),
            f"{INDENT}{name}{_mark(field)}: {input_type(cast(GraphQLInputType, field.type))};",
        )
    ]
    return block(members)


def _mark(field: GraphQLInputField) -> str:
    return "" if is_required_input_field(field) else "?"


def _one_of(kind: GraphQLInputObjectType) -> str:
    """Exactly one of the fields (`@oneOf`)."""
    lines = []
    for name, field in kind.fields.items():
        given = f"{name}: {input_type(GraphQLNonNull(field.type))}"
        others = "".join(f"; {other}?: never" for other in kind.fields if other != name)
        lines += [*comment(field.description, INDENT), f"{INDENT}| {{ {given}{others} }}"]
    return "\n".join(["", *lines])
