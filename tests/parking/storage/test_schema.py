"""The migrated tables are the ones that the models say, on both dialects."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise import Model, Tortoise

from parking.storage.database import APP, open_context
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from tests.support.databases import PostgresDatabases
from tests.support.introspection import Table, tables_of

SEALED = ("id", "ledger_seal", "NO ACTION")
"""Deferred, and on the table's own key: no model can say that."""


@pytest.fixture(params=["sqlite", "postgres"])
async def both(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[dict[str, Table], dict[str, Table]]]:
    """The tables as migrated, and as Tortoise makes them from the models."""
    if request.param == "sqlite":
        urls = request.getfixturevalue("sqlite_url"), f"sqlite://{tmp_path / 'models.db'}"
        yield await read(urls[0]), await read(urls[1], from_models=True)
    else:
        databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as migrated, databases.fresh(template="template0") as empty:
            yield await read(migrated), await read(empty, from_models=True)


async def read(url: str, *, from_models: bool = False) -> dict[str, Table]:
    context = await open_context(url)
    try:
        with context:
            if from_models:
                await context.generate_schemas(safe=False)
            return await tables_of(Sql(context.db()))
    finally:
        await context.close_connections()


Both = tuple[dict[str, Table], dict[str, Table]]


async def test_same_tables(both: Both) -> None:
    migrated, modelled = both
    assert set(migrated) == set(modelled)


async def test_same_columns_types_and_nullability(both: Both) -> None:
    migrated, modelled = both
    differing = {}
    for name, table in modelled.items():
        wanted = {column: (is_.type, is_.is_null) for column, is_ in table.columns.items()}
        found = {column: (is_.type, is_.is_null) for column, is_ in migrated[name].columns.items()}
        if wanted != found:
            differing[name] = sorted(set(wanted.items()) ^ set(found.items()))
    assert differing == {}


async def test_same_foreign_keys(both: Both) -> None:
    migrated, modelled = both
    wanted = {name: table.foreign_keys for name, table in modelled.items()}
    wanted["ledger_transfer"] |= {SEALED}
    assert {name: table.foreign_keys for name, table in migrated.items()} == wanted


async def test_every_index_of_the_models_is_there(both: Both) -> None:
    migrated, modelled = both
    missing = {
        name: lacking
        for name, table in modelled.items()
        if (lacking := table.indexes - migrated[name].indexes)
    }
    assert missing == {}


async def test_further_indexes_serve_foreign_keys(both: Both) -> None:
    migrated, modelled = both
    surplus = {
        (name, columns)
        for name, table in migrated.items()
        for columns, is_unique in table.indexes - modelled[name].indexes
        if is_unique or columns[0] not in {key[0] for key in table.foreign_keys}
    }
    assert surplus == set(), "say it in the model's Meta.indexes"


async def test_every_foreign_key_has_an_index(both: Both) -> None:
    migrated, _ = both
    slow = {
        (name, column)
        for name, table in migrated.items()
        for column, _, _ in table.foreign_keys
        if not any(columns[0] == column for columns, _ in table.indexes)
    }
    assert slow == set(), "deleting what it refers to would read the whole table"


@pytest.mark.usefixtures("database")
async def test_simple_defaults_of_the_models_are_the_columns_defaults() -> None:
    tables = await tables_of(db())
    differing = {}
    for model in models():
        for name, wanted in simple_defaults(model).items():
            found = tables[model._meta.db_table].columns[name].default
            if found is None or not same_value(found, wanted):
                differing[f"{model._meta.db_table}.{name}"] = (found, wanted)
    assert differing == {}


def models() -> list[type[Model]]:
    apps = Tortoise.apps
    assert apps is not None
    return list(apps[APP].values())


def simple_defaults(model: type[Model]) -> dict[str, str]:
    """The defaults that a column can have too, as text, by column."""
    found = {}
    for name, column in model._meta.fields_db_projection.items():
        default = model._meta.fields_map[name].default
        if isinstance(default, (str, int, float)):
            found[column] = str(int(default) if isinstance(default, bool) else default)
    return found


def same_value(found: str, wanted: str) -> bool:
    try:
        return float(found) == float(wanted)
    except ValueError:
        return found == wanted
