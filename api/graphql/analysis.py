"""What a valid operation is like, found once: may its answer be kept, is it shared, what it costs.

Costs depend on the page sizes in the variables, so they are kept as a tree that is summed up for
each new set of variables.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_leaf_type,
    visit,
)

from api.graphql.metadata import cost_of, is_volatile, source_of, tags_of
from schema.execution import RESUME_ARGUMENT, Cost, Source, TagFunction

Fragments = Mapping[str, FragmentDefinitionNode]

_OBJECT_COST = Cost()
_LEAF_COST = Cost(weight=0)


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """One selected field with what is selected inside it."""

    node: FieldNode
    definition: GraphQLField
    cost: Cost
    inside: tuple["Selected", ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What is known of an operation before its variables are."""

    roots: tuple[Selected, ...]
    versioned: tuple[tuple[Selected, TagFunction], ...] | None
    """The root fields with what names their tags; None when the answer may not be kept."""
    source: Source | None
    """Where a shared subscription's events come from."""
    resume_variable: str | None = None
    """The variable that is used for nothing but where to resume; members may differ in it."""


def analyse(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments
) -> Analysis:
    """Walk a valid operation once."""
    root_type = schema.get_root_type(operation.operation)
    walk = _Walk(schema, fragments)
    roots = tuple(walk.fields(operation.selection_set, root_type))
    shared = operation.operation is OperationType.SUBSCRIPTION and len(roots) == 1
    source = source_of(roots[0].definition) if shared else None
    return Analysis(
        roots=roots,
        versioned=_versioned(operation, roots, volatile=walk.volatile),
        source=source,
        resume_variable=_resume_variable(operation, roots[0], fragments) if source else None,
    )


def _resume_variable(
    operation: OperationDefinitionNode, root: Selected, fragments: Fragments
) -> str | None:
    for argument in root.node.arguments or ():
        if argument.name.value == RESUME_ARGUMENT and isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            uses = _Uses(name)
            for definition in (operation, *fragments.values()):
                visit(definition, uses)
            # Once where it is declared and once here.
            return name if uses.count == len(("declared", "used")) else None
    return None


class _Uses(Visitor):
    """Counts a variable in a part of a document."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.count = 0
        self._name = name

    def enter_variable(self, node: VariableNode, *_args: object) -> None:
        self.count += node.name.value == self._name


def _versioned(
    operation: OperationDefinitionNode, roots: tuple[Selected, ...], *, volatile: bool
) -> tuple[tuple[Selected, TagFunction], ...] | None:
    if operation.operation is not OperationType.QUERY or volatile or not roots:
        return None
    named = []
    for root in roots:
        tags = tags_of(root.definition)
        if tags is None:
            return None
        named.append((root, tags))
    return tuple(named)


@dataclass(slots=True)
class _Walk:
    """Each field node is looked at once, however often its fragment is spread: a document of
    fragments that spread each other twice would take exponential time otherwise."""

    schema: GraphQLSchema
    fragments: Fragments
    volatile: bool = False
    _known: dict[int, Selected | None] = field(default_factory=dict)

    def fields(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType | None,
        spread: set[str] | None = None,
    ) -> Iterator[Selected]:
        """Every field selected on a type, those of fragments included. Directives are not looked
        at: what may be skipped counts as selected."""
        spread = set() if spread is None else spread
        for node in selections.selections:
            if isinstance(node, FieldNode):
                selected = self._field(node, parent)
                if selected is not None:
                    yield selected
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                on = self.schema.get_type(condition.name.value) if condition else parent
                yield from self.fields(node.selection_set, on, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self.fragments[node.name.value]
                on = self.schema.get_type(fragment.type_condition.name.value)
                yield from self.fields(fragment.selection_set, on, spread)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Selected | None:
        if id(node) not in self._known:
            self._known[id(node)] = self._look_at(node, parent)
        return self._known[id(node)]

    def _look_at(self, node: FieldNode, parent: GraphQLNamedType | None) -> Selected | None:
        if node.name.value.startswith("__"):
            # The schema does not change while it is served; its depth has a rule of its own.
            return None
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        definition = parent.fields[node.name.value]
        self.volatile = self.volatile or is_volatile(definition)
        kind = get_named_type(definition.type)
        inside = tuple(self.fields(node.selection_set, kind)) if node.selection_set else ()
        cost = cost_of(definition) or (_LEAF_COST if is_leaf_type(kind) else _OBJECT_COST)
        return Selected(node, definition, cost, inside)


PageSizeOf = Callable[[Selected], int | None]
"""The page size a selected field is asked for, by its arguments; None when it has none."""


def total_cost(
    selected: tuple[Selected, ...], page_size: PageSizeOf, known: dict[int, int] | None = None
) -> int:
    """The cost of fields and of all that is inside them."""
    known = {} if known is None else known
    total = 0
    for each in selected:
        if id(each) not in known:
            size = page_size(each)
            times = each.cost.assumed_size if size is None else size
            inside = total_cost(each.inside, page_size, known)
            known[id(each)] = each.cost.weight + times * inside
        total += known[id(each)]
    return total
