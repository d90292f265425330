"""What the command line prints: tables and progress for people, JSON for programs."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

WIDTH_MAX = 10_000
SCREEN = Console(highlight=False)
NOTES = Console(stderr=True, highlight=False)
"""Progress and errors: what is printed here never mixes with what a program reads."""


def print_json(value: Any) -> None:
    """One JSON document on standard output, undecorated."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    sys.stdout.write(orjson.dumps(value, option=option, default=str).decode())


def print_plain(text: str) -> None:
    """A line on standard output as it is: never wrapped, so that it can be copied or piped."""
    sys.stdout.write(text + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table; on a terminal it fits the window, piped into a file nothing is cut off."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else _cell(cell) for cell in row))
    SCREEN.print(table, width=None if SCREEN.is_terminal else natural_width(table))


def natural_width(table: Table) -> int:
    """The width at which nothing in the table is cut or wrapped."""
    return SCREEN.measure(table, options=SCREEN.options.update(width=WIDTH_MAX)).maximum


def print_error(message: str) -> None:
    """One sentence on standard error."""
    NOTES.print(Text.assemble(("berth: ", "bold red"), " ".join(message.split())), soft_wrap=True)


class Steps(Protocol):
    """Something that is told how far long work has come."""

    def begin(self, about: str, total: int | None = None) -> None:
        """A new step; `total` is how many parts it has, if that is known."""

    def advance(self, count: int = 1) -> None:
        """So many parts of the present step are done."""


class NoSteps:
    """Tells nobody."""

    def begin(self, about: str, total: int | None = None) -> None:
        """Nothing happens."""

    def advance(self, count: int = 1) -> None:
        """Nothing happens."""


class _Bars:
    """A bar for each step; a step is complete when the next begins."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._last: Any = None

    def begin(self, about: str, total: int | None = None) -> None:
        self.finish()
        self._last = self._progress.add_task(about, total=total)

    def advance(self, count: int = 1) -> None:
        self._progress.advance(self._last, count)

    def finish(self) -> None:
        if self._last is not None:
            task = self._progress.tasks[-1]
            total = task.total if task.total is not None else max(1, task.completed)
            self._progress.update(self._last, total=total, completed=total)


class _Lines:
    """A line for each step: for logs, where bars would be noise."""

    def begin(self, about: str, total: int | None = None) -> None:
        parts = "" if total is None else f" ({total})"
        NOTES.print(Text(f"{about}{parts} …"), soft_wrap=True)

    def advance(self, count: int = 1) -> None:
        """Not worth a line."""


def _cell(value: object) -> Text:
    if value is None:
        return Text("-")
    return Text({True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Steps]:
    """Progress bars on a terminal, lines elsewhere, nothing when `quiet`; all on standard error."""
    if quiet:
        yield NoSteps()
        return
    if not NOTES.is_terminal:
        yield _Lines()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=NOTES, transient=False) as progress:
        bars = _Bars(progress)
        yield bars
        bars.finish()
