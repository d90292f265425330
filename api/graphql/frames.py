"""Messages of graphql-transport-ws: what a client may say, and what the server says. Pure.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from api.graphql.limits import OPERATION_ID_LENGTH_MAX
from api.graphql.params import Params, params_from_mapping
from api.graphql.problems import BadRequest

SUBPROTOCOL: Final = "graphql-transport-ws"
ACK: Final = '{"type":"connection_ack"}'
PING: Final = '{"type":"ping"}'
PONG: Final = '{"type":"pong"}'


class BadMessage(Exception):
    """Not a message of the protocol; the text is the close reason."""


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The first message, with credentials."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong."""


@dataclass(frozen=True, slots=True)
class Pong:
    """Needs no answer."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Run an operation."""

    id: str
    params: Params


@dataclass(frozen=True, slots=True)
class Complete:
    """Want no more of an operation."""

    id: str


ClientMessage: TypeAlias = ConnectionInit | Ping | Pong | Subscribe | Complete


def read_message(text: str | None) -> ClientMessage:
    """The message in a frame; None stands for a binary frame.

    Raises:
        BadMessage: anything that the protocol does not let a client send.
    """
    if text is None:
        raise BadMessage("Binary frames are not understood; send text")
    try:
        decoded = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise BadMessage("The message is not JSON") from error
    if not isinstance(decoded, dict):
        raise BadMessage("The message is not a JSON object")
    kind = decoded.get("type")
    if kind == "connection_init":
        return ConnectionInit(_payload(decoded))
    if kind in ("ping", "pong"):
        _payload(decoded)
        return Ping() if kind == "ping" else Pong()
    if kind == "subscribe":
        return _subscribe(decoded)
    if kind == "complete":
        return Complete(_id(decoded))
    raise BadMessage(_unknown(kind))


def _subscribe(message: Mapping[str, Any]) -> Subscribe:
    operation_id = _id(message)
    if not isinstance(message.get("payload"), dict):
        raise BadMessage("The payload of subscribe has to be an object")
    try:
        return Subscribe(operation_id, params_from_mapping(message["payload"]))
    except BadRequest as error:
        raise BadMessage(str(error)) from error


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = message.get("payload")
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise BadMessage("The payload has to be an object")
    return payload


def _id(message: Mapping[str, Any]) -> str:
    operation_id = message.get("id")
    if not isinstance(operation_id, str) or not operation_id:
        raise BadMessage("The id has to be a string that is not empty")
    if len(operation_id) > OPERATION_ID_LENGTH_MAX:
        raise BadMessage(f"The id is longer than {OPERATION_ID_LENGTH_MAX} characters")
    return operation_id


def _unknown(kind: Any) -> str:
    if not isinstance(kind, str):
        return "The message has no type"
    return f"A client does not send '{kind[:40]}'"


def next_head(operation_id: str) -> str:
    """What comes before the payload of a `next` message; `}` follows it."""
    return '{"id":' + _quoted(operation_id) + ',"type":"next","payload":'


def error_message(operation_id: str, errors: Sequence[dict[str, Any]]) -> str:
    """The operation failed, and is over."""
    told = orjson.dumps(list(errors)).decode()
    return '{"id":' + _quoted(operation_id) + ',"type":"error","payload":' + told + "}"


def complete_message(operation_id: str) -> str:
    """The operation is over."""
    return '{"id":' + _quoted(operation_id) + ',"type":"complete"}'


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
