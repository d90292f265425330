"""Rows of delegated exit rights. Whoever changes one locks it first; its lock is the last that is
taken before the ledger's, so nobody waits in a ring."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from parking.access.delegations.records import (
    SELECT_DELEGATIONS,
    DelegationRecord,
    delegation_record,
)
from parking.access.delegations.rules import Act, next_state
from parking.access.models import DelegationState
from parking.events.bus import Bus
from parking.reservations.record import announce, locked_reservation
from parking.storage.faults import Contended
from parking.storage.locks import lock_exit_delegations
from parking.storage.sql import Sql

ENDS = frozenset({Act.USE, Act.REVOKE, Act.EXPIRE, Act.LEAVE})


def delegation_topic(delegation_id: int) -> str:
    """The steps of one delegated exit right."""
    return f"delegation:{delegation_id}"


async def delegation_by_id(sql: Sql, delegation_id: int) -> DelegationRecord | None:
    """The right as it is stored, whoever asks; see `rules.standing`."""
    return (await delegations_by_id(sql, [delegation_id])).get(delegation_id)


async def delegations_by_id(sql: Sql, ids: Iterable[int]) -> dict[int, DelegationRecord]:
    """Those of them that there are."""
    wanted = sorted(set(ids))
    rows = await sql.fetch(f"{SELECT_DELEGATIONS} WHERE d.id {sql.any_of('$1')}", wanted)
    return {row["id"]: delegation_record(row) for row in rows}


async def locked_delegation(sql: Sql, delegation_id: int) -> DelegationRecord | None:
    """The right, locked until the transaction ends."""
    await lock_exit_delegations(sql, [delegation_id])
    return await delegation_by_id(sql, delegation_id)


async def locked_where(sql: Sql, condition: str, *args: object) -> list[DelegationRecord]:
    """The live rights of which the condition (on `d`) holds, locked, by id."""
    live = "d.state IN ('OFFERED', 'ACTIVE', 'LEAVING')"
    rows = await sql.fetch(
        f"SELECT d.id FROM exit_delegation d WHERE {condition} AND {live} ORDER BY d.id", *args
    )
    ids = [row["id"] for row in rows]
    await lock_exit_delegations(sql, ids)
    found = await delegations_by_id(sql, ids)
    return [found[key] for key in sorted(found)]


async def act_on(
    sql: Sql, bus: Bus, delegation: DelegationRecord, act: Act, at: datetime, **changes: Any
) -> DelegationRecord:
    """Take an act on a locked right, and tell its followers and the booking's after the commit.

    `bus` has to hold its messages until then (`HeldBus`). Raises Conflict `WRONG_STATE`, and
    Contended where somebody changed it without the lock.
    """
    state = next_state(act, delegation.state)
    if act in ENDS:
        changes = {"ended_at": at} | changes
    changed = await _write(sql, delegation, state, changes)
    await tell_delegation(bus, changed)
    # Readers' revocation lists follow the bookings of their place, and so does the booking's page.
    await announce(bus, await locked_reservation(sql, delegation.reservation_id))
    return changed


async def _write(
    sql: Sql, before: DelegationRecord, state: DelegationState, changes: dict[str, Any]
) -> DelegationRecord:
    values = changes | {"state": state, "version": before.version + 1}
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(values, start=3))
    written = await sql.execute(
        f"UPDATE exit_delegation SET {assignments} WHERE id = $1 AND version = $2",
        before.id,
        before.version,
        *values.values(),
    )
    if written != 1:
        raise Contended(f"delegation {before.id} has changed since it was read; run it again")
    return before._replace(**values)


async def tell_delegation(bus: Bus, delegation: DelegationRecord) -> None:
    """Tell who follows it."""
    told = {"delegation_id": delegation.id, "version": delegation.version}
    await bus.publish(delegation_topic(delegation.id), orjson.dumps(told))
