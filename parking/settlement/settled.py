"""Rows of a settlement, written in the transaction that settles."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from parking.rates.lines import lines_json
from parking.settlement.charge_records import shares_told
from parking.settlement.funds import Funds, Paid
from parking.settlement.kinds import PayoutCause, PayoutParty
from parking.settlement.outcomes import Cost
from parking.settlement.records import EscrowRecord, SettlementRecord
from parking.settlement.split import Parts, Share
from parking.storage.sql import Sql

_COLUMNS = SettlementRecord._fields[1:]
_INSERT = (
    f"INSERT INTO settlement ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join(f'${number}' for number in range(1, len(_COLUMNS) + 1))}) RETURNING id"
)
_INSERT_ITEM = """
INSERT INTO payout_item (organisation_id, party, cause, currency, amount_minor, at, settlement_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def insert_settlement(
    sql: Sql,
    pocket: EscrowRecord,
    cost: Cost,
    funds: Funds,
    parts: Parts,
    found: tuple[Share, ...],
    at: datetime,
) -> int:
    """The settlement's id. The database checks that it is whole."""
    values = {
        "outcome": cost.outcome,
        **{name: getattr(pocket, name) for name in _COLUMNS if hasattr(pocket, name)},
        **{name: getattr(funds, name) for name in _COLUMNS if hasattr(funds, name)},
        **parts._asdict(),
        "cost_minor": cost.amount_minor,
        "lines": lines_json(cost.lines),
        "parts": orjson.dumps(shares_told(found)).decode(),
        "version": 1,
        "at": at,
    }
    [row] = await sql.fetch(_INSERT, *(values[name] for name in _COLUMNS))
    return int(row["id"])


async def write_paid(sql: Sql, settlement_id: int, paid: Sequence[Paid]) -> None:
    """What each merchant paid, and what was carried for it."""
    await sql.execute_many(
        "UPDATE validation SET paid_minor = $2, carried_minor = $3, settlement_id = $4"
        " WHERE id = $1",
        [
            (each.validation.id, each.amount_minor, each.carried_minor, settlement_id)
            for each in paid
        ],
    )


async def write_items(
    sql: Sql,
    settlement_id: int,
    pocket: EscrowRecord,
    parts: Parts,
    at: datetime,
    cause: PayoutCause = PayoutCause.SHARE,
) -> None:
    """What lessor and place are owed by it; parts of zero are no items."""
    owed = (
        (pocket.organisation_id, PayoutParty.OWNER, parts.owner_minor),
        (pocket.operator_id, PayoutParty.PROPERTY, parts.property_minor),
    )
    await sql.execute_many(
        _INSERT_ITEM,
        [
            (organisation_id, party, cause, pocket.currency, amount, at, settlement_id)
            for organisation_id, party, amount in owed
            if amount
        ],
    )


async def mark_settled(sql: Sql, reservation_id: int, at: datetime) -> bool:
    """Reservation and escrow account are done with; false when the reservation was already."""
    await sql.execute(
        "UPDATE escrow_account SET state = 'SETTLED', settled_at = $2 WHERE reservation_id = $1",
        reservation_id,
        at,
    )
    written = await sql.execute(
        "UPDATE reservation SET settled_at = $2 WHERE id = $1 AND settled_at IS NULL",
        reservation_id,
        at,
    )
    return written == 1
