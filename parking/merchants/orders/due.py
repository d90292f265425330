"""The worker's part in orders: what a crash left between recording and placing, what followed from
bookings, and the locks. Any number of workers may run."""

import logging

from parking.merchants.orders.desk import Desk
from parking.merchants.orders.follow import follow_orders
from parking.merchants.orders.locks import look_at_locks
from parking.merchants.orders.place import carry_out
from parking.storage.sql import database

CARRIED_OUT_MAX = 200
"""So many orders are carried out in one go; the rest in the next."""

log = logging.getLogger(__name__)


async def run_orders(desk: Desk) -> int:
    """All of it; how many orders it concerned."""
    done = await follow_orders(desk)
    done += await carry_out_due(desk)
    return done + await look_at_locks(desk)


async def carry_out_due(desk: Desk) -> int:
    """Carry out what was recorded and is still due; how many."""
    rows = await database().fetch(
        "SELECT id FROM merchant_order WHERE is_due"
        f" ORDER BY changed_at, id LIMIT {CARRIED_OUT_MAX}"
    )
    for row in rows:
        try:
            await carry_out(row["id"], desk)
        except Exception:  # the others' orders are not this one's fault
            log.exception("carrying out order %s failed; it is tried again", row["id"])
    return len(rows)
