"""What can be wrong with a request, and how the caller is told.

    Problem                       the request is answered without running it
    ├── BadRequest                the HTTP request itself is not a GraphQL request (always 4xx)
    └── Rejected                  a well-formed request whose operation is not run: under
                                  `application/json` told with 200, else with its status

An exception of a resolver is a bug: the caller sees a reference, the log has the rest.
"""

import logging
import secrets
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from graphql import GraphQLError

from parking.storage.faults import Contended, Unreachable

_log = logging.getLogger("berth.graphql")

INTERNAL = "INTERNAL_SERVER_ERROR"
UNAVAILABLE = "UNAVAILABLE"
RETRY_SECONDS = 2
"""How long callers are told to wait while the database cannot be used."""


class Problem(Exception):
    """A request that is answered with errors alone."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: HTTPStatus | None = None,
        errors: Sequence[dict[str, Any]] = (),
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status or self.status
        self.headers = tuple(headers)
        self.errors = list(errors) or [{"message": message, "extensions": {"code": code}}]


class BadRequest(Problem):
    """Not a GraphQL request as GraphQL over HTTP defines it."""


class Rejected(Problem):
    """A GraphQL request that cannot be run: its document, its variables or a limit."""


def rejected(code: str, errors: Iterable[GraphQLError]) -> Rejected:
    """The errors of parsing, validation or coercion, each with a code."""
    told = [_with_code(error, code) for error in errors]
    return Rejected(code, told[0]["message"], errors=told)


def _with_code(error: GraphQLError, code: str) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def told(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """Errors of an execution as the caller may see them: bugs masked, the rest as it is."""
    return [_masked(error) if _is_bug(error) else dict(error.formatted) for error in errors]


def _is_bug(error: GraphQLError) -> bool:
    original = error.original_error
    return original is not None and not isinstance(original, GraphQLError)


def _masked(error: GraphQLError) -> dict[str, Any]:
    masked = internal_error(
        error.original_error or error, where=".".join(map(str, error.path or ()))
    )
    if error.locations:
        masked["locations"] = [location.formatted for location in error.locations]
    if error.path:
        masked["path"] = list(error.path)
    return masked


def internal_error(error: BaseException, *, where: str) -> dict[str, Any]:
    """Log an unexpected exception under a reference, and give the error that names only that.

    A database that cannot be used is no bug: the caller is told to try again.
    """
    if isinstance(error, Contended | Unreachable):
        _log.warning("the database cannot be used at %s: %s", where, error)
        return {
            "message": f"The database cannot be used now; try again in {RETRY_SECONDS} seconds.",
            "extensions": {"code": UNAVAILABLE},
        }
    reference = secrets.token_hex(6)
    _log.error("GraphQL error %s at %s", reference, where, exc_info=error)
    return {
        "message": f"Something went wrong on our side; please report reference {reference}.",
        "extensions": {"code": INTERNAL, "reference": reference},
    }
