"""Every row lock that Berth takes, always in key order: so nobody ever waits in a ring."""

from collections.abc import Iterable, Sequence
from typing import Any

from parking.storage.sql import Sql


async def lock_places(sql: Sql, ids: Iterable[int]) -> None:
    """Lock the place rows until the transaction ends; first thing in every verb that changes one.

    On SQLite a transaction is alone anyway (BEGIN IMMEDIATE). Ids that do not exist are ignored.
    Raises `Contended` when another transaction keeps one of them too long.
    """
    wanted = sorted(set(ids))
    if sql.dialect == "sqlite" or not wanted:
        return
    await sql.fetch(
        f"SELECT id FROM place WHERE id {sql.any_of('$1')} ORDER BY id FOR NO KEY UPDATE", wanted
    )


async def lock_organisation(sql: Sql, organisation_id: int) -> None:
    """Lock one organisation's row: whoever takes members away does so alone.

    A verb that locks places too (importing them) locks this first. Raises `Contended` as
    `lock_places` does.
    """
    if sql.dialect == "postgres":
        await sql.fetch(
            "SELECT id FROM organisation WHERE id = $1 FOR NO KEY UPDATE", organisation_id
        )


async def lock_person(sql: Sql, person_id: int) -> None:
    """Lock one person's row: whoever chooses with what they pay does so alone. Raises `Contended`
    as `lock_places` does."""
    if sql.dialect == "postgres":
        await sql.fetch("SELECT id FROM person WHERE id = $1 FOR NO KEY UPDATE", person_id)


async def lock_ledger_accounts(
    sql: Sql, columns: str, names: Sequence[str], currencies: Sequence[str]
) -> list[dict[str, Any]]:
    """These accounts, with the tracked ones among them locked until the transaction ends; the
    others are summed from their postings, so nobody has to wait for anybody there."""
    named = f"name {sql.any_of('$1')} AND currency {sql.any_of('$2')}"
    if sql.dialect == "sqlite":
        return await sql.fetch(
            f"SELECT {columns} FROM ledger_account WHERE {named}", names, currencies
        )
    return await sql.fetch(
        f"WITH locked AS (SELECT {columns} FROM ledger_account WHERE {named} AND is_tracked"
        " ORDER BY id FOR NO KEY UPDATE)"
        f" SELECT * FROM locked UNION ALL"
        f" SELECT {columns} FROM ledger_account WHERE {named} AND NOT is_tracked",
        names,
        currencies,
    )


async def lock_fee_contracts(sql: Sql) -> None:
    """Let nobody else write a fee contract until the transaction ends: a new one of a scope that
    has none yet finds no row to lock. Readers do not wait."""
    if sql.dialect == "postgres":
        await sql.execute("LOCK TABLE fee_contract IN SHARE ROW EXCLUSIVE MODE")


async def claim_escrow(sql: Sql, reservation_id: int) -> bool:
    """Lock the open escrow account of a reservation to settle it; false when it is settled, or
    somebody else is at it."""
    skip = " FOR NO KEY UPDATE SKIP LOCKED" if sql.dialect == "postgres" else ""
    row = await sql.fetch_one(
        "SELECT id FROM escrow_account WHERE reservation_id = $1 AND state = 'OPEN'" + skip,
        reservation_id,
    )
    return row is not None


async def lock_escrow(sql: Sql, reservation_id: int) -> None:
    """Lock a reservation's escrow account until the transaction ends: it is not settled before."""
    if sql.dialect == "postgres":
        await sql.fetch(
            "SELECT id FROM escrow_account WHERE reservation_id = $1 FOR NO KEY UPDATE",
            reservation_id,
        )


async def lock_settlement(sql: Sql, settlement_id: int) -> None:
    """Lock a settlement until the transaction ends: whoever gives back something of it does so
    alone, and knows what is left."""
    if sql.dialect == "postgres":
        await sql.fetch("SELECT id FROM settlement WHERE id = $1 FOR NO KEY UPDATE", settlement_id)


async def lock_enrolments(sql: Sql, ids: Iterable[int]) -> None:
    """Lock drivers' vehicles until the transaction ends: what is written of one, it has still."""
    await _lock_rows(sql, "enrolment", ids)


async def lock_vehicle_proofs(sql: Sql, ids: Iterable[int]) -> None:
    """Lock proofs until the transaction ends; whoever locks their vehicle does so first."""
    await _lock_rows(sql, "vehicle_proof", ids)


async def lock_right_specifications(sql: Sql, ids: Iterable[int]) -> None:
    """Lock templates of rights: who makes codes of one sees no half of an edit. Of the rows of
    rights these are locked first, then contracts, then codes, then rights."""
    await _lock_rows(sql, "right_specification", ids)


async def lock_rights_contracts(sql: Sql, ids: Iterable[int]) -> None:
    """Lock contracts of issuers until the transaction ends: their quota and budget stay as read."""
    await _lock_rows(sql, "rights_contract", ids)


async def lock_grant_codes(sql: Sql, ids: Iterable[int]) -> None:
    """Lock grant codes until the transaction ends; whoever locks their contract does so first."""
    await _lock_rows(sql, "grant_code", ids)


async def lock_rights(sql: Sql, ids: Iterable[int]) -> None:
    """Lock rights that were granted; whoever locks their contract or code does so first."""
    await _lock_rows(sql, "assigned_right", ids)


async def lock_merchant_units(sql: Sql, ids: Iterable[int]) -> None:
    """Lock units of merchants until the transaction ends: nobody else edits or closes them."""
    await _lock_rows(sql, "merchant_unit", ids)


async def lock_positions(sql: Sql, ids: Iterable[int]) -> None:
    """Lock positions of cars until the transaction ends: nobody else adds a version or ends one."""
    await _lock_rows(sql, "parking_position", ids)


async def lock_position_bindings(sql: Sql, ids: Iterable[int]) -> None:
    """Lock bindings of shared positions until the transaction ends; whoever locks positions does
    so first."""
    await _lock_rows(sql, "position_binding", ids)


async def lock_position_links(sql: Sql, ids: Iterable[int]) -> None:
    """Lock secure links until the transaction ends: their views and wrong tries stay as read.
    Whoever locks their position does so first."""
    await _lock_rows(sql, "position_link", ids)


async def lock_exit_delegations(sql: Sql, ids: Iterable[int]) -> None:
    """Lock delegated exit rights until the transaction ends: nobody else lets the car out by one,
    or takes it back. After places, positions and bindings; before accounts of the ledger."""
    await _lock_rows(sql, "exit_delegation", ids)


async def _lock_rows(sql: Sql, table: str, ids: Iterable[int]) -> None:
    wanted = sorted(set(ids))
    if sql.dialect == "postgres" and wanted:
        await sql.fetch(
            f"SELECT id FROM {table} WHERE id {sql.any_of('$1')} ORDER BY id FOR NO KEY UPDATE",
            wanted,
        )
