"""A file of operations, as a TypeScript module. Pure.

The operations are checked against the schema first. Each becomes a constant with its text, which
knows the types of what it is given and of what it answers.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_abstract_type,
    parse,
    print_ast,
    type_from_ast,
    validate,
    visit,
)

from berth.typescript.declarations import declarations, input_type
from berth.typescript.shapes import TYPE_NAME, Shapes
from berth.typescript.words import (
    INDENT,
    RESERVED,
    block,
    comment,
    literals,
    lower_first,
    template,
)
from parking.errors import BerthError

HEAD = """\
// Made of the schema and of {source} by `berth schema typescript`: edit {source}.
"""
OPERATION = """\
/** An operation as it is sent. What it answers and is given is known to the compiler alone. */
export type Operation<Kind extends "query" | "mutation" | "subscription", Data, Variables> = {
  readonly kind: Kind;
  readonly name: string;
  readonly text: string;
  readonly types?: { data: Data; variables: Variables };
};"""
CONDITIONS = ("include", "skip")
EXPORTED = re.compile(r"^export (?:type|const) (\w+)", re.MULTILINE)


class BadOperations(BerthError):
    """The file of operations is none, or does not fit the schema; the message says where."""

    code = "BAD_OPERATIONS"


def typescript(schema: GraphQLSchema, source_name: str, source_text: str) -> str:
    """The module. Raises `BadOperations`."""
    document = _checked(schema, source_name, source_text)
    document = _telling_members_apart(schema, document)
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    shapes = Shapes(schema, fragments)
    made = [_fragment(shapes, each) for each in fragments.values()]
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            made += _operation(shapes, each)
    head = HEAD.format(source=source_name)
    parts = [head + "\n" + OPERATION, *declarations(schema, shapes.named), *made]
    _check_names(source_name, parts)
    return "\n\n".join(parts) + "\n"


def _checked(schema: GraphQLSchema, name: str, text: str) -> DocumentNode:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise _bad(name, error) from error
    if errors := validate(schema, document):
        raise _bad(name, errors[0])
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode) and definition.name is None:
            raise BadOperations(f"{name}: an operation has no name; name each operation")
    _Unconditional(name).refuse(document)
    return document


def _check_names(source_name: str, parts: list[str]) -> None:
    """Operations and fragments may have names that TypeScript cannot have, or has already."""
    names = [found for part in parts for found in EXPORTED.findall(part)]
    for name, count in Counter(names).items():
        if count > 1 or name in RESERVED:
            taken = "stands for two things" if count > 1 else "is a word of TypeScript"
            raise BadOperations(
                f"{source_name}: `{name}` {taken}; give the operation or fragment another name"
            )


def _bad(name: str, error: GraphQLError) -> BadOperations:
    where = f":{error.locations[0].line}" if error.locations else ""
    return BadOperations(f"{name}{where}: {error.message}")


class _Unconditional(Visitor):
    """A field that may or may not be there has no one type."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def refuse(self, document: DocumentNode) -> None:
        visit(document, self)

    def enter_directive(self, node: Any, *_: Any) -> None:
        if node.name.value in CONDITIONS:
            raise BadOperations(
                f"{self._name}: @{node.name.value} is not understood; make two operations of it"
            )


def _telling_members_apart(schema: GraphQLSchema, document: DocumentNode) -> DocumentNode:
    """The document, asking for `__typename` wherever the type is a union or an interface."""
    info = TypeInfo(schema)

    class Asking(Visitor):
        def enter_selection_set(
            self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any
        ) -> SelectionSetNode | None:
            is_inside = isinstance(parent, InlineFragmentNode)
            if is_inside or not is_abstract_type(info.get_parent_type()) or _asks(node):
                return None
            asked = FieldNode(name=NameNode(value=TYPE_NAME))
            return SelectionSetNode(selections=(asked, *node.selections))

    changed: DocumentNode = visit(document, TypeInfoVisitor(info, Asking()))
    return changed


def _asks(node: SelectionSetNode) -> bool:
    return any(
        isinstance(each, FieldNode) and each.name.value == TYPE_NAME and each.alias is None
        for each in node.selections
    )


def _fragment(shapes: Shapes, node: FragmentDefinitionNode) -> str:
    kind: Any = shapes.schema.type_map[node.type_condition.name.value]
    text = shapes.shape(kind, [node.selection_set])
    return "\n".join([*comment(kind.description), f"export type {node.name.value} = {text};"])


def _operation(shapes: Shapes, node: OperationDefinitionNode) -> Iterator[str]:
    assert node.name is not None, "checked before"
    name, kind = node.name.value, node.operation.value
    root: Any = shapes.schema.get_root_type(node.operation)
    yield f"export type {name}Variables = {_variables(shapes, node)};"
    yield f"export type {name}Data = {shapes.shape(root, [node.selection_set])};"
    words = [literals([kind]), f"{name}Data", f"{name}Variables"]
    members = [
        f"{INDENT}kind: {literals([kind])},",
        f"{INDENT}name: {literals([name])},",
        f"{INDENT}text: {template(_text(shapes, node))},",
    ]
    head = f"export const {lower_first(name)}: Operation<{', '.join(words)}> = "
    yield f"{head}{block(members)};"


def _variables(shapes: Shapes, node: OperationDefinitionNode) -> str:
    members = []
    for each in node.variable_definitions or ():
        kind: Any = type_from_ast(shapes.schema, each.type)
        shapes.named.add(get_named_type(kind).name)
        text = input_type(kind)
        mark = "?" if each.default_value or text.endswith("| null") else ""
        members.append(f"{INDENT}{each.variable.name.value}{mark}: {text};")
    return block(members) if members else "Record<string, never>"


def _text(shapes: Shapes, node: OperationDefinitionNode) -> str:
    """The operation with the fragments that it needs."""
    needed: dict[str, FragmentDefinitionNode] = {}
    _gather(shapes, node, needed)
    return "\n\n".join(print_ast(each) for each in (node, *needed.values()))


def _gather(shapes: Shapes, node: Any, needed: dict[str, FragmentDefinitionNode]) -> None:
    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: Any) -> None:
            name = spread.name.value
            if name not in needed:
                needed[name] = shapes.fragments[name]
                _gather(shapes, needed[name], needed)

    visit(node, Spreads())
