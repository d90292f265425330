"""What a database says of its own tables, in one form for both dialects."""

from dataclasses import dataclass
from typing import Any

from parking.storage.sql import Sql

INTEGERS = {"INTEGER", "BIGINT", "INT", "SMALLINT", "BOOL"}
REALS = {"REAL", "DOUBLE PRECISION"}
TIMES = {"TIMESTAMP", "TIMESTAMPTZ"}
BOOKKEEPING = {"tortoise_migrations", "sqlite_sequence"}


@dataclass(frozen=True)
class Column:
    """A column: whether it takes NULL, and what it holds when nothing is given."""

    type: str
    is_null: bool
    default: str | None


@dataclass
class Table:
    """A table: columns by name; (columns, is unique) of indexes; (column, table, on delete).

    Partial indexes are left out: models cannot say them, so they are the migrations' own.
    """

    columns: dict[str, Column]
    indexes: set[tuple[tuple[str, ...], bool]]
    foreign_keys: set[tuple[str, str, str]]


async def tables_of(sql: Sql) -> dict[str, Table]:
    """Every table of Berth's."""
    read = _sqlite_table if sql.dialect == "sqlite" else _postgres_table
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema",
    }
    found = {row["name"] for row in await sql.fetch(names[sql.dialect])}
    return {name: await read(sql, name) for name in found - BOOKKEEPING}


async def _sqlite_table(sql: Sql, name: str) -> Table:
    columns: dict[str, Column] = {}
    indexes: set[tuple[tuple[str, ...], bool]] = set()
    key: list[str] = []
    for row in await sql.fetch(f"SELECT * FROM pragma_table_info('{name}')"):
        default = row["dflt_value"] if row["dflt_value"] != "NULL" else None
        columns[row["name"]] = Column(
            _kind(row["type"]), not (row["notnull"] or row["pk"]), _plain(default)
        )
        key += [row["name"]] if row["pk"] else []
    for index in await sql.fetch(f"SELECT * FROM pragma_index_list('{name}') WHERE NOT partial"):
        parts = await sql.fetch(f"SELECT name FROM pragma_index_info('{index['name']}')")
        indexes.add((tuple(part["name"] for part in parts), bool(index["unique"])))
    keys = await sql.fetch(f"SELECT * FROM pragma_foreign_key_list('{name}')")
    foreign = {(row["from"], row["table"], row["on_delete"]) for row in keys}
    return Table(columns, indexes | {(tuple(key), True)}, foreign)


async def _postgres_table(sql: Sql, name: str) -> Table:
    columns = {
        row["name"]: Column(row["type"], row["is_null"], _plain(row["default"]))
        for row in await sql.fetch(POSTGRES_COLUMNS, name)
    }
    indexes = {
        (tuple(row["columns"]), row["is_unique"]) for row in await sql.fetch(POSTGRES_INDEXES, name)
    }
    keys = await sql.fetch(POSTGRES_KEYS, name)
    foreign = {(row["column"], row["target"], row["on_delete"]) for row in keys}
    return Table(columns, indexes, foreign)


def _kind(declared: str) -> str:
    for kind, names in (("integer", INTEGERS), ("real", REALS), ("time", TIMES)):
        if declared in names:
            return kind
    return declared


def _plain(default: Any) -> str | None:
    """A default without its type and quotes; the number of a generated key is no default."""
    if default is None or "nextval" in default:
        return None
    text: str = default.partition("::")[0].strip("'")
    return {"true": "1", "false": "0"}.get(text.lower(), text)


POSTGRES_COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           NOT a.attnotnull AS is_null, pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = CAST($1 AS TEXT)::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
POSTGRES_INDEXES = """
    SELECT i.indisunique AS is_unique,
           array(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY k(number, place)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                 ORDER BY k.place) AS columns
    FROM pg_index i WHERE i.indrelid = CAST($1 AS TEXT)::regclass AND i.indpred IS NULL
"""
POSTGRES_KEYS = """
    SELECT a.attname AS column, c.confrelid::regclass::text AS target,
           CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END AS on_delete
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.conrelid = CAST($1 AS TEXT)::regclass
"""
