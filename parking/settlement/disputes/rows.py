"""Rows of disputes: found, made, changed; decisions are elsewhere."""

from datetime import datetime
from typing import Any

from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.settlement.credits import locked_settlement
from parking.settlement.disputes.money import frozen_json
from parking.settlement.disputes.records import SELECT_DISPUTES, DisputeRecord, dispute_record
from parking.settlement.queries import sees
from parking.settlement.records import SettlementRecord
from parking.settlement.split import Parts
from parking.settlement.topics import tell_settlement
from parking.storage.faults import Contended
from parking.storage.locks import lock_settlement
from parking.storage.sql import Sql

_INSERT = """
INSERT INTO dispute (state, opened_by, party, reason, currency, amount_minor, frozen_minor, frozen,
       opened_at, rail_reference, settlement_id)
VALUES ('OPEN', $1, $2, $3, $4, $5, $5, $6, $7, $8, $9) RETURNING id
"""


async def visible_settlement(sql: Sql, viewer: Viewer, settlement_id: int) -> SettlementRecord:
    """The settlement under its lock. Raises NotFound for who may not see it."""
    found = await locked_settlement(sql, settlement_id)
    if not sees(viewer, found):
        raise NotFound("there is no such settlement")
    return found


async def locked_dispute(sql: Sql, dispute_id: int) -> DisputeRecord:
    """The dispute as it is under the lock of its settlement. Raises NotFound."""
    row = await sql.fetch_one("SELECT settlement_id FROM dispute WHERE id = $1", dispute_id)
    if row is None:
        raise NotFound("there is no such dispute")
    await lock_settlement(sql, row["settlement_id"])
    [found] = await sql.fetch(f"{SELECT_DISPUTES} WHERE d.id = $1", dispute_id)
    return dispute_record(found)


async def visible_dispute(sql: Sql, viewer: Viewer, dispute_id: int) -> DisputeRecord:
    """The same. Raises NotFound for who may not see its settlement."""
    found = await locked_dispute(sql, dispute_id)
    if not sees(viewer, found):
        raise NotFound("there is no such dispute")
    return found


async def live_dispute(sql: Sql, settlement_id: int) -> DisputeRecord | None:
    """The one that is not closed."""
    row = await sql.fetch_one(
        f"{SELECT_DISPUTES} WHERE d.settlement_id = $1 AND d.state <> 'CLOSED'", settlement_id
    )
    return None if row is None else dispute_record(row)


async def require_no_dispute(sql: Sql, settlement_id: int) -> None:
    """Raises `Conflict` `ALREADY_DISPUTED`."""
    if await live_dispute(sql, settlement_id) is not None:
        message = "this settlement is disputed already; wait until that is closed"
        raise Conflict(message, code="ALREADY_DISPUTED")


async def insert_dispute(
    sql: Sql,
    settlement: SettlementRecord,
    opened_by: int | None,
    party: str,
    reason: str,
    frozen: Parts,
    at: datetime,
    rail_reference: str | None = None,
) -> DisputeRecord:
    """A dispute about what is to be frozen."""
    [made] = await sql.fetch(
        _INSERT, opened_by, party, reason, settlement.currency, frozen.whole_minor,
        frozen_json(frozen), at, rail_reference, settlement.id,
    )  # fmt: skip
    [row] = await sql.fetch(f"{SELECT_DISPUTES} WHERE d.id = $1", made["id"])
    return dispute_record(row)


async def change_dispute(
    sql: Sql, bus: Bus, dispute: DisputeRecord, at: datetime, **changes: Any
) -> DisputeRecord:
    """Write the changed columns and the next version, and tell all sides. Raises Contended when
    somebody else changed it since it was read."""
    changes["version"] = dispute.version + 1
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(changes, start=3))
    written = await sql.execute(
        f"UPDATE dispute SET {assignments} WHERE id = $1 AND version = $2",
        dispute.id,
        dispute.version,
        *changes.values(),
    )
    if written != 1:
        raise Contended(f"dispute {dispute.id} has changed since it was read; run it again")
    changed = dispute._replace(**changes)
    await tell_dispute(sql, bus, changed, at)
    return changed


async def tell_dispute(sql: Sql, bus: Bus, dispute: DisputeRecord, at: datetime) -> None:
    """What is shown beside the settlement has changed: it takes its next version."""
    [row] = await sql.fetch(
        "UPDATE settlement SET version = version + 1 WHERE id = $1 RETURNING version",
        dispute.settlement_id,
    )
    await tell_settlement(
        sql, bus, at, dispute.reservation_id, dispute.person_id,
        (dispute.organisation_id, dispute.operator_id), dispute.place_id,
        settlement_id=dispute.settlement_id, version=row["version"], dispute_id=dispute.id,
        state=dispute.state,
    )  # fmt: skip
