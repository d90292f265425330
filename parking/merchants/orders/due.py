"""The worker's part in orders: what a crash left between recording and placing, what followed from
bookings, and the locks. Any number of workers may run."""

from functools import partial

from parking.merchants.orders.again import IS_TRIED, ORDER, tried
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.follow import follow_orders
from parking.merchants.orders.locks import look_at_locks
from parking.merchants.orders.place import carry_out
from parking.storage.sql import database

CARRIED_OUT_MAX = 200
"""So many orders are carried out in one go; the rest in the next."""

_DUE = f"""
SELECT o.id FROM merchant_order o WHERE o.is_due AND {IS_TRIED.format(row="o", now="$1")}
 ORDER BY o.changed_at, o.id LIMIT {CARRIED_OUT_MAX}
"""


async def run_orders(desk: Desk) -> int:
    """All of it; how many orders it concerned."""
    done = await follow_orders(desk)
    done += await carry_out_due(desk)
    return done + await look_at_locks(desk)


async def carry_out_due(desk: Desk) -> int:
    """Carry out what was recorded and is still due; how many."""
    rows = await database().fetch(_DUE, desk.clock.now())
    for row in rows:
        await tried(ORDER, row["id"], partial(carry_out, row["id"], desk), desk.clock)
    return len(rows)
