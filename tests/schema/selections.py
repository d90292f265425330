"""Operations generated from the printed schema."""

from collections.abc import Callable

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from schema.schema import SDL_PATH
from tests.schema.matrix_fields import NODES

PRINTED: GraphQLSchema = build_schema(SDL_PATH.read_text())

ARGUMENTS = {
    "occupancyHistory": '(startsAt: "2026-01-05T00:00:00Z")',
    "openings": '(startsAt: "2026-01-05T00:00:00Z", endsAt: "2026-01-06T00:00:00Z")',
    "dailyClose": '(day: "2026-01-05")',
    "earnings": '(firstDay: "2026-01-05", untilDay: "2026-01-06")',
    "statement": '(currency: "EUR")',
    "days": '(since: "2026-01-01")',
    "preview": '(startsAt: "2026-01-05T08:00:00Z", hours: 1, timeZone: "Europe/Berlin")',
    "price": '(startsAt: "2026-01-05T08:00:00Z", endsAt: "2026-01-05T09:00:00Z",'
    ' timeZone: "Europe/Berlin")',
}
"""What fields with required arguments are asked with."""


def object_types() -> dict[str, GraphQLObjectType]:
    """All object types but introspection's and the mutation and subscription roots."""
    roots = {"Mutation", "Subscription"}
    return {
        name: kind
        for name, kind in PRINTED.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__") and name not in roots
    }


def object_type(name: str) -> GraphQLObjectType:
    """One of them."""
    return object_types()[name]


LeaveOut = Callable[[str, str], bool]


def nothing(type_name: str, field_name: str) -> bool:
    """Leaves out no field."""
    del type_name, field_name
    return False


def selection(kind: GraphQLObjectType, leave_out: LeaveOut = nothing) -> str:
    """All fields of the type, down to leaves; of other nodes only their type and id."""
    chosen = [
        _field(name, field, leave_out)
        for name, field in kind.fields.items()
        if not leave_out(kind.name, name)
    ]
    return f"{{ __typename {' '.join(chosen)} }}"


def _field(name: str, field: GraphQLField, leave_out: LeaveOut) -> str:
    named = get_named_type(field.type)
    needs = any(is_required_argument(argument) for argument in field.args.values())
    asked = f"{name}{ARGUMENTS[name]}" if needs else name
    if is_leaf_type(named):
        return asked
    if is_abstract_type(named) or named.name in NODES:
        return f"{asked} {{ __typename id }}"
    assert is_object_type(named)
    return f"{asked} {selection(named, leave_out)}"
