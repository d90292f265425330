"""The operations alive on one WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeAlias

from graphql import OperationType

from api.graphql import frames
from api.graphql.asgi import Gone
from api.graphql.frames import Subscribe
from api.graphql.groups import Member
from api.graphql.payload import Payload
from api.graphql.plans import Plan
from api.graphql.presence import Connection
from api.graphql.problems import Problem, Rejected, internal_error
from api.graphql.service import Service
from api.graphql.tasks import start
from api.graphql.wire import Wire

Work: TypeAlias = Callable[[str, Plan], Awaitable[None]]


class Operations:
    """Starts, stops and counts them."""

    __slots__ = ("_connection", "_running", "_service", "_wire")

    def __init__(self, service: Service, wire: Wire, connection: Connection) -> None:
        self._service = service
        self._wire = wire
        self._connection = connection
        self._running: dict[str, tuple[OperationType, Member | asyncio.Task[None]]] = {}

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._running

    def start(self, message: Subscribe) -> None:
        """Run an operation.

        Raises:
            Problem: it cannot be run.
        """
        if len(self._running) >= self._service.limits.operations_per_socket_max:
            maximum = self._service.limits.operations_per_socket_max
            told = f"At most {maximum} operations at a time; complete some, or open a socket."
            raise Rejected("TOO_MANY_OPERATIONS", told)
        plan = self._service.planner.plan(message.params)
        if plan.kind is OperationType.SUBSCRIPTION:
            self._count()
        try:
            self._running[message.id] = (plan.kind, self._run(message.id, plan))
        except Problem:
            self._service.presence.unsubscribe(self._connection)
            raise

    def stop(self, operation_id: str) -> None:
        """The client wants no more of it. A mutation runs to its end all the same."""
        kind, running = self._running.pop(operation_id, (None, None))
        if kind is OperationType.SUBSCRIPTION:
            self._service.presence.unsubscribe(self._connection)
        if isinstance(running, Member):
            running.leave()
        elif running is not None and kind is not OperationType.MUTATION:
            running.cancel()

    def stop_all(self) -> None:
        """The client is gone."""
        for operation_id in list(self._running):
            self.stop(operation_id)

    def over(self, operation_id: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        """It has come to its end; with errors it failed."""
        kind, _ = self._running.pop(operation_id, (None, None))
        if kind is None:
            return
        if kind is OperationType.SUBSCRIPTION:
            self._service.presence.unsubscribe(self._connection)
        if errors:
            self._wire.say(frames.error_message(operation_id, errors))
        else:
            self._wire.say(frames.complete_message(operation_id))

    def _count(self) -> None:
        if not self._service.presence.subscribe(self._connection):
            maximum = self._service.limits.subscriptions_per_viewer_max
            told = f"At most {maximum} subscriptions at a time of one viewer; complete some."
            raise Rejected("TOO_MANY_SUBSCRIPTIONS", told)

    def _run(self, operation_id: str, plan: Plan) -> Member | asyncio.Task[None]:
        if plan.operation.analysis.source is not None:
            sink = SocketSink(self, self._wire, operation_id)
            return self._service.hub.join(plan, self._connection.viewer, sink)
        if plan.kind is OperationType.SUBSCRIPTION:
            return start(self._guarded(operation_id, plan, self._events))
        return start(self._guarded(operation_id, plan, self._answer))

    async def _guarded(self, operation_id: str, plan: Plan, work: Work) -> None:
        try:
            await work(operation_id, plan)
        except Gone:
            return
        except Exception as error:  # noqa: BLE001 - a bug fails its operation only
            told = internal_error(error, where="operation")
            if self._is_mine(operation_id):
                self.over(operation_id, [told])

    async def _answer(self, operation_id: str, plan: Plan) -> None:
        if not await self._service.presence.admits(self._connection):
            return
        body = await self._service.answer(plan, self._connection.viewer, "websocket")
        if self._is_mine(operation_id):
            await self._wire.deliver(frames.next_head(operation_id) + Payload(body).text)
            self.over(operation_id)

    def _is_mine(self, operation_id: str) -> bool:
        """Whether the running task is still what its id stands for: a client may have completed a
        mutation and given its id to another operation meanwhile."""
        running = self._running.get(operation_id)
        return running is not None and running[1] is asyncio.current_task()

    async def _events(self, operation_id: str, plan: Plan) -> None:
        head = frames.next_head(operation_id)
        viewer = self._connection.viewer
        async for body in self._service.runner.events(plan, viewer, "websocket"):
            await self._wire.deliver(head + Payload(body).text)
        self.over(operation_id)


class Over(Protocol):
    """Is told that an operation has come to its end."""

    def over(self, operation_id: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        """It is over."""


class SocketSink:
    """A shared subscription's end on a WebSocket (`sink.Sink`)."""

    __slots__ = ("_head", "_id", "_operations", "_wire")

    def __init__(self, operations: Over, wire: Wire, operation_id: str) -> None:
        self._operations = operations
        self._wire = wire
        self._id = operation_id
        self._head = frames.next_head(operation_id).encode()

    def offer(self, payload: Payload) -> bool:
        """As `Sink.offer`: one encoding for all, only the operation's id is spliced in."""
        return self._wire.offer_next(self._head, payload)

    async def deliver(self, payload: Payload) -> None:
        """As `Sink.deliver`."""
        await self._wire.deliver(self._head.decode() + payload.text)

    async def until_writable(self) -> None:
        """As `Sink.until_writable`; a ping is what the protocol lets a server say for nothing."""
        await self._wire.deliver(frames.PING)

    def finish(self, errors: Sequence[dict[str, Any]] = ()) -> None:
        """As `Sink.finish`."""
        self._operations.over(self._id, errors)
