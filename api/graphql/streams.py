"""Streams of results over HTTP: graphql-sse (distinct connections mode) and multipart.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from graphql import OperationType

from api.graphql.asgi import Gone, Receive, Send, reset, send_now, send_or_gone
from api.graphql.groups import Member
from api.graphql.limits import Limits
from api.graphql.negotiation import MULTIPART, SSE, Accepted, Streaming
from api.graphql.payload import (
    MULTIPART_END,
    MULTIPART_HEARTBEAT,
    MULTIPART_OPENING,
    SSE_COMMENT,
    SSE_COMPLETE,
    Payload,
)
from api.graphql.plans import Plan
from api.graphql.problems import BadRequest, Problem, Rejected, internal_error
from api.graphql.running import encoded_errors
from api.graphql.service import Service
from api.graphql.tasks import start
from schema.execution import Viewer

Running: TypeAlias = "Member | asyncio.Task[None] | None"

_HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))


async def serve_stream(
    service: Service,
    plan: Plan,
    viewer: Viewer,
    allowed: Accepted,
    source: str,
    receive: Receive,
    send: Send,
) -> None:
    """Answer one operation with a stream, until it is over or the client is gone.

    Raises:
        Problem: a limit; nothing was sent yet.
    """
    assert allowed.stream is not None
    if not service.presence.admit(source):
        status = HTTPStatus.TOO_MANY_REQUESTS
        raise BadRequest("TOO_MANY_SOCKETS", "Too many streams from this address.", status=status)
    stream = HttpStream(service, allowed.stream, viewer, source, send)
    try:
        await stream.serve(plan, receive)
    finally:
        service.presence.dismiss(source)


class HttpStream:
    """One response that goes on: a sink for a shared subscription, or for any operation."""

    def __init__(
        self, service: Service, form: Streaming, viewer: Viewer, source: str, send: Send
    ) -> None:
        self.viewer = viewer
        self.source = source
        self._service = service
        self._limits: Limits = service.limits
        self._form = form
        self._send = send
        self._over: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(self, plan: Plan, receive: Receive) -> None:
        """Until it is over or the client is gone."""
        presence = self._service.presence
        if not presence.subscribe(self):
            told = "Too many subscriptions of this viewer; end some."
            raise Rejected("TOO_MANY_SUBSCRIPTIONS", told, status=HTTPStatus.TOO_MANY_REQUESTS)
        presence.watch(self)
        running: Running = None
        try:
            await self._open()
            running = self._run(plan)
            await self._until_over(receive)
        except Gone:
            return
        finally:
            presence.unwatch(self)
            presence.unsubscribe(self)
            _stop(running, plan)

    # As a sink

    def offer(self, payload: Payload) -> bool:
        """As `Sink.offer`: every subscriber of this form gets the very same bytes."""
        if self._over.done():
            raise Gone
        return send_now(self._send, _more(self._framed(payload)))

    async def deliver(self, payload: Payload) -> None:
        """As `Sink.deliver`."""
        await self._deliver(self._framed(payload))

    async def until_writable(self) -> None:
        """As `Sink.until_writable`."""
        await self._deliver(self._idle())

    def finish(self, errors: Sequence[dict[str, Any]] = ()) -> None:
        """As `Sink.finish`."""
        if not self._over.done():
            last = self._framed(Payload(encoded_errors(list(errors)))) if errors else b""
            self._over.set_result(last + self._ending())

    def expel(self, reason: str) -> None:
        """As `Connection.expel`."""
        self.finish([{"message": reason, "extensions": {"code": "UNAUTHENTICATED"}}])

    # The response

    async def _open(self) -> None:
        media, first = (SSE, SSE_COMMENT) if self._form == "sse" else (MULTIPART, MULTIPART_OPENING)
        headers = [(b"content-type", media), *_HEADERS]
        message = {"type": "http.response.start", "status": 200, "headers": headers}
        await send_or_gone(self._send, message)
        await send_or_gone(self._send, _more(first))

    async def _until_over(self, receive: Receive) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            while not (self._over.done() or gone.done()):
                ends = (gone, self._over)
                first = asyncio.FIRST_COMPLETED
                seconds = self._limits.keep_alive_seconds
                done, _ = await asyncio.wait(ends, timeout=seconds, return_when=first)
                if not done:
                    send_now(self._send, _more(self._idle()))
            if self._over.done():
                await self._close(self._over.result())
            else:
                self._over.cancel()
        finally:
            gone.cancel()

    async def _close(self, last: bytes) -> None:
        message = {"type": "http.response.body", "body": last, "more_body": False}
        try:
            async with asyncio.timeout(self._limits.slow_close_seconds_max):
                await send_or_gone(self._send, message)
        except TimeoutError:
            reset(self._send)

    async def _deliver(self, body: bytes) -> None:
        if self._over.done():
            raise Gone
        if send_now(self._send, _more(body)):
            return
        try:
            async with asyncio.timeout(self._limits.slow_client_seconds_max):
                await send_or_gone(self._send, _more(body))
        except TimeoutError:
            # An event stream has no close code; the connection ends without `complete`, so that
            # the client knows to come back.
            reset(self._send)
            self._over.cancel()
            raise Gone from None

    def _framed(self, payload: Payload) -> bytes:
        return payload.sse if self._form == "sse" else payload.part

    def _idle(self) -> bytes:
        return SSE_COMMENT if self._form == "sse" else MULTIPART_HEARTBEAT

    def _ending(self) -> bytes:
        return SSE_COMPLETE if self._form == "sse" else MULTIPART_END

    # The operation

    def _run(self, plan: Plan) -> Running:
        if plan.operation.analysis.source is None:
            return start(self._guarded(plan))
        try:
            return self._service.hub.join(plan, self.viewer, self)
        except Problem as problem:
            self.finish(problem.errors)
            return None

    async def _guarded(self, plan: Plan) -> None:
        try:
            async for body in self._bodies(plan):
                await self.deliver(Payload(body))
            self.finish()
        except Gone:
            return
        except Exception as error:  # noqa: BLE001 - a bug fails its operation only
            self.finish([internal_error(error, where="operation")])

    async def _bodies(self, plan: Plan) -> AsyncIterator[bytes]:
        if plan.kind is not OperationType.SUBSCRIPTION:
            yield await self._service.answer(plan, self.viewer, self._form)
            return
        async for body in self._service.runner.events(plan, self.viewer, self._form):
            yield body


def one_shot(form: Streaming, errors: list[dict[str, Any]]) -> tuple[bytes, bytes]:
    """Media type and body of a stream that says what is wrong with an operation, and ends."""
    payload = Payload(encoded_errors(errors))
    if form == "sse":
        return SSE, payload.sse + SSE_COMPLETE
    return MULTIPART, MULTIPART_OPENING + payload.part + MULTIPART_END


def _more(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _stop(running: Running, plan: Plan) -> None:
    if isinstance(running, Member):
        running.leave()
    elif running is not None and plan.kind is not OperationType.MUTATION:
        running.cancel()
