"""What organisations are owed against what is to be paid to them; payouts against the ledger."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from parking.ledger.findings import Finding
from parking.settlement.kinds import PayoutState
from parking.storage.sql import Sql

BATCH_ROWS = 500

_PAYABLES = f"""
SELECT a.id, a.name, a.kind, a.currency, a.balance_minor FROM ledger_account a
 WHERE a.kind IN ('OWNER', 'PROPERTY') AND a.id > $1 ORDER BY a.id LIMIT {BATCH_ROWS}
"""
_OWED = """
SELECT i.organisation_id, i.party, i.currency, SUM(i.amount_minor) AS minor
  FROM payout_item i LEFT JOIN payout u ON u.id = i.payout_id
 WHERE (i.payout_id IS NULL OR u.state = 'SENDING') AND i.organisation_id {wanted}
 GROUP BY i.organisation_id, i.party, i.currency
"""
_WITHOUT_ACCOUNT = """
SELECT DISTINCT i.organisation_id, i.party, i.currency FROM payout_item i
 WHERE NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.currency = i.currency
   AND a.name = LOWER(i.party) || ':' || i.organisation_id || ':payable')
"""
_PAYOUTS = f"""
SELECT u.id, u.public_id, u.state, u.amount_minor, t.kind, r.kind AS resolved,
       (SELECT COALESCE(SUM(i.amount_minor), 0) FROM payout_item i WHERE i.payout_id = u.id)
       AS items_minor,
       (SELECT SUM(p.amount_minor) FROM ledger_posting p JOIN ledger_account a
          ON a.id = p.account_id WHERE p.transfer_id = t.id AND a.kind = 'EXTERNAL')
       AS sent_minor,
       (SELECT COUNT(*) FROM ledger_transfer b WHERE b.public_id = u.public_id || ':returned')
       AS returned
  FROM payout u LEFT JOIN ledger_transfer t ON t.public_id = u.public_id
  LEFT JOIN ledger_transfer r ON r.pending_id = t.id
 WHERE u.id > $1 ORDER BY u.id LIMIT {BATCH_ROWS}
"""


async def payable_faults(sql: Sql) -> AsyncIterator[Finding]:
    """A payable account that is not the sum of its items, those on their way included."""
    last = 0
    while batch := await sql.fetch(_PAYABLES, last):
        last = batch[-1]["id"]
        organisations = [int(row["name"].split(":")[1]) for row in batch]
        rows = await sql.fetch(_OWED.format(wanted=sql.any_of("$1")), organisations)
        owed = {
            (row["organisation_id"], row["party"], row["currency"]): int(row["minor"])
            for row in rows
        }
        for row, organisation_id in zip(batch, organisations, strict=True):
            items = owed.get((organisation_id, row["kind"], row["currency"]), 0)
            if items != row["balance_minor"]:
                message = f"{row['name']} in {row['currency']} has {row['balance_minor']}"
                yield Finding("PAYABLE", f"{message}; its items come to {items}")
    for row in await sql.fetch(_WITHOUT_ACCOUNT):
        whose = f"organisation {row['organisation_id']} as {row['party']} in {row['currency']}"
        yield Finding("PAYABLE", f"{whose} has payout items and no account")


async def payout_faults(sql: Sql) -> AsyncIterator[Finding]:
    """A payout that is not the sum of its items, or not what the ledger did."""
    last = 0
    while batch := await sql.fetch(_PAYOUTS, last):
        last = batch[-1]["id"]
        for row in batch:
            name = f"payout {row['public_id']}"
            is_failed = row["state"] == PayoutState.FAILED
            if int(row["items_minor"]) != (0 if is_failed else row["amount_minor"]):
                yield Finding("PAYOUT_ITEMS", f"{name}: its items come to {row['items_minor']}")
            if row["sent_minor"] != row["amount_minor"] or _step(row) != row["state"]:
                message = f"{row['state']} for {row['amount_minor']}; the ledger says {_step(row)}"
                yield Finding("PAYOUT", f"{name}: {message} for {row['sent_minor']}")


def _step(row: Mapping[str, Any]) -> PayoutState | None:
    """Where a payout stands by its transfers; None where that says nothing."""
    if row["returned"]:
        return PayoutState.FAILED
    match (row["kind"], row["resolved"]):
        case ("DIRECT", None) | ("PENDING", "POST"):
            return PayoutState.PAID
        case ("PENDING", None):
            return PayoutState.SENDING
        case ("PENDING", "VOID"):
            return PayoutState.FAILED
        case _:
            return None
