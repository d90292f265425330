"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), on bare ASGI.

What was asked before takes this path: its very bytes → what it means → versions (read once for all
who wait) → kept answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from graphql import OperationType

from api.graphql.answers import Answer
from api.graphql.asgi import Receive, Scope, Send, headers_of, source_of
from api.graphql.limits import ASKED_BYTES_MAX, ASKED_TOTAL_BYTES_MAX
from api.graphql.lru import Lru
from api.graphql.negotiation import JSON, Accepted, accepted, check_content_type, check_same_site
from api.graphql.params import params_from_json, params_from_query_string
from api.graphql.plans import Plan
from api.graphql.problems import (
    RETRY_SECONDS,
    UNAVAILABLE,
    BadRequest,
    Problem,
    Rejected,
    internal_error,
)
from api.graphql.responses import respond, respond_conditionally, respond_problem
from api.graphql.service import Service
from api.graphql.streams import serve_stream
from schema.execution import Credentials, Unauthenticated, Viewer

Head = Mapping[bytes, bytes]

_ALLOW = (b"allow", b"GET, POST")
_RETRY = ((b"retry-after", b"%d" % RETRY_SECONDS),)
_ASKED_OVERHEAD_BYTES = 1_000

Given: TypeAlias = tuple[str, bytes]
"""A method, and the bytes that say what is asked: a body or a query string."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What given bytes mean, as far as finding a kept answer needs. It holds nothing of the
    document: kept documents are bounded by themselves."""

    key: bytes
    tags: tuple[str, ...]


class HttpEndpoint:
    """Serves GET and POST on one path."""

    def __init__(self, service: Service, page: bytes | None) -> None:
        self._service = service
        self._page = page
        self._asked: Lru[Given, Asked] = Lru(ASKED_TOTAL_BYTES_MAX)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        head = headers_of(scope)
        allowed: Accepted | None = None
        try:
            allowed = accepted(head.get(b"accept"))
            if scope["method"] == "POST":
                await self._post(scope, receive, send, head, allowed)
            elif scope["method"] == "GET":
                await self._get(scope, receive, send, head, allowed)
            else:
                raise _not_allowed("Use GET or POST.", _ALLOW)
        except Problem as problem:
            await respond_problem(send, problem, allowed)
        except Unauthenticated as error:
            await respond_problem(send, _unauthenticated(error), allowed)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            await respond_problem(send, _internal(error), allowed)

    async def _post(
        self, scope: Scope, receive: Receive, send: Send, head: Head, allowed: Accepted
    ) -> None:
        check_content_type(head.get(b"content-type"))
        body = await self._body(receive, head)
        viewer = await self._viewer(scope, head)
        answer = await self._known(("POST", body), viewer, allowed)
        if answer is None:
            plan = self._plan(("POST", body))
            if _is_streamed(plan, allowed):
                source = source_of(scope)
                await serve_stream(self._service, plan, viewer, allowed, source, receive, send)
                return
            answer = await self._service.kept_answer(plan, viewer, "http")
        await respond(send, answer.body, allowed.json or JSON)

    async def _get(
        self, scope: Scope, receive: Receive, send: Send, head: Head, allowed: Accepted
    ) -> None:
        query_string: bytes = scope["query_string"]
        if self._page is not None and allowed.html and b"query=" not in query_string:
            await respond(send, self._page, b"text/html; charset=utf-8")
            return
        self._check_get(query_string, head)
        viewer = await self._viewer(scope, head)
        answer = await self._known(("GET", query_string), viewer, allowed)
        if answer is None:
            plan = self._plan(("GET", query_string))
            if plan.kind is OperationType.MUTATION:
                raise _not_allowed("A mutation needs POST.", (b"allow", b"POST"))
            if _is_streamed(plan, allowed):
                source = source_of(scope)
                await serve_stream(self._service, plan, viewer, allowed, source, receive, send)
                return
            answer = await self._service.kept_answer(plan, viewer, "http")
        media = allowed.json or JSON
        await respond_conditionally(send, answer, media, head.get(b"if-none-match"))

    async def _known(self, given: Given, viewer: Viewer, allowed: Accepted) -> Answer | None:
        """The answer to bytes that were asked before, without reading them again."""
        asked = self._asked.get(given)
        answers = self._service.answers
        if asked is None or answers is None or allowed.json is None:
            return None

        async def compute() -> tuple[bytes, bool]:
            return await self._service.runner.answer(self._plan(given), viewer, "http")

        return await answers.answer((asked.key, viewer.visibility), asked.tags, compute)

    def _plan(self, given: Given) -> Plan:
        method, raw = given
        read = params_from_json if method == "POST" else params_from_query_string
        plan = self._service.planner.plan(read(raw))
        if plan.tags is not None and len(raw) <= ASKED_BYTES_MAX:
            self._asked.put(given, Asked(plan.key, plan.tags), len(raw) + _ASKED_OVERHEAD_BYTES)
        return plan

    def _check_get(self, query_string: bytes, head: Head) -> None:
        check_same_site(head)
        if len(query_string) > self._service.limits.query_string_bytes_max:
            told = "The query string is too long; use POST."
            status = HTTPStatus.REQUEST_URI_TOO_LONG
            raise BadRequest("QUERY_STRING_TOO_LONG", told, status=status)

    async def _viewer(self, scope: Scope, head: Head) -> Viewer:
        return await self._service.authenticate(Credentials(head, None, source_of(scope)))

    async def _body(self, receive: Receive, head: Head) -> bytes:
        maximum = self._service.limits.body_bytes_max
        if int(head.get(b"content-length", b"0")) > maximum:
            raise _too_large(maximum)
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body", False):
            message = await receive()
            body += message.get("body", b"")
            if len(body) > maximum:
                raise _too_large(maximum)
        if len(body) > maximum:
            raise _too_large(maximum)
        return body


def _is_streamed(plan: Plan, allowed: Accepted) -> bool:
    """Whether the answer comes as a stream: a subscription always, others for clients that take
    nothing else (graphql-sse sends all its operations so)."""
    if plan.kind is not OperationType.SUBSCRIPTION and allowed.json is not None:
        return False
    if allowed.stream is None:
        told = "A subscription needs `accept: text/event-stream` or `multipart/mixed`."
        raise Rejected("STREAM_NOT_ACCEPTED", told, status=HTTPStatus.NOT_ACCEPTABLE)
    return True


def _not_allowed(told: str, allow: tuple[bytes, bytes]) -> BadRequest:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    return BadRequest("METHOD_NOT_ALLOWED", told, status=status, headers=(allow,))


def _too_large(maximum: int) -> BadRequest:
    told = f"The body is larger than {maximum} bytes."
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return BadRequest("BODY_TOO_LARGE", told, status=status)


def _unauthenticated(error: Unauthenticated) -> Problem:
    told = str(error) or "The credentials are not good; sign in again."
    headers = ((b"www-authenticate", b"Bearer"),)
    return BadRequest("UNAUTHENTICATED", told, status=HTTPStatus.UNAUTHORIZED, headers=headers)


def _internal(error: Exception) -> Problem:
    masked = internal_error(error, where="http")
    code, told = masked["extensions"]["code"], masked["message"]
    if code == UNAVAILABLE:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return BadRequest(code, told, status=status, errors=[masked], headers=_RETRY)
    return BadRequest(code, told, status=HTTPStatus.INTERNAL_SERVER_ERROR, errors=[masked])
