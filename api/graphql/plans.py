"""A plan: what exactly a request asks for, ready to run, or to be found among kept answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, get_argument_values
from graphql.execution.values import VariableValues, get_variable_values

from api.graphql.analysis import Selected, total_cost
from api.graphql.documents import Document, Documents, Operation
from api.graphql.limits import VARIABLE_ERRORS_MAX, Limits
from api.graphql.params import Params
from api.graphql.persisted import PersistedDocuments
from api.graphql.problems import Rejected, rejected


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One operation of a valid document with coerced variables, within all limits."""

    document: Document
    operation: Operation
    operation_name: str | None
    variables: Mapping[str, Any]
    """As they came, those that the operation declares only."""
    values: VariableValues
    """Coerced."""
    tags: tuple[str, ...] | None
    """What the answer depends on; None when it may not be kept."""
    key: bytes
    """Equal for plans that do the same."""

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.kind


class Planner:
    """Makes plans, or says what is wrong with a request."""

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents,
        persisted: PersistedDocuments,
        limits: Limits,
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._persisted = persisted
        self._limits = limits

    def plan(self, params: Params) -> Plan:
        """The plan of a request.

        Raises:
            Problem: it cannot be run; nothing was.
        """
        try:
            return self._plan(params)
        except RecursionError:
            raise Rejected("TOO_DEEP", "The document or its variables nest too deeply.") from None

    def _plan(self, params: Params) -> Plan:
        document = self._documents.compile(self._persisted.text(params))
        self._persisted.register(params)
        operation = document.operation(params.operation_name)
        variables = _declared(operation, params.variables)
        values = self._coerced(operation, variables)
        self._check_cost(operation, values)
        return Plan(
            document=document,
            operation=operation,
            operation_name=params.operation_name,
            variables=variables,
            values=values,
            tags=_tags(operation, values),
            key=plan_key(document, params.operation_name, variables),
        )

    def _coerced(self, operation: Operation, variables: Mapping[str, Any]) -> VariableValues:
        definitions = operation.node.variable_definitions or ()
        values = get_variable_values(
            self._schema, definitions, dict(variables), VARIABLE_ERRORS_MAX
        )
        if isinstance(values, list):
            raise rejected("BAD_VARIABLES", values)
        return values

    def _check_cost(self, operation: Operation, values: VariableValues) -> None:
        def page_size(selected: Selected) -> int | None:
            return _page_size(selected, values, self._limits.page_size_max)

        cost = total_cost(operation.analysis.roots, page_size)
        if cost > self._limits.cost_max:
            raise Rejected(
                "TOO_COSTLY",
                f"The operation costs {cost}, at most {self._limits.cost_max} is allowed. "
                "Ask for smaller pages or fewer fields that return objects.",
            )


def plan_key(document: Document, name: str | None, variables: Mapping[str, Any]) -> bytes:
    """What two requests have in common exactly when they ask for the same."""
    told = orjson.dumps([document.text, name, variables], option=orjson.OPT_SORT_KEYS)
    return blake2b(told, digest_size=20).digest()


def arguments_of(selected: Selected, values: VariableValues) -> dict[str, Any]:
    """The coerced arguments of a selected field.

    Raises:
        Rejected: a value that the argument's type does not take.
    """
    try:
        return get_argument_values(selected.definition, selected.node, values)
    except GraphQLError as error:
        raise rejected("BAD_VARIABLES", [error]) from error


def _declared(operation: Operation, variables: Mapping[str, Any]) -> dict[str, Any]:
    names = [d.variable.name.value for d in operation.node.variable_definitions or ()]
    return {name: variables[name] for name in names if name in variables}


def _tags(operation: Operation, values: VariableValues) -> tuple[str, ...] | None:
    if operation.analysis.versioned is None:
        return None
    found: list[str] = []
    for selected, tags_of in operation.analysis.versioned:
        tags = tags_of(arguments_of(selected, values))
        if tags is None:
            return None
        found.extend(tags)
    return tuple(dict.fromkeys(found))


def _page_size(selected: Selected, values: VariableValues, maximum: int) -> int | None:
    names = [name for name in ("first", "last") if name in selected.definition.args]
    if not names:
        return None
    arguments = arguments_of(selected, values)
    sizes = [size for name in names if isinstance(size := arguments.get(name), int)]
    for size in sizes:
        if not 0 <= size <= maximum:
            told = f"A page has 0 to {maximum} entries, not {size}; page with `after`."
            raise Rejected("PAGE_SIZE_OUT_OF_RANGE", told)
    return max(sizes) if sizes else selected.cost.page_size_default
