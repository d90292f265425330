"""The parameters of a GraphQL request, whatever brought them (GraphQL over HTTP, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

from api.graphql.problems import BadRequest


@dataclass(frozen=True, slots=True)
class Params:
    """A request's parameters with the right types; nothing more is known of them."""

    query: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    extensions: Mapping[str, Any]
    document_id: str | None = None


def params_from_json(body: bytes) -> Params:
    """Read a POST body.

    Raises:
        BadRequest: not JSON, not an object, or a parameter of a wrong type.
    """
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        told = "The body is not JSON in UTF-8; send an object with `query`."
        raise BadRequest("BAD_JSON", told) from error
    if isinstance(decoded, list):
        told = "Batches are not served; send one operation a request (HTTP/1.1 keeps alive)."
        raise BadRequest("BATCHING_NOT_SUPPORTED", told)
    if not isinstance(decoded, dict):
        raise BadRequest("BAD_REQUEST", "The body has to be a JSON object with `query`.")
    return params_from_mapping(decoded)


def params_from_query_string(query_string: bytes) -> Params:
    """Read the query string of a GET; `variables` and `extensions` are JSON texts in it.

    Raises:
        BadRequest: undecodable, or a parameter of a wrong type.
    """
    try:
        pairs = dict(parse_qsl(query_string.decode("ascii"), errors="strict"))
        decoded: dict[str, Any] = dict(pairs)
        for name in ("variables", "extensions"):
            if name in pairs:
                decoded[name] = orjson.loads(pairs[name])
    except ValueError as error:
        told = "The query string has to be URL-encoded UTF-8, with JSON in `variables`."
        raise BadRequest("BAD_QUERY_STRING", told) from error
    return params_from_mapping(decoded)


def params_from_mapping(given: Mapping[str, Any]) -> Params:
    """Check the types of the parameters; null counts as absent.

    Raises:
        BadRequest: a parameter of a wrong type, or neither a document nor a name of one.
    """
    params = Params(
        query=_text(given, "query"),
        operation_name=_text(given, "operationName") or None,
        variables=_object(given, "variables"),
        extensions=_object(given, "extensions"),
        document_id=_text(given, "documentId"),
    )
    if not (params.query or params.document_id or "persistedQuery" in params.extensions):
        raise BadRequest("NO_QUERY", "The request has no `query`; send the document's text.")
    return params


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest("BAD_REQUEST", f"`{name}` has to be a string.")
    return value


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = given.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest("BAD_REQUEST", f"`{name}` has to be an object.")
    return cast("dict[str, Any]", value)
