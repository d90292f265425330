"""Strawberry's field decorators with types, and with a description that cannot be left out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import strawberry
from strawberry.extensions import FieldExtension

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolved(
    description: str,
    *,
    metadata: Mapping[str, Any] | None = None,
    extensions: Sequence[FieldExtension] = (),
) -> Callable[[Resolver], Resolver]:
    """A field whose value the decorated method finds."""
    field: Any = strawberry.field(
        description=description, metadata=metadata, extensions=list(extensions)
    )
    return cast(Callable[[Resolver], Resolver], field)


def subscribed(
    description: str, *, metadata: Mapping[str, Any] | None = None
) -> Callable[[Resolver], Resolver]:
    """A subscription field; the decorated method is an async generator."""
    field: Any = strawberry.subscription(description=description, metadata=metadata)
    return cast(Callable[[Resolver], Resolver], field)
