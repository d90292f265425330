"""WHERE clauses put together from what was asked, with numbered placeholders."""

from typing import Any

from parking.accounts.viewer import Viewer
from parking.places.rules import visible_organisations
from parking.storage.sql import Sql


class Conditions:
    """Collects conditions joined by AND, and their arguments in order."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._said: list[str] = []
        self.arguments: list[Any] = []

    def argument(self, value: Any) -> str:
        """A placeholder for `value`."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def any_of(self, values: Any) -> str:
        """`IN (…)` over a list, as one argument."""
        return self._sql.any_of(self.argument(list(values)))

    def add(self, condition: str) -> None:
        """One more condition; its arguments come from `argument` and `any_of`."""
        self._said.append(f"({condition})")

    def visible(self, viewer: Viewer, alias: str = "p") -> None:
        """Only places in use that the viewer may see (`rules.may_see_place`)."""
        self.add(f"{alias}.retired_at IS NULL")
        organisations = visible_organisations(viewer)
        if organisations is None:
            return
        if organisations:
            mine = self.any_of(sorted(organisations))
            self.add(f"{alias}.is_public OR {alias}.organisation_id {mine}")
        else:
            self.add(f"{alias}.is_public")

    def __str__(self) -> str:
        return " AND ".join(self._said) if self._said else "1 = 1"
