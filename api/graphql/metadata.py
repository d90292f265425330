"""Reading what the schema says of its fields (`schema.execution`) off a graphql-core field."""

from collections.abc import Mapping
from typing import Any, cast

from graphql import GraphQLField
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.execution import COST, SHARED, VERSIONED_BY, VOLATILE, Cost, Source, TagFunction

_EMPTY: Mapping[str, Any] = {}


def _of(field: GraphQLField) -> Mapping[str, Any]:
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return getattr(definition, "metadata", None) or _EMPTY


def is_volatile(field: GraphQLField) -> bool:
    """Whether its value may change without its tag's version."""
    return bool(_of(field).get(VOLATILE))


def tags_of(field: GraphQLField) -> TagFunction | None:
    """What names the versions its answer depends on."""
    return cast("TagFunction | None", _of(field).get(VERSIONED_BY))


def source_of(field: GraphQLField) -> Source | None:
    """The source of a shared subscription field."""
    return cast("Source | None", _of(field).get(SHARED))


def cost_of(field: GraphQLField) -> Cost | None:
    """What it says it costs."""
    return cast("Cost | None", _of(field).get(COST))
