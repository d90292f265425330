"""The little of ASGI that is used here, and sending without a task."""

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, cast

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gone(Exception):
    """The other side is not there any more."""


def send_now(send: Send, message: Message) -> bool:
    """Send if the connection takes it at once; False when it does not, and nothing was sent.

    uvicorn's `send` waits for a writable transport first and then writes without waiting, so one
    step of its coroutine either finishes it or shows that the client lags. That saves a task for
    each frame and lets one client lag without the others noticing.

    Raises:
        Gone: the connection is closed.
    """
    coroutine = cast("Coroutine[Any, Any, None]", send(message))
    try:
        coroutine.send(None)
    except StopIteration:
        return True
    except Exception as error:
        raise Gone from error
    coroutine.close()
    return False


async def send_or_gone(send: Send, message: Message) -> None:
    """Send, however long the connection takes.

    Raises:
        Gone: the connection is closed.
    """
    try:
        await send(message)
    except Exception as error:
        raise Gone from error


def reset(send: Send) -> None:
    """Drop the connection without waiting for the client to take what is buffered.

    ASGI has no word for that. uvicorn's `send` is a method of the object that has the transport;
    behind a middleware it is not, and then the server's own ping timeout has to do.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Headers by lower-case name; a repeated one keeps its last value."""
    return dict(scope["headers"])


def source_of(scope: Scope) -> str:
    """The peer's address, without the port; empty on a unix socket."""
    client = scope.get("client")
    return str(client[0]) if client else ""
