"""A selection compiled for one event after another, where it selects nothing but attributes.

graphql-core walks the selection anew for each event, at 7 to 10 µs a field. Most live operations
select plain attributes of the objects that the stream made: for them the walk is done once, into
nested functions. Whatever is not plain (a resolver, an argument, a type that is not the one
expected, a null or a value that GraphQL would complain of) is `NotPlain`, and graphql-core
executes that event from its beginning, with its errors.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetails, collect_fields
from strawberry.types.field import StrawberryField

Complete: TypeAlias = Callable[[Any], Any]
"""From what a resolver gave to what is written; raises NotPlain."""

DEFINITION = "strawberry-definition"
TEXTS = {"String", "ID"}
INT_MAX = 2**31 - 1
"""GraphQL's Int has 32 bits; what is larger is an error that graphql-core words."""


class NotPlain(Exception):
    """graphql-core has to execute this one."""


def compiled(executor: Executor[Any]) -> Complete:
    """From a subscription's event to the `data` of its result.

    Raises:
        NotPlain: the operation selects something that has to be resolved.
    """
    root = executor.schema.get_root_type(executor.operation.operation)
    assert root is not None, "only valid operations come here"
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root,
        executor.operation,
    )
    if len(collected.grouped_field_set) != 1 or collected.new_defer_usages:
        raise NotPlain
    ((key, details),) = collected.grouped_field_set.items()
    field = root.fields.get(details[0].node.name.value)
    if field is None:  # __typename
        raise NotPlain
    complete = _Compiler(executor).value(field.type, details)
    return lambda event: {key: complete(event)}


class _Compiler:
    """Compiles the selections of one operation with its variables."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor

    def value(self, kind: GraphQLOutputType, details: list[FieldDetails]) -> Complete:
        """What completes a value of this type."""
        if isinstance(kind, GraphQLNonNull):
            return self._present(get_nullable_type(kind), details)
        complete = self._present(kind, details)
        return lambda value: None if value is None else complete(value)

    def _present(self, kind: Any, details: list[FieldDetails]) -> Complete:
        if is_leaf_type(kind):
            return _leaf(kind)
        if isinstance(kind, GraphQLList):
            return _each(self.value(kind.of_type, details))
        if is_abstract_type(kind):
            types = self._executor.schema.get_possible_types(kind)
            return _any({_origin(type_): self._lazily(type_, details) for type_ in types})
        return _any({_origin(kind): self._object(kind, details)})

    def _lazily(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Complete:
        """One of several types, compiled when the first such object comes."""
        known: list[Complete] = []

        def complete(value: Any) -> Any:
            if not known:
                try:
                    known.append(self._object(kind, details))
                except NotPlain:
                    known.append(_refuse)
            return known[0](value)

        return complete

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Complete:
        collected = self._executor.collect_subfields(kind, details)
        if collected.new_defer_usages:
            raise NotPlain
        fields = [
            self._field(kind, key, inner) for key, inner in collected.grouped_field_set.items()
        ]
        return lambda value: {key: complete(value) for key, complete in fields}

    def _field(
        self, kind: GraphQLObjectType, key: str, details: list[FieldDetails]
    ) -> tuple[str, Complete]:
        name = details[0].node.name.value
        if name == "__typename":
            return key, lambda _: kind.name
        field = kind.fields[name]
        definition = field.extensions.get(DEFINITION)
        if field.args or not isinstance(definition, StrawberryField):
            raise NotPlain
        if not definition.is_basic_field:
            raise NotPlain
        attribute, complete = definition.python_name, self.value(field.type, details)
        return key, lambda value: complete(getattr(value, attribute))


def _each(complete: Complete) -> Complete:
    def every(values: Any) -> list[Any]:
        if type(values) is not list:
            raise NotPlain
        return [complete(value) for value in values]

    return every


def _any(by_class: Mapping[type, Complete]) -> Complete:
    def complete(value: Any) -> Any:
        known = by_class.get(type(value))
        if known is None:
            raise NotPlain
        return known(value)

    return complete


def _origin(kind: GraphQLObjectType) -> type:
    definition = kind.extensions.get(DEFINITION)
    if definition is None:
        raise NotPlain
    return cast("type", definition.origin)


def _leaf(kind: GraphQLScalarType | GraphQLEnumType) -> Complete:
    if isinstance(kind, GraphQLEnumType):
        return _remembered(kind.coerce_output_value)
    if kind.name in TEXTS:
        return _text
    if kind.name == "Int":
        return _int
    return lambda value: _written(kind.coerce_output_value, value)


def _refuse(_: Any) -> Any:
    raise NotPlain


def _text(value: Any) -> str:
    if type(value) is not str:
        raise NotPlain
    return value


def _int(value: Any) -> int:
    if type(value) is not int or not -INT_MAX <= value <= INT_MAX:
        raise NotPlain
    return value


def _remembered(write: Complete) -> Complete:
    """An enumeration has few members: each is worded once."""
    known: dict[Any, Any] = {}

    def complete(value: Any) -> Any:
        told = known.get(value)
        if told is None:
            told = known[value] = _written(write, value)
        return told

    return complete


def _written(write: Complete, value: Any) -> Any:
    try:
        told = write(value)
    except Exception:  # noqa: BLE001 - graphql-core words it, for the field at which it happens
        raise NotPlain from None
    if told is None:
        raise NotPlain
    return told
