"""Refusals of the domain as data, and the rest of its errors as `errors[]`, in one place.

parking.errors          in a mutation's or subscription's answer     in a query
Refusal and below       the type of the same name                    errors[], its code
Unauthenticated         errors[], code UNAUTHENTICATED               the same
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.extensions import FieldExtension

from parking import errors

T = TypeVar("T")

_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z])")


@strawberry.interface(name="Refusal", description="Why a request was declined.")
class Refusal:
    """What all refusals have."""

    code: str = strawberry.field(description="Stable, for programs: UPPER_SNAKE.")
    message: str = strawberry.field(
        description="For people, in English: what was wrong, what was expected, what to do."
    )


@strawberry.type(description="A value is malformed or out of range.")
class InvalidInput(Refusal):
    """`parking.errors.InvalidInput`."""

    field: str = strawberry.field(description="Path of the value, such as `spaces.0.number`.")


@strawberry.type(description="No such object, or none that the viewer may know of.")
class NotFound(Refusal):
    """`parking.errors.NotFound`."""


@strawberry.type(description="The object is visible to the viewer, the verb is not theirs.")
class NotPermitted(Refusal):
    """`parking.errors.NotPermitted`."""


@strawberry.type(description="The object is not in a state that allows the verb.")
class Conflict(Refusal):
    """`parking.errors.Conflict`."""


@strawberry.type(description="The idempotency key was used before, with another input.")
class IdempotencyKeyReused(Refusal):
    """`parking.errors.KeyReused`."""


@strawberry.type(description="A limit of attempts was reached.")
class TooManyTries(Refusal):
    """`parking.errors.TooManyTries`."""

    retry_after_seconds: int = strawberry.field(description="Try again after so many seconds.")


@strawberry.type(description="Declined for a reason that `code` names.")
class Declined(Refusal):
    """Any other `parking.errors.Refusal`."""


_SAME_SHAPE: dict[type[errors.Refusal], type[Refusal]] = {
    errors.NotFound: NotFound,
    errors.NotPermitted: NotPermitted,
    errors.Conflict: Conflict,
    errors.KeyReused: IdempotencyKeyReused,
}


def also_shaped(shapes: Mapping[type[errors.Refusal], type[Refusal]]) -> None:
    """Further refusals of the domain that have a type of their own."""
    _SAME_SHAPE.update(shapes)


Telling: TypeAlias = Callable[[Any], Refusal]
_TOLD: dict[type[errors.Refusal], Telling] = {}


def also_told(tellings: Mapping[type[errors.Refusal], Telling]) -> None:
    """Further refusals of the domain that tell more than a code and a message."""
    _TOLD.update(tellings)


def input_path(field: str) -> str:
    """The domain's name of a value as the path in the schema's input."""
    # A single device is provisioned as a list of one.
    path = field.removeprefix("drafts.0.")
    return _SNAKE.sub(lambda found: found[1].upper(), path)


def as_data(refusal: errors.Refusal) -> Refusal:
    """The domain's refusal as the schema's type."""
    if isinstance(refusal, errors.InvalidInput):
        path = input_path(refusal.field)
        return InvalidInput(code=refusal.code, message=refusal.message, field=path)
    if isinstance(refusal, errors.TooManyTries):
        return TooManyTries(
            code=refusal.code,
            message=refusal.message,
            retry_after_seconds=refusal.retry_after_seconds,
        )
    telling = next((tell for known, tell in _TOLD.items() if isinstance(refusal, known)), None)
    if telling is not None:
        return telling(refusal)
    shapes = (shape for known, shape in _SAME_SHAPE.items() if isinstance(refusal, known))
    return next(shapes, Declined)(code=refusal.code, message=refusal.message)


def as_error(error: errors.BerthError) -> GraphQLError:
    """The domain's error as an entry of `errors[]`, with its code under `extensions`."""
    extensions: dict[str, Any] = {"code": error.code}
    if isinstance(error, errors.InvalidInput):
        extensions["field"] = input_path(error.field)
    return GraphQLError(error.message, extensions=extensions, original_error=error)


class RefusalsAsData(FieldExtension):
    """On mutations: a refusal becomes a member of the field's union."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Resolve, and translate what the domain raises on purpose."""
        try:
            return await next_(source, info, **kwargs)
        except errors.Refusal as refusal:
            return as_data(refusal)
        except errors.Unauthenticated as error:
            raise as_error(error) from error


class RefusalsAsErrors(FieldExtension):
    """On queries: a bad argument or a missing sign-in becomes an entry of `errors[]`."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        """Resolve, and translate what the domain raises on purpose."""
        try:
            return await next_(source, info, **kwargs)
        except (errors.Refusal, errors.Unauthenticated) as error:
            raise as_error(error) from error


VerbRefusal: TypeAlias = InvalidInput | NotFound | NotPermitted | Conflict | IdempotencyKeyReused
"""What any verb on objects may answer with."""


def known(found: T | None) -> T:
    """What a verb has just made or changed; an error if it is gone already."""
    if found is None:
        raise as_error(errors.NotFound("It is not there any more."))
    return found
