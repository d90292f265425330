"""What a migration is made of.

Statements are written once, in PostgreSQL's words, where both dialects understand the same; SQLite
takes the type names as they are, except for keys, which `spelled` rewrites. Where the dialects
differ (triggers, exclusion constraints), `Statements(sqlite=…, postgres=…)` has one list for each.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tortoise.migrations.migration import Migration as TortoiseMigration
from tortoise.migrations.operations import Operation
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

RECORD = (
    "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ({}, {}, CURRENT_TIMESTAMP)"
)
_BODY = re.compile(r"^(DECLARE|BEGIN)\b", re.MULTILINE)
_ENDS = {False: (";",), True: ("END;", "END $$;")}
_PLACES = {"sqlite": ("?", "?"), "postgres": ("$1", "$2")}


def spelled(statement: str, dialect: str) -> str:
    """The statement as `dialect` wants it: in SQLite only INTEGER keys are the row's own id."""
    if dialect != "sqlite":
        return statement
    statement = statement.replace("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
    return statement.replace("BIGINT NOT NULL PRIMARY KEY", "INTEGER NOT NULL PRIMARY KEY")


def statements_in(file: Path) -> list[str]:
    """The statements of a file; each ends with `;` at the end of a line.

    What has a body (a trigger, a function: a line starts with `BEGIN`) ends with `END;` or
    `END $$;` instead.
    """
    text = re.sub(r"^\s*--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found, begun = [], ""
    for line in text.splitlines(keepends=True):
        begun += line
        if line.rstrip().endswith(_ENDS[bool(_BODY.search(begun))]):
            found.append(begun.strip().removesuffix(";").strip())
            begun = ""
    if begun.strip():
        raise ValueError(f"{file.name} ends within a statement: {begun.strip()[:80]}")
    return [each for each in found if each]


class Statements(Operation):
    """Run statements, one by one, inside the migration's transaction.

    `both` first, then those of the dialect at hand. Not reversible: go back with a backup.
    """

    reversible = False

    def __init__(
        self,
        both: Sequence[str] = (),
        *,
        sqlite: Sequence[str] = (),
        postgres: Sequence[str] = (),
    ) -> None:
        self._both = both
        self._only = {"sqlite": sqlite, "postgres": postgres}

    def state_forward(self, app_label: str, state: State) -> None:
        """Nothing: models are compared with the database itself, not with a recorded state."""

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Run them."""
        if state_editor is None:
            return
        dialect = state_editor.client.capabilities.dialect
        for statement in (*self._both, *self._only[dialect]):
            await state_editor.client.execute_query(spelled(statement, dialect))


class Migration(TortoiseMigration):
    """A migration that is recorded as applied in the transaction that applies it.

    Tortoise records it afterwards: a crash in between leaves one that is applied and not recorded,
    and every later attempt fails.
    """

    async def apply(
        self,
        state: State,
        *,
        dry_run: bool = False,
        schema_editor: BaseSchemaEditor | None = None,
        collect_sql: bool = False,
    ) -> State:
        """Run the operations, then record."""
        state = await super().apply(
            state, dry_run=dry_run, schema_editor=schema_editor, collect_sql=collect_sql
        )
        if schema_editor is not None and not dry_run and not collect_sql:
            client: Any = schema_editor.client
            query = RECORD.format(*_PLACES[client.capabilities.dialect])
            await client.execute_query(query, [self.app_label, self.name])
        return state
