"""What who fetches a car pays, against the ledger: what the rows say is what was moved, once."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from parking.ledger.findings import Finding, Findings
from parking.locations.fetching.accept import HOLD_PREFIX
from parking.storage.sql import Sql, as_time

RESOLVED_LATE_MAX = timedelta(minutes=5)
"""The worker has resolved what is due by then, even after a start anew."""
BATCH_ROWS = 500

_PAYMENTS = f"""
SELECT f.id, f.delegation_id, f.amount_minor, f.amount_max_minor, f.resolved_at, d.state,
       d.ended_at, r.settled_at, t.id AS hold, p.kind AS resolution,
       (SELECT SUM(o.amount_minor) FROM ledger_posting o
         WHERE o.transfer_id = p.id AND o.amount_minor > 0) AS moved
  FROM fetch_payment f LEFT JOIN exit_delegation d ON d.id = f.delegation_id
  LEFT JOIN reservation r ON r.id = f.reservation_id
  LEFT JOIN ledger_transfer t ON t.public_id = '{HOLD_PREFIX}' || f.delegation_id
  LEFT JOIN ledger_transfer p ON p.pending_id = t.id
 WHERE f.id > $1 ORDER BY f.id LIMIT {BATCH_ROWS}
"""


async def verify_fetches(sql: Sql, at: datetime) -> list[Finding]:
    """Everything that does not fit together at this instant; nothing when all does."""
    findings = Findings()
    async for code, message in _faults(sql, at):
        findings.add(code, message)
    return findings.told()


async def _faults(sql: Sql, at: datetime) -> AsyncIterator[tuple[str, str]]:
    after = 0
    while rows := await sql.fetch(_PAYMENTS, after):
        for row in rows:
            which = f"fetch payment {row['id']} (delegation {row['delegation_id']})"
            if row["hold"] is None:
                yield "FETCH_WITHOUT_HOLD", f"{which}: nothing was ever reserved for it"
            elif row["resolved_at"] is None:
                if _is_late(row, at):
                    yield "FETCH_UNRESOLVED", f"{which}: is due, and was not resolved"
                if row["resolution"] in ("POST", "VOID"):
                    yield "FETCH_DIFFERS", f"{which}: is open, and its hold is not"
            elif (row["moved"] or 0) != row["amount_minor"]:
                yield "FETCH_DIFFERS", f"{which}: {row['moved']} moved, not {row['amount_minor']}"
            elif row["resolution"] is None:
                yield "FETCH_DIFFERS", f"{which}: is resolved, and its hold is not"
        after = rows[-1]["id"]


def _is_late(row: dict[str, object], at: datetime) -> bool:
    if row["state"] in ("REVOKED", "EXPIRED", "ENDED"):
        return as_time(row["ended_at"]) + RESOLVED_LATE_MAX < at
    is_due = row["state"] == "USED" and row["settled_at"] is not None
    return is_due and as_time(row["settled_at"]) + RESOLVED_LATE_MAX < at
