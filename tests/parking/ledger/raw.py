"""The ledger's tables by bare SQL, and without their guards."""

from typing import Any

from parking.storage.sql import Sql
from tests.parking.ledger.books import AT, LATER

TRANSFER = (
    "INSERT INTO ledger_transfer (public_id, kind, code, actor, input_hash, at, pending_id,"
    " expires_at) VALUES ($1, $2, 'raw', 'raw', 'raw', $3, $4, $5) RETURNING id"
)
POSTING = (
    "INSERT INTO ledger_posting (transfer_id, account_id, amount_minor, is_pending, at)"
    " VALUES ($1, $2, $3, $4, $5)"
)


async def account_id(sql: Sql, name: str) -> int:
    row = await sql.fetch_one("SELECT id FROM ledger_account WHERE name = $1", name)
    assert row is not None
    return int(row["id"])


async def transfer_id(sql: Sql, public_id: str) -> int:
    row = await sql.fetch_one("SELECT id FROM ledger_transfer WHERE public_id = $1", public_id)
    assert row is not None
    return int(row["id"])


async def raw(
    sql: Sql,
    kind: str = "DIRECT",
    amounts: dict[str, int] | None = None,
    *,
    at: Any = AT,
    is_sealed: bool = True,
    public_id: str = "raw",
) -> int:
    """A transfer by bare SQL; it resolves the pending transfer `hold` when its kind says so."""
    is_pending, resolves = kind == "PENDING", kind in {"POST", "VOID", "EXPIRE"}
    pending = await transfer_id(sql, "hold") if resolves else None
    made = await sql.fetch(TRANSFER, public_id, kind, at, pending, LATER if is_pending else None)
    for name, amount in (amounts or {}).items():
        posting = made[0]["id"], await account_id(sql, name), amount, is_pending, at
        await sql.execute(POSTING, *posting)
    if is_sealed:
        await sql.execute("INSERT INTO ledger_seal (transfer_id) VALUES ($1)", made[0]["id"])
    return int(made[0]["id"])


async def drop_guards(sql: Sql) -> None:
    """Take every guard of the ledger away."""
    if sql.dialect == "sqlite":
        rows = await sql.fetch(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'"
        )
        statements = [f"DROP TRIGGER {row['name']}" for row in rows]
        # Keys and checks cannot be dropped there, but overlooked.
        statements += ["PRAGMA foreign_keys=OFF", "PRAGMA ignore_check_constraints=ON"]
    else:
        tables = ("account", "transfer", "posting", "seal")
        statements = [f"ALTER TABLE ledger_{name} DISABLE TRIGGER USER" for name in tables]
        statements += [
            "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_sealed",
            "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_pending_id_key",
            "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_minimum",
        ]
    for statement in statements:
        await sql.execute(statement)
