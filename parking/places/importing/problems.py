"""Collecting what is wrong while a file is read."""

from dataclasses import replace

from parking.places.importing.codes import Code
from parking.places.importing.drafts import RowProblem, Where
from parking.places.importing.limits import PROBLEMS_MAX, RECORDS_MAX

NOWHERE = Where()


class Unreadable(Exception):
    """The file as a whole cannot be read; carries the one problem that says why."""

    def __init__(self, code: Code, message: str, where: Where = NOWHERE) -> None:
        super().__init__(message)
        self.problem = RowProblem(where.line, "", code, message, where.path)


def refuse_beyond(count: int, where: Where) -> None:
    """Raises Unreadable when the file's `count`-th record is one too many."""
    if count > RECORDS_MAX:
        message = f"the file has more than {RECORDS_MAX} records; split it"
        raise Unreadable(Code.TOO_MANY_SPACES, message, where)


class Problems:
    """A bounded list of problems in the order of their discovery."""

    def __init__(self) -> None:
        self._found: list[RowProblem] = []
        self._left_out = 0

    def add(
        self, where: Where, field: str, code: Code, message: str, *, is_warning: bool = False
    ) -> None:
        """Note one problem; beyond `PROBLEMS_MAX` they are only counted."""
        if len(self._found) >= PROBLEMS_MAX:
            self._left_out += 1
            return
        self._found.append(RowProblem(where.line, field, code, message, where.path, is_warning))

    def warn(self, where: Where, field: str, code: Code, message: str) -> None:
        """Note something that drops no row."""
        self.add(where, field, code, message, is_warning=True)

    @property
    def has_errors(self) -> bool:
        """Whether anything noted drops a row."""
        return any(not found.is_warning for found in self._found)

    @property
    def wanted_paths(self) -> set[str]:
        """Paths of problems whose line is not known yet."""
        return {found.path for found in self._found if found.line is None and found.path}

    def all(self, lines: dict[str, int] | None = None) -> tuple[RowProblem, ...]:
        """Everything noted, by line; `lines` gives lines to paths."""
        known = lines or {}
        listed = [
            replace(found, line=known.get(found.path)) if found.line is None else found
            for found in self._found
        ]
        listed.sort(key=lambda found: (found.line is None, found.line or 0))
        if self._left_out:
            message = f"{self._left_out} more problems are not listed; mend these first"
            listed.append(RowProblem(None, "", Code.TOO_MANY_PROBLEMS, message))
        return tuple(listed)
