"""Reading bindings: each side's own, and nobody else's. What lapses by time is told as it was
written: `rules.standing` says what counts."""

from collections.abc import Sequence
from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.locations.bindings.ask import WHAT
from parking.locations.bindings.rows import bindings_by_id as rows_by_id
from parking.locations.bindings.rows import receivers_of
from parking.locations.bindings.rules import side_of
from parking.locations.kinds import BindingSide
from parking.locations.positions.rows import position_row
from parking.locations.records import SELECT_BINDINGS, BindingRecord, binding_record
from parking.locations.rules import is_sharer, signed_in
from parking.locations.tokens import token_again
from parking.storage.sql import database

ID_END = 2**63 - 1


async def bindings_by_id(viewer: Viewer, ids: Sequence[int]) -> dict[int, BindingRecord]:
    """Those of them of which the viewer is a side."""
    found = await rows_by_id(database(), ids)
    return {key: each for key, each in found.items() if side_of(viewer, each) is not None}


async def find_bindings(
    viewer: Viewer, *, side: BindingSide | None = None, limit: int, before: int | None = None
) -> list[BindingRecord]:
    """The viewer's own, asked for and answered, the newest first; `before` is the id to go on
    behind."""
    person_id = signed_in(viewer)
    if person_id is None:
        return []
    columns = {BindingSide.SHARER: "b.sharer_id", BindingSide.RECEIVER: "b.receiver_id"}
    wanted = [columns[side]] if side is not None else list(columns.values())
    is_own = " OR ".join(f"{column} = $1" for column in wanted)
    rows = await database().fetch(
        f"{SELECT_BINDINGS} WHERE ({is_own}) AND b.id < $2 ORDER BY b.id DESC LIMIT $3",
        person_id,
        before or ID_END,
        limit,
    )
    return [binding_record(row) for row in rows]


async def bindings_of_position(
    viewer: Viewer, position_id: int, now: datetime
) -> list[BindingRecord]:
    """By what others see a position at `now`, for its sharer; nothing for everybody else."""
    sql = database()
    position = await position_row(sql, position_id)
    if position is None or not is_sharer(viewer, position):
        return []
    return await receivers_of(sql, position, now)


async def invitation_token(viewer: Viewer, binding_id: int, keys: Sequence[bytes]) -> str | None:
    """The token of an open invitation, for who asked, to be answered again under the same
    idempotency key; None for all else."""
    found = (await bindings_by_id(viewer, [binding_id])).get(binding_id)
    if found is None or side_of(viewer, found) is not found.asked_by:
        return None
    row = await database().fetch_one(
        "SELECT token_hash FROM position_binding WHERE id = $1", binding_id
    )
    hashed = None if row is None else row["token_hash"]
    return token_again(keys, WHAT, binding_id, found.asked_at, hashed)
