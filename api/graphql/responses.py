"""Writing HTTP responses straight to ASGI."""

from collections.abc import Sequence
from http import HTTPStatus

from api.graphql.answers import Answer
from api.graphql.asgi import Send
from api.graphql.negotiation import JSON, Accepted
from api.graphql.problems import Problem, Rejected
from api.graphql.running import encoded_errors
from api.graphql.streams import one_shot

Headers = Sequence[tuple[bytes, bytes]]

_VARY = (b"vary", b"accept, authorization, cookie")
_REVALIDATE = (b"cache-control", b"private, no-cache")
_NO_STORE = (b"cache-control", b"no-store")


async def respond(
    send: Send, body: bytes, media: bytes, status: int = HTTPStatus.OK, headers: Headers = ()
) -> None:
    """Send a whole response."""
    all_headers = [
        (b"content-type", media),
        (b"content-length", b"%d" % len(body)),
        *headers,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": all_headers})
    await send({"type": "http.response.body", "body": body})


async def respond_problem(send: Send, problem: Problem, accepted: Accepted | None) -> None:
    """Tell a problem. Under `application/json` a well-formed request gets 200 (GraphQL over HTTP,
    section 6.4.1): old clients take any other status for an error of the network."""
    headers = (*problem.headers, _NO_STORE)
    well_formed = isinstance(problem, Rejected)
    if well_formed and accepted is not None and accepted.json is None and accepted.stream:
        media, body = one_shot(accepted.stream, problem.errors)
        await respond(send, body, media, headers=headers)
        return
    media = (accepted and accepted.json) or JSON
    lenient = well_formed and media == JSON
    status = HTTPStatus.OK if lenient else problem.status
    await respond(send, encoded_errors(problem.errors), media, status, headers)


async def respond_conditionally(
    send: Send, answer: Answer, media: bytes, if_none_match: bytes | None
) -> None:
    """Answer a GET with a validator; 304 when the client has just that (RFC 9110, 13.1.2)."""
    headers = [(b"etag", answer.etag), _REVALIDATE, _VARY]
    if if_none_match is not None and _matches(if_none_match, answer.etag):
        message = {"type": "http.response.start", "status": 304, "headers": headers}
        await send(message)
        await send({"type": "http.response.body", "body": b""})
        return
    await respond(send, answer.body, media, headers=headers)


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    given = (each.strip().removeprefix(b"W/") for each in if_none_match.split(b","))
    return if_none_match.strip() == b"*" or etag in given
