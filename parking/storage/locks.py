"""Every row lock that Berth takes, always in key order: so nobody ever waits in a ring."""

from collections.abc import Iterable

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
