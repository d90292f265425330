"""What a selection answers, as a TypeScript type. Pure.

Where a selection is on a union or an interface, its members are told apart by `__typename`; those
that answer alike stand together.
"""

from collections.abc import Iterator, Sequence
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from berth.typescript.words import (
    BUILT_IN,
    INDENT,
    WIDTH_MAX,
    block,
    comment,
    literals,
    nullable,
)

TYPE_NAME = "__typename"

Fields = dict[str, list[FieldNode]]


class Shapes:
    """Writes selections of one document; remembers which enumerations and scalars it named."""

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.schema = schema
        self.fragments = fragments
        self.named: set[str] = set()

    def shape(
        self, parent: GraphQLCompositeType, selections: Sequence[SelectionSetNode], indent: str = ""
    ) -> str:
        """What these selections together answer of an object of that type."""
        if not is_abstract_type(parent):
            if name := self._only_fragment(parent, selections):
                return name
            return block(self._members(cast(GraphQLObjectType, parent), selections, indent), indent)
        alike: dict[tuple[str, ...], list[str]] = {}
        for concrete in self.schema.get_possible_types(parent):
            members = [
                line
                for line in self._members(concrete, selections, indent)
                if not line.lstrip().startswith(TYPE_NAME)
            ]
            alike.setdefault(tuple(members), []).append(concrete.name)
        return " | ".join(
            block([*_told_apart(names, indent + INDENT), *members], indent)
            for members, names in alike.items()
        )

    def _only_fragment(
        self, parent: GraphQLCompositeType, selections: Sequence[SelectionSetNode]
    ) -> str | None:
        """The fragment on that very type that the selections consist of, which has a name."""
        nodes = [node for selection in selections for node in selection.selections]
        if len(nodes) != 1 or not isinstance(nodes[0], FragmentSpreadNode):
            return None
        fragment = self.fragments[nodes[0].name.value]
        is_same = fragment.type_condition.name.value == parent.name
        return fragment.name.value if is_same else None

    def _members(
        self, parent: GraphQLObjectType, selections: Sequence[SelectionSetNode], indent: str
    ) -> list[str]:
        found: Fields = {}
        for selection in selections:
            self._collect(parent, selection, found)
        inner = indent + INDENT
        return [
            line for key, nodes in found.items() for line in self._member(parent, key, nodes, inner)
        ]

    def _member(
        self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode], indent: str
    ) -> Iterator[str]:
        name = nodes[0].name.value
        if name == TYPE_NAME:
            yield f"{indent}{key}: {literals([parent.name])};"
            return
        field = parent.fields[name]
        kind = get_named_type(field.type)
        if is_composite_type(kind):
            inner = [node.selection_set for node in nodes if node.selection_set]
            text = self.shape(kind, inner, indent)
        else:
            text = BUILT_IN.get(kind.name, kind.name)
            self.named.add(kind.name)
        yield from comment(field.description, indent)
        yield f"{indent}{key}: {nullable(text, field.type)};"

    def _collect(
        self, parent: GraphQLObjectType, selection_set: SelectionSetNode, found: Fields
    ) -> None:
        """The fields that an object of that type answers, by the names it answers under."""
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                found.setdefault(key, []).append(node)
                continue
            fragment = self._fragment(node)
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, parent):
                self._collect(parent, fragment.selection_set, found)

    def _fragment(self, node: SelectionNode) -> InlineFragmentNode | FragmentDefinitionNode:
        if isinstance(node, InlineFragmentNode):
            return node
        return self.fragments[cast(FragmentSpreadNode, node).name.value]

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        kind = self.schema.type_map[condition]
        return kind is parent or (is_abstract_type(kind) and self.schema.is_sub_type(kind, parent))


def _told_apart(names: Sequence[str], indent: str) -> list[str]:
    line = f"{indent}{TYPE_NAME}: {literals(names)};"
    if len(line) <= WIDTH_MAX:
        return [line]
    each = [f"{indent}{INDENT}| {literals([name])}" for name in names]
    return [f"{indent}{TYPE_NAME}:", *each[:-1], f"{each[-1]};"]
