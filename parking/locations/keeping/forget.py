"""Positions forgotten for good, with everything that hangs on them. In the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from parking.locations.photos.rows import erase_photos_of
from parking.notices.erasing import erase_notices
from parking.storage.sql import Sql


async def forget_in(sql: Sql, position_ids: Sequence[int], at: datetime) -> int:
    """Forget ended positions: versions, links and questions go with their row; how many positions.

    What a delegated exit right leaves behind is a matter of the booking and its money: only the
    driver's words and the way to the position are taken from it. What receivers were told goes.
    """
    wanted = sorted(set(position_ids))
    await erase_photos_of(sql, wanted, at)
    await sql.execute(f"DELETE FROM position_access WHERE position_id {sql.any_of('$1')}", wanted)
    await _erase_rights_notices(sql, wanted, at)
    await sql.execute(
        "UPDATE exit_delegation SET position_id = NULL, label = ''"
        f" WHERE position_id {sql.any_of('$1')}",
        wanted,
    )
    about = [f"position:{each}" for each in wanted]
    await sql.execute(f"DELETE FROM notice WHERE about {sql.any_of('$1')}", about)
    await sql.execute(f"DELETE FROM own_notice WHERE about {sql.any_of('$1')}", about)
    return await sql.execute(f"DELETE FROM parking_position WHERE id {sql.any_of('$1')}", wanted)


async def _erase_rights_notices(sql: Sql, position_ids: Sequence[int], at: datetime) -> None:
    """Of the rights to fetch these cars: they name who was to do it, by word and by number."""
    rows = await sql.fetch(
        f"SELECT id FROM exit_delegation WHERE position_id {sql.any_of('$1')}", list(position_ids)
    )
    about = [f"delegation:{row['id']}" for row in rows]
    await erase_notices(sql, about, at, of_everybody=True)
