"""Bindings, read: by id, by the invitation's token, and who is a position's receiver."""

from collections.abc import Iterable
from datetime import datetime

from parking.locations.kinds import BindingScope, BindingState
from parking.locations.records import (
    SELECT_BINDINGS,
    BindingRecord,
    PositionRecord,
    binding_record,
)
from parking.storage.locks import lock_position_bindings
from parking.storage.sql import Sql


async def binding_row(sql: Sql, binding_id: int) -> BindingRecord | None:
    """The binding, whoever asks. Its state is what was written: see `bindings.rules.standing`."""
    row = await sql.fetch_one(f"{SELECT_BINDINGS} WHERE b.id = $1", binding_id)
    return None if row is None else binding_record(row)


async def locked_binding(sql: Sql, binding_id: int) -> BindingRecord | None:
    """The binding, locked until the transaction ends."""
    await lock_position_bindings(sql, [binding_id])
    return await binding_row(sql, binding_id)


async def binding_by_token(sql: Sql, token_hash: str) -> BindingRecord | None:
    """The binding of an invitation, by its token's hash; used and unused alike."""
    row = await sql.fetch_one(f"{SELECT_BINDINGS} WHERE b.token_hash = $1", token_hash)
    return None if row is None else binding_record(row)


async def bindings_by_id(sql: Sql, binding_ids: Iterable[int]) -> dict[int, BindingRecord]:
    """Those of the bindings that there are, whoever asks."""
    wanted = sorted(set(binding_ids))
    rows = await sql.fetch(f"{SELECT_BINDINGS} WHERE b.id {sql.any_of('$1')}", wanted)
    return {row["id"]: binding_record(row) for row in rows}


async def receivers_of(sql: Sql, position: PositionRecord, now: datetime) -> list[BindingRecord]:
    """The bindings by which somebody sees the position at `now`, the oldest first: ACTIVE, and of
    this stay, of no end, or not over yet. Whether the position itself is ACTIVE is the caller's
    to know."""
    rows = await sql.fetch(
        f"{SELECT_BINDINGS} WHERE b.sharer_id = $1 AND b.state = $2"
        " AND (b.position_id = $3 OR b.scope = $4 OR (b.scope = $5 AND b.until > $6))"
        " ORDER BY b.id",
        position.person_id,
        BindingState.ACTIVE,
        position.id,
        BindingScope.ALWAYS,
        BindingScope.UNTIL,
        now,
    )
    return [binding_record(row) for row in rows]


async def active_between(
    sql: Sql, sharer_id: int, receiver_id: int, position_id: int | None
) -> BindingRecord | None:
    """The ACTIVE binding of a pair that is of the same reach: for this position, or (None) for all;
    as it is written, so it may have lapsed (`rules.standing`)."""
    row = await sql.fetch_one(
        f"{SELECT_BINDINGS} WHERE b.sharer_id = $1 AND b.receiver_id = $2 AND b.state = 'ACTIVE'"
        " AND COALESCE(b.position_id, 0) = $3",
        sharer_id,
        receiver_id,
        position_id or 0,
    )
    return None if row is None else binding_record(row)
