"""Validation rules for the limits of a document's shape; built once per set of limits.

graphql-core makes a rule object per validation, so a rule is a class; the numbers are bound into
it by `shape_rules`.
"""

from typing import Any

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    specified_rules,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.graphql.limits import FIELDS_MAX, Limits

Rule = type[ASTValidationRule]


def first_rules(limits: Limits) -> tuple[Rule, ...]:
    """Rules that cost next to nothing, in a pass of their own: they keep the others affordable."""
    return (type("RepeatLimit", (RepeatLimit,), {"maximum": limits.repeats_max}),)


def shape_rules(limits: Limits, *, introspection: bool) -> tuple[Rule, ...]:
    """All other rules a document has to pass, the cheap limits first."""
    bound: tuple[Rule, ...] = (
        type("AliasLimit", (AliasLimit,), {"maximum": limits.aliases_max}),
        type("DirectiveLimit", (DirectiveLimit,), {"maximum": limits.directives_max}),
        type("DepthLimit", (DepthLimit,), {"maximum": limits.depth_max}),
    )
    closed: tuple[Rule, ...] = () if introspection else (NoSchemaIntrospectionCustomRule,)
    return (
        *bound,
        *closed,
        *specified_rules,
        MaybeNullValidationRule,
        OneOfInputValidationRule,
    )


def over(code: str, what: str, maximum: int, node: Any) -> GraphQLError:
    """The error that says which limit, how much is allowed and what to do."""
    message = f"{what}; at most {maximum} are allowed. Split the operation."
    return GraphQLError(message, node, extensions={"code": code})


class RepeatLimit(ASTValidationRule):
    """At most `maximum` fields that answer under one name in one place, fragments expanded: the
    rule that overlapping fields can be merged compares each pair of them."""

    maximum = 0

    def enter_document(self, node: DocumentNode, *_args: Any) -> None:
        """Merge selections as execution does, and look no further once there are too many."""
        fragments = {
            d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)
        }
        merging = Merging(fragments, self.maximum)
        for definition in node.definitions:
            if not isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
                continue
            if merging.is_over([definition.selection_set]):
                what = "Too many fields of one name in one place"
                self.report_error(over("TOO_MANY_REPEATS", what, self.maximum, definition))
                return


class Merging:
    """Selection sets merged, level by level; it gives up after `FIELDS_MAX` fields."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], maximum: int) -> None:
        self._fragments = fragments
        self._maximum = maximum
        self._fields = 0

    def is_over(self, selections: list[SelectionSetNode]) -> bool:
        """Whether too many fields answer under one name in these or below."""
        level = [selections]
        while level:
            below = []
            for together in level:
                named = self._named(together)
                if named is None or any(len(same) > self._maximum for same in named.values()):
                    return True
                below += [
                    [f.selection_set for f in same if f.selection_set] for same in named.values()
                ]
            level = [each for each in below if each]
        return False

    def _named(self, selections: list[SelectionSetNode]) -> dict[str, list[FieldNode]] | None:
        """The fields by the name that they answer under; None when there are too many to go on."""
        named: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        waiting = list(selections)
        while waiting:
            for node in waiting.pop().selections:
                self._fields += 1
                if self._fields > FIELDS_MAX:
                    return None
                if isinstance(node, FieldNode):
                    name = node.alias.value if node.alias else node.name.value
                    named.setdefault(name, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    fragment = self._fragments.get(node.name.value)
                    if fragment is not None:
                        waiting.append(fragment.selection_set)
        return named


class AliasLimit(ASTValidationRule):
    """At most `maximum` aliases in a document: each can make one expensive field run again."""

    maximum = 0
    seen = 0

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        """Count."""
        self.seen += node.alias is not None
        if node.alias is not None and self.seen == self.maximum + 1:
            self.report_error(over("TOO_MANY_ALIASES", "Too many aliases", self.maximum, node))


class DirectiveLimit(ASTValidationRule):
    """At most `maximum` directives in a document."""

    maximum = 0
    seen = 0

    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        """Count."""
        self.seen += 1
        if self.seen == self.maximum + 1:
            told = over("TOO_MANY_DIRECTIVES", "Too many directives", self.maximum, node)
            self.report_error(told)


class DepthLimit(ASTValidationRule):
    """At most `maximum` levels of fields in an operation; fragments count where they are spread."""

    maximum = 0

    def enter_document(self, node: DocumentNode, *_args: Any) -> None:
        """Measure every operation."""
        fragments = {
            d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)
        }
        depths = Depths(fragments, self.maximum)
        for definition in node.definitions:
            if not isinstance(definition, OperationDefinitionNode):
                continue
            if depths.of(definition.selection_set, ()) > self.maximum:
                told = over("TOO_DEEP", "Too many nested levels", self.maximum, definition)
                self.report_error(told)


class Depths:
    """The depth of selection sets; each fragment is measured once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], maximum: int) -> None:
        self._fragments = fragments
        self._maximum = maximum
        self._known: dict[str, int] = {}

    def of(self, selections: SelectionSetNode, inside: tuple[str, ...], above: int = 0) -> int:
        """Levels of fields below; gives up a little beyond the maximum, and in a cycle."""
        if above > self._maximum:
            return 0
        deepest = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                depth = self._of_field(node, inside, above)
            elif isinstance(node, FragmentSpreadNode):
                depth = self._of_fragment(node.name.value, inside)
            else:
                depth = self.of(node.selection_set, inside, above)  # type: ignore[attr-defined]
            deepest = max(deepest, depth)
        return deepest

    def _of_field(self, node: FieldNode, inside: tuple[str, ...], above: int) -> int:
        if node.name.value.startswith("__"):
            return 0
        below = self.of(node.selection_set, inside, above + 1) if node.selection_set else 0
        return 1 + below

    def _of_fragment(self, name: str, inside: tuple[str, ...]) -> int:
        if name in inside or name not in self._fragments:
            return 0  # another rule reports both
        if name not in self._known:
            selections = self._fragments[name].selection_set
            self._known[name] = self.of(selections, (*inside, name))
        return self._known[name]
