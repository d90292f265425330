"""Secure links, read whoever asks."""

from collections.abc import Iterable

from parking.locations.records import SELECT_LINKS, LinkRecord, link_record
from parking.storage.locks import lock_position_links
from parking.storage.sql import Sql


async def link_row(sql: Sql, link_id: int) -> LinkRecord | None:
    """The link."""
    return (await link_rows(sql, [link_id])).get(link_id)


async def link_rows(sql: Sql, link_ids: Iterable[int]) -> dict[int, LinkRecord]:
    """Those of the links that there are."""
    wanted = sorted(set(link_ids))
    rows = await sql.fetch(f"{SELECT_LINKS} WHERE l.id {sql.any_of('$1')}", wanted)
    return {row["id"]: link_record(row) for row in rows}


async def locked_link(sql: Sql, link_id: int) -> LinkRecord | None:
    """The link, locked until the transaction ends: its views and wrong tries stay as read."""
    await lock_position_links(sql, [link_id])
    return await link_row(sql, link_id)


async def link_by_token(sql: Sql, token_hash: str) -> LinkRecord | None:
    """The link of a token, by its hash; whether it works or not."""
    row = await sql.fetch_one(f"{SELECT_LINKS} WHERE l.token_hash = $1", token_hash)
    return None if row is None else link_record(row)


async def links_of(sql: Sql, position_id: int) -> list[LinkRecord]:
    """All of a position, the newest first."""
    rows = await sql.fetch(
        f"{SELECT_LINKS} WHERE l.position_id = $1 ORDER BY l.id DESC", position_id
    )
    return [link_record(row) for row in rows]
