"""Disputes against their accounts: frozen while they live, empty when they are closed."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import orjson

from parking.ledger.findings import Finding
from parking.settlement.disputes.records import SELECT_DISPUTES, DisputeRecord, dispute_record
from parking.settlement.disputes.rules import RAIL
from parking.settlement.kinds import DisputeState
from parking.settlement.split import Parts
from parking.storage.sql import Sql

BATCH_ROWS = 500
CLOSED_LATE_MAX = timedelta(minutes=10)
"""The worker has carried a decision out by then, even after a start anew."""


async def dispute_faults(sql: Sql, at: datetime) -> AsyncIterator[Finding]:
    """What is wrong with disputes, the oldest first."""
    last = 0
    query = f"{SELECT_DISPUTES} WHERE d.id > $1 ORDER BY d.id LIMIT {BATCH_ROWS}"
    while batch := [dispute_record(row) for row in await sql.fetch(query, last)]:
        last = batch[-1].id
        rows = await sql.fetch(
            f"SELECT name, balance_minor FROM ledger_account WHERE name {sql.any_of('$1')}",
            [f"dispute:{each.id}" for each in batch],
        )
        held = {row["name"]: row["balance_minor"] for row in rows}
        for each in batch:
            for code, message in _faults(each, held.get(f"dispute:{each.id}", 0), at):
                yield Finding(code, f"dispute {each.id}: {message}")


def _faults(dispute: DisputeRecord, held_minor: int, at: datetime) -> Iterator[tuple[str, str]]:
    taken = Parts(**orjson.loads(dispute.frozen)).whole_minor
    if taken != dispute.frozen_minor:
        yield "DISPUTE_PARTS", f"{dispute.frozen_minor} is frozen; its parts come to {taken}"
    # What a bank takes back has left at once.
    is_held = dispute.state is not DisputeState.CLOSED and dispute.party != RAIL
    if held_minor != (dispute.frozen_minor if is_held else 0):
        yield "DISPUTE_ACCOUNT", f"it is {dispute.state}, and its account has {held_minor}"
    is_late = dispute.appeal_until is not None and dispute.appeal_until + CLOSED_LATE_MAX < at
    if dispute.state is DisputeState.DECIDED and is_late:
        yield "DISPUTE_UNCLOSED", f"it could be appealed until {dispute.appeal_until}, and is open"
