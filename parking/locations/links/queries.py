"""Reading secure links: their makers' own. A token is told to who made it, and once."""

from collections.abc import Sequence

from parking.accounts.viewer import Viewer
from parking.locations.links.make import WHAT
from parking.locations.links.rows import link_rows, links_of
from parking.locations.positions.rows import position_row, position_rows
from parking.locations.records import LinkRecord
from parking.locations.rules import is_sharer
from parking.locations.tokens import token_again
from parking.storage.sql import database


async def links_by_id(viewer: Viewer, ids: Sequence[int]) -> dict[int, LinkRecord]:
    """Those of them to positions of the viewer's."""
    sql = database()
    found = await link_rows(sql, ids)
    positions = await position_rows(sql, {each.position_id for each in found.values()})
    own = {key for key, each in positions.items() if is_sharer(viewer, each)}
    return {key: each for key, each in found.items() if each.position_id in own}


async def links_of_position(viewer: Viewer, position_id: int) -> list[LinkRecord] | None:
    """All links of a position, the newest first, for its sharer; None for everybody else."""
    sql = database()
    position = await position_row(sql, position_id)
    if position is None or not is_sharer(viewer, position):
        return None
    return await links_of(sql, position_id)


async def link_token(viewer: Viewer, link_id: int, keys: Sequence[bytes]) -> str | None:
    """The token of a link, for its maker, to be answered again under the same idempotency key;
    None where it is not theirs, or was made under a secret that is forgotten."""
    found = (await links_by_id(viewer, [link_id])).get(link_id)
    if found is None:
        return None
    row = await database().fetch_one("SELECT token_hash FROM position_link WHERE id = $1", link_id)
    hashed = None if row is None else row["token_hash"]
    return token_again(keys, WHAT, link_id, found.created_at, hashed)
