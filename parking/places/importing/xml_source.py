"""XML files, read safely and as a stream.

Decision: the standard library's expat, with every document type declaration refused. Without one
there are no entities to expand ("billion laughs") and none to fetch from elsewhere, and no DATEX II
publication has one. Only the wanted elements become trees, so memory is bounded by one record.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Where
from parking.places.importing.limits import (
    XML_DEPTH_MAX,
    XML_RECORD_ELEMENTS_MAX,
    XML_TEXT_CHARACTERS_MAX,
)
from parking.places.importing.problems import Unreadable

CHUNK_BYTES = 64 * 1024


@dataclass(slots=True)
class Element:
    """An element without its namespace: `name` and attribute names are local names."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own characters, stripped."""
        return "".join(self.parts).strip()

    def all(self, name: str) -> list["Element"]:
        """Children of that name."""
        return [child for child in self.children if child.name == name]

    def find(self, *path: str) -> "Element | None":
        """The first element along `path` of child names."""
        here = self
        for name in path:
            below = next((child for child in here.children if child.name == name), None)
            if below is None:
                return None
            here = below
        return here

    def value(self, *path: str) -> str:
        """Text of the element along `path`, empty when there is none."""
        found = self.find(*path)
        return found.text if found is not None else ""

    def walk(self) -> Iterator["Element"]:
        """Itself and everything below, in document order."""
        stack = [self]
        while stack:
            here = stack.pop()
            yield here
            stack.extend(reversed(here.children))

    def first(self, name: str) -> "Element | None":
        """The first element of that name anywhere below."""
        return next((found for found in self.walk() if found.name == name), None)


def elements(source: bytes, wanted: Collection[str]) -> Iterator[Element]:
    """Each outermost element whose local name is wanted, as soon as it is complete.

    Raises Unreadable for malformed XML, a document type declaration, or a limit exceeded.
    """
    handler = _Handler(wanted)
    parser = handler.parser
    for start in range(0, len(source), CHUNK_BYTES):
        is_last = start + CHUNK_BYTES >= len(source)
        try:
            parser.Parse(source[start : start + CHUNK_BYTES], is_last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            message = f"not well-formed XML in column {error.offset}: {reason}"
            raise Unreadable(Code.XML_MALFORMED, message, Where(line=error.lineno)) from error
        yield from handler.complete
        handler.complete.clear()


def local_name(qualified: str) -> str:
    """The name without namespace (`uri|name` from expat) or prefix (`ns3:Name` in xsi:type)."""
    return qualified.rpartition("|")[2].rpartition(":")[2]


class _Handler:
    """Expat's callbacks; keeps the tree of the wanted element that is open."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.wanted = frozenset(wanted)
        self.complete: list[Element] = []
        self.open: list[Element] = []
        self.depth = 0
        self.count = 0
        self.parser = expat.ParserCreate(namespace_separator="|")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def where(self) -> Where:
        return Where(line=self.parser.CurrentLineNumber)

    def refuse_doctype(self, *_: object) -> None:
        message = (
            "the document has a DOCTYPE; entities and external definitions are not read "
            "from import files: remove the declaration and try again"
        )
        raise Unreadable(Code.XML_DOCTYPE_REFUSED, message, self.where())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > XML_DEPTH_MAX:
            message = f"elements are nested deeper than {XML_DEPTH_MAX}"
            raise Unreadable(Code.XML_TOO_DEEP, message, self.where())
        local = local_name(name)
        if not self.open and local not in self.wanted:
            return
        self.count += 1
        if self.count > XML_RECORD_ELEMENTS_MAX:
            message = f"one record has more than {XML_RECORD_ELEMENTS_MAX} elements"
            raise Unreadable(Code.TOO_MANY_SPACES, message, self.where())
        named = {local_name(key): value for key, value in attributes.items()}
        element = Element(local, self.parser.CurrentLineNumber, named)
        if self.open:
            self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        element = self.open.pop()
        if not self.open:
            self.count = 0
            self.complete.append(element)

    def characters(self, data: str) -> None:
        if not self.open:
            return
        parts = self.open[-1].parts
        parts.append(data)
        if sum(map(len, parts)) > XML_TEXT_CHARACTERS_MAX:
            message = f"a text is longer than {XML_TEXT_CHARACTERS_MAX} characters"
            raise Unreadable(Code.TEXT_TOO_LONG, message, self.where())
