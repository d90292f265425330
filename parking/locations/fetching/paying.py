"""What who fetched a car pays of its stay: moved to the owner's wallet once the stay is settled.

What was reserved moves up to what the owner was charged, and the rest is free again; where the
right was not used, all of it. The owner's own settlement is as if they had come themselves: what is
credited to them of it later stays theirs (docs/locations.md).
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from parking.access.delegations.rows import delegation_topic
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import driver
from parking.ledger.refusals import PendingExpired
from parking.ledger.transfers import post, void
from parking.locations.fetching.accept import hold_id
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.faults import Unreachable
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

PAID_AT_ONCE_MAX = 200
"""So many payments one go looks at."""

_WHERE_DUE = """
  FROM fetch_payment f LEFT JOIN exit_delegation d ON d.id = f.delegation_id
  LEFT JOIN reservation r ON r.id = f.reservation_id
 WHERE f.resolved_at IS NULL AND (d.id IS NULL OR d.state IN ('REVOKED', 'EXPIRED', 'ENDED')
       OR (d.state = 'USED' AND r.settled_at IS NOT NULL))
"""
DUE = f"SELECT f.id {_WHERE_DUE} AND f.id > $1 ORDER BY f.id LIMIT {PAID_AT_ONCE_MAX}"
_ONE = f"""
SELECT f.delegation_id, f.reservation_id, f.payer_id, f.owner_id, f.currency, f.amount_max_minor,
       d.state {_WHERE_DUE} AND f.id = $1
"""
_CHARGED = "SELECT cost_minor - validation_minor AS due FROM settlement WHERE reservation_id = $1"

log = logging.getLogger(__name__)


async def settle_fetches(clock: Clock, bus: Bus) -> int:
    """Resolve what is due, each in a transaction of its own; how many. Any number of workers may
    run. One that cannot be resolved is a bug, and holds up nobody: it is raised at last."""
    done, after, faults = 0, 0, list[Exception]()
    while True:
        rows = await database().fetch(DUE, after)
        for row in rows:
            done += await _tried(row["id"], clock, bus, faults)
        if len(rows) < PAID_AT_ONCE_MAX:
            break
        after = rows[-1]["id"]
    if faults:
        raise faults[0]
    return done


async def _tried(payment_id: int, clock: Clock, bus: Bus, faults: list[Exception]) -> int:
    try:
        return await retried(partial(_resolve, payment_id, clock, bus))
    except Unreachable:
        raise
    except Exception as fault:
        log.exception("the payment %d of who fetched a car cannot be resolved", payment_id)
        faults.append(fault)
        return 0


async def _resolve(payment_id: int, clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        at = clock.now()
        found = await sql.fetch_one(_ONE, payment_id)
        if found is None:
            return 0
        amount = await _due_minor(sql, found)
        # Whoever is first writes; the other finds it done, and the ledger is not asked twice.
        written = await sql.execute(
            "UPDATE fetch_payment SET resolved_at = $2, amount_minor = $3"
            " WHERE id = $1 AND resolved_at IS NULL",
            payment_id,
            at,
            amount,
        )
        if not written:
            return 0
        if not await _move(sql, found, amount, at):
            await sql.execute("UPDATE fetch_payment SET amount_minor = 0 WHERE id = $1", payment_id)
        people = map(person_money_topic, sorted({found["payer_id"], found["owner_id"]}))
        topic = delegation_topic(found["delegation_id"])
        await tell_money(sql, held, at, *people, topic, delegation_id=found["delegation_id"])
        return 1


async def _due_minor(sql: Sql, payment: dict[str, Any]) -> int:
    if payment["state"] != "USED":
        return 0
    row = await sql.fetch_one(_CHARGED, payment["reservation_id"])
    charged = 0 if row is None else int(row["due"])
    return min(max(charged, 0), int(payment["amount_max_minor"]))


async def _move(sql: Sql, payment: dict[str, Any], amount_minor: int, at: datetime) -> bool:
    """Move the amount, or give all of it up; False where it was not reserved any longer."""
    pending = hold_id(payment["delegation_id"])
    try:
        if amount_minor:
            currency = payment["currency"]
            entries = {
                driver(payment["payer_id"], currency): -amount_minor,
                driver(payment["owner_id"], currency): amount_minor,
            }
            await post(sql, pending, f"{pending}:post", at, entries)
        else:
            await void(sql, pending, f"{pending}:void", at, "the right was not used")
    except PendingExpired:
        log.warning("%s was reserved no longer when it came to be paid", pending)
        return False
    return True
