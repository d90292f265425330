"""What `berth ledger` does with the books."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from parking.clock import Clock, SystemClock
from parking.ledger.export import ExportFormat, export
from parking.ledger.findings import Finding
from parking.ledger.verify import verify
from parking.locations.fetching.checks import verify_fetches
from parking.rights.checks import verify_rights
from parking.settlement.checks.verify import verify_settlements
from parking.storage.snapshots import snapshot


class Verified(NamedTuple):
    """How much was looked at, and what is wrong."""

    transfers: int
    accounts: int
    findings: list[Finding]


async def verify_books(clock: Clock | None = None) -> Verified:
    """Rebuild everything from the postings, at one instant, while others go on writing."""
    at = (clock or SystemClock()).now()
    async with snapshot() as sql:
        findings = [
            *await verify(sql, at),
            *await verify_settlements(sql, at),
            *await verify_rights(sql),
            *await verify_fetches(sql, at),
        ]
        counted = await sql.fetch(
            "SELECT (SELECT COUNT(*) FROM ledger_transfer) AS transfers,"
            " (SELECT COUNT(*) FROM ledger_account) AS accounts"
        )
    return Verified(counted[0]["transfers"], counted[0]["accounts"], findings)


async def export_books(
    write: Callable[[str], object],
    file_format: ExportFormat,
    from_at: datetime | None,
    until_at: datetime | None,
    currency: str,
) -> None:
    """Write the books piece by piece, as they are at one instant."""
    async with snapshot() as sql:
        async for text in export(sql, file_format, from_at, until_at, currency):
            write(text)
