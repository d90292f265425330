"""Settlements, payouts and disputes against the ledger: what is shown is what was moved.

The ledger's own check (`parking.ledger.verify`) rebuilds balances from postings; this one asks
whether the postings are those that settlements, bills, items and payouts tell of. Read in batches,
so memory stays the same; give it a `parking.storage.snapshots.snapshot` for one instant.
"""

from datetime import datetime, timedelta

from parking.ledger.findings import Finding, Findings
from parking.settlement.checks.disputes import dispute_faults
from parking.settlement.checks.payouts import payable_faults, payout_faults
from parking.settlement.checks.settlements import settlement_faults
from parking.storage.sql import Sql, as_time

SETTLED_LATE_MAX = timedelta(minutes=5)
"""The worker has settled what ended by then, even after a start anew."""

_UNSETTLED = """
SELECT e.reservation_id, r.state,
       (SELECT MAX(v.at) FROM reservation_event v WHERE v.reservation_id = r.id) AS at
  FROM escrow_account e JOIN reservation r ON r.id = e.reservation_id
 WHERE e.state = 'OPEN' AND r.state IN ('COMPLETED', 'CANCELLED', 'NO_SHOW')
 ORDER BY e.reservation_id
"""


async def verify_settlements(sql: Sql, at: datetime) -> list[Finding]:
    """Everything that does not fit together at this instant; nothing when all does."""
    findings = Findings()
    for check in (settlement_faults, payable_faults, payout_faults):
        async for each in check(sql):
            findings.add(*each)
    async for each in dispute_faults(sql, at):
        findings.add(*each)
    for row in await sql.fetch(_UNSETTLED):
        ended_at = as_time(row["at"])
        if ended_at + SETTLED_LATE_MAX < at:
            message = f"reservation {row['reservation_id']}: {row['state']} since {ended_at}"
            findings.add("UNSETTLED", f"{message}, and its escrow is still open")
    return findings.told()
