"""The groups of one process: who asks for the same joins the same."""

import asyncio
from collections.abc import Mapping
from contextvars import Context as ContextVariables
from typing import Any

from graphql import GraphQLError

from api.graphql.asgi import Gone
from api.graphql.groups import Group, Member
from api.graphql.limits import Limits
from api.graphql.payload import Payload
from api.graphql.plans import Plan, arguments_of, plan_key
from api.graphql.problems import Rejected, internal_error, told
from api.graphql.running import PlainExecutor, Runner, run_event
from api.graphql.sink import Sink
from schema.execution import RESUME_ARGUMENT, Context, Event, Only, Viewer

Key = tuple[bytes, str]
"""What is asked for, without where it resumes, and by whom: `Viewer.visibility`."""

OPENING_SECONDS = 1.0
"""A group whose joiners all went away while it opened is closed after this."""


class Hub:
    """Opens, finds and closes groups."""

    def __init__(self, runner: Runner, limits: Limits) -> None:
        self._runner = runner
        self._limits = limits
        self._groups: dict[Key, asyncio.Task[Group | Payload]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def join(self, plan: Plan, viewer: Viewer, sink: Sink) -> Member:
        """Subscribe a sink to what the plan asks for.

        Raises:
            Rejected: the version to resume from is not a number.
        """
        arguments = arguments_of(plan.operation.analysis.roots[0], plan.values)
        after = _version(arguments.pop(RESUME_ARGUMENT, None))
        member = Member(sink)
        member.run(self._bring(member, plan, viewer, arguments, after))
        return member

    async def close(self) -> None:
        """End every group."""
        tasks = list(self._groups.values())
        for task in tasks:
            task.cancel()
        for opened in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(opened, Group):
                await opened.end()

    async def _bring(
        self,
        member: Member,
        plan: Plan,
        viewer: Viewer,
        arguments: Mapping[str, Any],
        after: int | None,
    ) -> None:
        sink = member.sink
        try:
            group = await self._group(plan, viewer, arguments)
            if isinstance(group, Payload):
                await sink.deliver(group)
                sink.finish()
                return
        except Gone:
            return
        except GraphQLError as error:
            sink.finish(told([error]))
            return
        except Exception as error:  # noqa: BLE001 - whatever a source raises fails its subscriber
            sink.finish([internal_error(error, where="subscription source")])
            return
        group.add(member)
        await group.follow(member, after)

    async def _group(
        self, plan: Plan, viewer: Viewer, arguments: Mapping[str, Any]
    ) -> Group | Payload:
        key = _group_key(plan, viewer)
        while True:
            opening = self._groups.get(key)
            if opening is None:
                work = self._open(key, plan, viewer, arguments)
                loop = asyncio.get_running_loop()
                opening = loop.create_task(work, context=ContextVariables())
                self._groups[key] = opening
                opening.add_done_callback(lambda done: self._opened(key, done))
            group = await asyncio.shield(opening)
            if isinstance(group, Payload) or not group.is_over:
                return group

    async def _open(
        self, key: Key, plan: Plan, viewer: Viewer, arguments: Mapping[str, Any]
    ) -> Group | Payload:
        context = self._runner.context(viewer, "shared")
        executor = self._runner.executor(plan, context)
        source = plan.operation.analysis.source
        assert source is not None, "only shared subscriptions come here"
        stream = await source(arguments, context)
        if isinstance(stream, Only):
            return await self._execute(executor, viewer, stream.value)

        async def execute(event: Event) -> Payload:
            return await self._execute(executor, viewer, event.value)

        return Group(stream, execute, self._limits, lambda: self._forget(key))

    async def _execute(self, executor: PlainExecutor, viewer: Viewer, value: Any) -> Payload:
        def context() -> Context:
            return self._runner.context(viewer, "shared")

        return Payload(await run_event(executor, value, context))

    def _opened(self, key: Key, done: "asyncio.Task[Group | Payload]") -> None:
        if done.cancelled() or done.exception() is not None or isinstance(done.result(), Payload):
            self._forget(key, done)
            return
        group = done.result()
        assert isinstance(group, Group)
        asyncio.get_running_loop().call_later(OPENING_SECONDS, group.end_if_empty)

    def _forget(self, key: Key, task: "asyncio.Task[Group | Payload] | None" = None) -> None:
        if task is None or self._groups.get(key) is task:
            self._groups.pop(key, None)


def _group_key(plan: Plan, viewer: Viewer) -> Key:
    resume = plan.operation.analysis.resume_variable
    variables = {k: v for k, v in plan.variables.items() if k != resume}
    return plan_key(plan.document, plan.operation_name, variables), viewer.visibility


def _version(given: Any) -> int | None:
    if given is None or (isinstance(given, int) and not isinstance(given, bool)):
        return given
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 20:
        return int(given)
    raise Rejected("BAD_VARIABLES", f"`{RESUME_ARGUMENT}` has to be a version, a whole number.")
