"""Documents: parsed, validated and analysed once, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from api.graphql.analysis import Analysis, analyse
from api.graphql.limits import DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX, VALIDATION_ERRORS_MAX, Limits
from api.graphql.lru import Lru
from api.graphql.problems import Rejected, rejected
from api.graphql.rules import first_rules, shape_rules

_BYTES_A_CHARACTER = 300
"""What a parsed document takes for each character of its text; measured: 140 for a usual one."""


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a valid document."""

    node: OperationDefinitionNode
    analysis: Analysis

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.node.operation


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A valid document."""

    text: str
    ast: DocumentNode
    operations: tuple[Operation, ...]
    fragments: Mapping[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> Operation:
        """The operation of that name, or the only one.

        Raises:
            Rejected: no such operation, or several and no name.
        """
        if name is None:
            if len(self.operations) == 1:
                return self.operations[0]
            raise Rejected(
                "OPERATION_NAME_REQUIRED",
                f"The document has {len(self.operations)} operations; give `operationName`.",
            )
        for operation in self.operations:
            if operation.node.name is not None and operation.node.name.value == name:
                return operation
        raise Rejected("UNKNOWN_OPERATION", f"The document has no operation named '{name}'.")


class Documents:
    """Compiles documents against one schema, and keeps them."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema = schema
        self._tokens_max = limits.tokens_max
        self._first_rules = first_rules(limits)
        self._rules = shape_rules(limits, introspection=introspection)
        self._hide_suggestions = not introspection
        self._kept: Lru[str, Document | Rejected] = Lru(DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX)

    def compile(self, text: str) -> Document:
        """The document of a text.

        Raises:
            Rejected: it does not parse, is not valid, or is over a limit.
        """
        kept = self._kept.get(text)
        if kept is None:
            kept = self._compile(text)
            self._kept.put(text, kept, len(text) * _BYTES_A_CHARACTER)
        if isinstance(kept, Rejected):
            # A fresh one each time: an exception collects the traceback of whoever raises it.
            raise Rejected(kept.code, str(kept), errors=kept.errors)
        return kept

    def _compile(self, text: str) -> Document | Rejected:
        try:
            ast = parse(text, max_lexical_tokens=self._tokens_max, max_comments=self._tokens_max)
        except GraphQLError as error:
            return rejected(_parse_code(error), [error])
        errors = validate(self._schema, ast, self._first_rules, max_errors=1)
        errors = errors or validate(
            self._schema,
            ast,
            self._rules,
            max_errors=VALIDATION_ERRORS_MAX,
            hide_suggestions=self._hide_suggestions,
        )
        if errors:
            return rejected("GRAPHQL_VALIDATION_FAILED", errors)
        return self._analysed(text, ast)

    def _analysed(self, text: str, ast: DocumentNode) -> Document:
        fragments = {
            d.name.value: d for d in ast.definitions if isinstance(d, FragmentDefinitionNode)
        }
        operations = tuple(
            Operation(d, analyse(self._schema, d, fragments))
            for d in ast.definitions
            if isinstance(d, OperationDefinitionNode)
        )
        return Document(text, ast, operations, fragments)


def _parse_code(error: GraphQLError) -> str:
    is_over = "Document contains more than" in error.message
    return "TOO_MANY_TOKENS" if is_over else "GRAPHQL_PARSE_FAILED"
