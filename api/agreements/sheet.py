"""An agreement laid out: what the page and the PDF both show, in one language. No markup."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what it is."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A table: its head, its rows, and how many of its last columns are numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 1
    total: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A headed part: rows, then a table, then sentences."""

    title: str
    rows: tuple[Row, ...] = ()
    columns: Columns | None = None
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole document. `language` is `en` or `zh`; `foot` stands below every page."""

    title: str
    subtitle: str
    language: str
    foot: str
    parts: tuple[Part, ...] = field(default=())
