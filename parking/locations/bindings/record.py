"""Bindings, written: each change goes through `change_binding`, and is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from parking.errors import Conflict
from parking.events.bus import Bus
from parking.locations.bindings.rows import binding_row, locked_binding, receivers_of
from parking.locations.kinds import BindingSide, BindingState
from parking.locations.limits import BINDINGS_LIVE_MAX
from parking.locations.positions.notices import drop_shown, tell_gone
from parking.locations.positions.rows import bump
from parking.locations.records import (
    SELECT_POSITIONS,
    BindingRecord,
    PositionRecord,
    position_record,
)
from parking.locations.topics import person_positions_topic, tell_position
from parking.settlement.topics import tell_money
from parking.storage.locks import lock_positions
from parking.storage.sql import Sql

SYSTEM = "SYSTEM"
"""Who ends what time has ended."""


class TooManyBindings(Conflict):
    """Somebody has as many bindings as one person can have."""

    code = "TOO_MANY_BINDINGS"


class BindingChanged(Conflict):
    """Somebody else has changed the binding this very moment."""

    code = "BINDING_CHANGED"


async def change_binding(sql: Sql, binding: BindingRecord, **columns: Any) -> None:
    """Write a binding that was read as `binding`. Raises `BindingChanged` where it is another by
    now; whoever has locked it never sees that."""
    wanted = {"version": binding.version + 1, **columns}
    setting = ", ".join(f"{name} = ${number}" for number, name in enumerate(wanted, 3))
    written = await sql.execute(
        f"UPDATE position_binding SET {setting} WHERE id = $1 AND version = $2",
        binding.id,
        binding.version,
        *wanted.values(),
    )
    if not written:
        raise BindingChanged("the binding was changed this very moment; look at it again")


async def end_binding(
    sql: Sql,
    binding: BindingRecord,
    state: BindingState,
    by: BindingSide | str,
    at: datetime,
) -> None:
    """Write its end: what was needed to answer it is forgotten."""
    await change_binding(
        sql, binding, state=state, ended_at=at, ended_by=str(by), token_hash=None, phone=""
    )


async def tell_binding(sql: Sql, bus: Bus, at: datetime, binding: BindingRecord) -> None:
    """Tell both sides, and whoever follows a live position that the binding is about, which the
    caller has locked (`lock_positions_of`). In the caller's transaction."""
    people = [each for each in (binding.sharer_id, binding.receiver_id) if each is not None]
    topics = [person_positions_topic(each) for each in people]
    await tell_money(sql, bus, at, *topics, binding_id=binding.id)
    for position in await positions_by(sql, binding):
        await bump(sql, position, at)
        await tell_position(sql, bus, at, position.id, people)


async def lock_positions_of(sql: Sql, sharer_id: int | None, position_id: int | None) -> None:
    """Lock the live positions that a binding is about, before the binding itself: of ONE_STAY that
    one, else all of the sharer's. They hear of it (`tell_binding`)."""
    rows = await sql.fetch(
        "SELECT id FROM parking_position WHERE person_id = $1 AND state = 'ACTIVE'", sharer_id
    )
    live = [row["id"] for row in rows]
    await lock_positions(sql, [each for each in live if position_id in (None, each)])


async def locked_with_positions(sql: Sql, binding_id: int) -> BindingRecord | None:
    """The binding, locked until the transaction ends, its positions before it."""
    found = await binding_row(sql, binding_id)
    if found is not None and found.receiver_id is not None:
        await lock_positions_of(sql, found.sharer_id, found.position_id)
    return await locked_binding(sql, binding_id)


async def positions_by(sql: Sql, binding: BindingRecord) -> list[PositionRecord]:
    """The live positions that its receiver sees, or saw, by it."""
    if binding.sharer_id is None or binding.receiver_id is None:
        return []
    rows = await sql.fetch(
        f"{SELECT_POSITIONS} WHERE p.person_id = $1 AND p.state = 'ACTIVE' ORDER BY p.id",
        binding.sharer_id,
    )
    live = [position_record(row) for row in rows]
    return [each for each in live if binding.position_id in (None, each.id)]


async def tell_taken_away(
    sql: Sql, binding: BindingRecord, at: datetime, *, is_own_wish: bool = False
) -> None:
    """Notify the receiver of a binding that has ended of each live position that they do not see by
    another, unless they wished it themselves; and send nothing more of it. In the caller's
    transaction."""
    for position in await positions_by(sql, binding):
        others = await receivers_of(sql, position, at)
        if any(each.receiver_id == binding.receiver_id for each in others):
            continue
        if is_own_wish:
            await drop_shown(sql, position.id, [binding], at)
        else:
            await tell_gone(sql, position, [binding], at)


async def require_room(sql: Sql, person_ids: Iterable[int], now: datetime) -> None:
    """Raises `TooManyBindings` when one of them has too many. Their rows are locked by the
    caller."""
    for person_id in person_ids:
        row = await sql.fetch_one(
            "SELECT COUNT(*) AS held FROM position_binding"
            " WHERE (sharer_id = $1 OR receiver_id = $1) AND (until IS NULL OR until > $2)"
            " AND (state = 'ACTIVE' OR (state = 'REQUESTED' AND answer_until > $2))",
            person_id,
            now,
        )
        if row is not None and row["held"] >= BINDINGS_LIVE_MAX:
            raise TooManyBindings(
                f"one person has at most {BINDINGS_LIVE_MAX} bindings and open invitations at a"
                " time; revoke some of them first"
            )
