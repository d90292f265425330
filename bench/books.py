"""A million random transfers keep the books right: part of `make prove`.

Transfers at once and in two phases, posted whole and in part, voided, expired by the clock,
refunded, corrected and asked for again, in three currencies: each must end as a simple model says
(`tests/support/ledger_machine.py`), and afterwards `parking.ledger.verify` rebuilds everything.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from parking.ledger.findings import Finding
from parking.ledger.verify import verify
from parking.storage.database import connect, disconnect
from parking.storage.migrate import migrate
from parking.storage.snapshots import snapshot
from tests.support.ledger_machine import Machine

TRANSFERS = 1_000_000
BATCH = 1_000
"""To a transaction; SQLite makes each transaction durable."""
TOLD_EVERY = 100_000
SEED = 2026
FINDINGS_SHOWN = 20


def prove_books(folder: Path, transfers: int = TRANSFERS) -> int:
    """Have them made in a database of their own; 0 if the books are right."""
    return asyncio.run(_prove(f"sqlite://{folder / 'books.db'}", transfers))


async def _prove(url: str, transfers: int) -> int:
    await migrate(url)
    await connect(url)
    try:
        machine = Machine(SEED)
        await _make(machine, transfers)
        began = time.monotonic()
        async with snapshot() as sql:
            await machine.compare(sql, is_tracked=False)
            findings = await verify(sql, machine.now)
        print(f"verified in {time.monotonic() - began:.1f} s: {len(findings)} findings", flush=True)
        return _told(machine, findings)
    finally:
        await disconnect()


async def _make(machine: Machine, transfers: int) -> None:
    began = time.monotonic()
    while machine.made < transfers:
        await machine.run(min(TOLD_EVERY, transfers), BATCH)
        rate = machine.made / (time.monotonic() - began)
        print(f"{machine.made} transfers, {rate:.0f} a second", flush=True)


def _told(machine: Machine, findings: list[Finding]) -> int:
    for ended, count in sorted(machine.ended.items()):
        print(f"{count:>9} {ended}")
    for finding in findings[:FINDINGS_SHOWN]:
        print(f"{finding.code}: {finding.message}")
    return 1 if findings else 0
