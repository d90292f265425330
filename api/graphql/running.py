"""Running plans on graphql-core, and encoding what comes out.

Strawberry's schema is used for its graphql-core schema; its request pipeline (extensions, a parse
and a validation per request, executor with incremental delivery) is not.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, cast

import orjson
from graphql import ExecutionResult, GraphQLSchema
from graphql.execution import Executor, create_source_event_stream
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.graphql.plain import Complete, NotPlain, compiled
from api.graphql.plans import Plan
from api.graphql.problems import internal_error, rejected, told
from schema.execution import Context, ContextFactory, Transport, Viewer


class PlainExecutor(Executor[None]):
    """graphql-core's executor with the resolve info that Strawberry's resolvers expect."""

    operation_extensions: Mapping[str, Any] = {}
    build_resolve_info = StrawberryGraphQLCoreExecutionContext.build_resolve_info

    _plain: Complete | None = None
    _is_plain = True

    def plainly(self, value: Any) -> Any:
        """The `data` of one subscription event. Raises NotPlain when it has to be executed."""
        if not self._is_plain:
            raise NotPlain
        if self._plain is None:
            try:
                self._plain = compiled(self)
            except NotPlain:
                self._is_plain = False
                raise
        return self._plain(value)

    def for_event(self, value: Any, context: Context) -> "PlainExecutor":
        """A copy that executes one subscription event, with a context of its own."""
        copy = cast("PlainExecutor", self.build_per_event_executor(value))
        copy.context_value = context
        # graphql-core shares this memo between events and it would grow with each of them.
        copy._relevant_sub_fields = {}  # noqa: SLF001
        return copy


class Runner:
    """Runs plans against one schema."""

    def __init__(self, schema: GraphQLSchema, contexts: ContextFactory) -> None:
        self._schema = schema
        self._contexts = contexts

    def context(self, viewer: Viewer, transport: Transport) -> Context:
        """A fresh context."""
        return self._contexts(viewer, transport)

    def executor(self, plan: Plan, context: Context) -> PlainExecutor:
        """An executor of the plan."""
        executor = PlainExecutor.build(
            self._schema,
            plan.document.ast,
            context_value=context,
            raw_variable_values=dict(plan.variables),
            operation_name=plan.operation_name,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        if isinstance(executor, list):
            raise rejected("BAD_VARIABLES", executor)
        return cast("PlainExecutor", executor)

    async def answer(self, plan: Plan, viewer: Viewer, transport: Transport) -> tuple[bytes, bool]:
        """Run a query or a mutation; the encoded answer, and whether it is free of errors."""
        executor = self.executor(plan, self.context(viewer, transport))
        result = executor.execute_operation()
        if optimized_is_awaitable(result):
            result = await result  # type: ignore[misc]
        result = cast("ExecutionResult", result)
        return encoded(result), not result.errors

    async def events(
        self, plan: Plan, viewer: Viewer, transport: Transport
    ) -> AsyncIterator[bytes]:
        """Run a subscription that is not shared; an encoded result for each event."""
        executor = self.executor(plan, self.context(viewer, transport))
        source = create_source_event_stream(executor)
        if optimized_is_awaitable(source):
            source = await source  # type: ignore[misc]
        if isinstance(source, ExecutionResult):
            yield encoded(source)
            return
        events = cast("AsyncIterator[Any]", source)
        try:
            async for value in events:
                yield await run_event(executor, value, lambda: self.context(viewer, transport))
        except Exception as error:  # noqa: BLE001 - whatever a resolver raises ends its stream
            yield encoded_errors([internal_error(error, where=_root_name(plan))])
        finally:
            await _close(events)


async def run_event(
    executor: PlainExecutor, value: Any, make_context: Callable[[], Context]
) -> bytes:
    """Execute a subscription's selection on one event."""
    try:
        return orjson.dumps({"data": executor.plainly(value)})
    except (NotPlain, TypeError):  # TypeError: a scalar gave what is not JSON
        pass
    result = executor.for_event(value, make_context()).execute_operation(serially=False)
    if optimized_is_awaitable(result):
        result = await result  # type: ignore[misc]
    return encoded(cast("ExecutionResult", result))


async def _close(events: AsyncIterator[Any]) -> None:
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()


def _root_name(plan: Plan) -> str:
    return plan.operation.analysis.roots[0].node.name.value


def encoded(result: ExecutionResult) -> bytes:
    """The response as JSON; errors first, as the specification suggests."""
    response: dict[str, Any] = {}
    if result.errors:
        response["errors"] = told(result.errors)
    response["data"] = result.data
    try:
        return orjson.dumps(response)
    except TypeError as error:  # a scalar that serialises to something that is not JSON
        return encoded_errors([internal_error(error, where="encoding")])


def encoded_errors(errors: list[dict[str, Any]]) -> bytes:
    """A response that has errors alone."""
    return orjson.dumps({"errors": errors})
