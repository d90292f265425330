"""Pictures as rows, written with their erasure: no crash leaves one that nobody knows."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from parking.locations.records import SELECT_PHOTOS, PhotoRecord, photo_record
from parking.storage.sql import Sql


async def photos_by_id(sql: Sql, photo_ids: Iterable[int]) -> Mapping[int, PhotoRecord]:
    """Those of the pictures that there are, whoever asks."""
    rows = await sql.fetch(f"{SELECT_PHOTOS} WHERE f.id {sql.any_of('$1')}", sorted(set(photo_ids)))
    return {row["id"]: photo_record(row) for row in rows}


async def photo_of_key(sql: Sql, key: str) -> PhotoRecord | None:
    """The picture that is kept under a key."""
    row = await sql.fetch_one(f"{SELECT_PHOTOS} WHERE f.key = $1", key)
    return None if row is None else photo_record(row)


async def photo_count(sql: Sql, position_id: int) -> int:
    """How many pictures a position has."""
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS held FROM position_photo WHERE position_id = $1", position_id
    )
    return int(row["held"])


async def plan_erasure(sql: Sql, key: str, due_at: datetime) -> None:
    """Have the store let go of a key, unless `keep` comes before."""
    await sql.execute(
        "INSERT INTO photo_erasure (key, due_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        key,
        due_at,
    )


async def keep(sql: Sql, key: str) -> bool:
    """Take back a planned erasure; False where it was carried out already."""
    return await sql.execute("DELETE FROM photo_erasure WHERE key = $1", key) == 1


async def erase_photos_of(sql: Sql, position_ids: Iterable[int], at: datetime) -> int:
    """Forget all pictures of these positions, and plan their erasure from the store; how many."""
    wanted = sorted(set(position_ids))
    await sql.execute(
        "INSERT INTO photo_erasure (key, due_at)"
        f" SELECT key, $2 FROM position_photo WHERE position_id {sql.any_of('$1')}"
        " ON CONFLICT DO NOTHING",
        wanted,
        at,
    )
    return await sql.execute(
        f"DELETE FROM position_photo WHERE position_id {sql.any_of('$1')}", wanted
    )
