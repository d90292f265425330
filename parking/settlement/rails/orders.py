"""Asking rails for what was decided: after the commit, as often as it takes, once in effect.

Each order is asked for under its key. Before anything is repeated it is looked up, for the answer
may have been lost after it was done. What a rail refuses for good, or does not answer for hours,
ends in a sentence for a person (NEEDS_PERSON).
"""

import asyncio
import logging

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.settlement.kinds import RailOrderState
from parking.settlement.payments.prepare import in_change
from parking.settlement.payments.records import OrderRecord
from parking.settlement.payments.refunds import back_of
from parking.settlement.rails.order_rows import (
    ORDERS_AT_ONCE_MAX,
    claim_orders,
    end_order,
    order_by_id,
    put_off,
)
from parking.settlement.rails.order_rules import delay, unknown
from parking.settlement.rails.order_work import NotYet, perform
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import Rails, RailUnreachable
from parking.settlement.rules import require_platform
from parking.storage.sql import Sql, database

__all__ = ["ORDERS_AT_ONCE_MAX", "retry_rail_order", "run_rail_orders"]

log = logging.getLogger(__name__)


async def run_rail_orders(rails: Rails, clock: Clock, bus: Bus) -> int:
    """Do what is due, for a worker; how many. Any number of workers may run."""
    require_outside()
    claimed = await claim_orders(clock.now())
    outcomes = await asyncio.gather(
        *(_run(order, rails, clock, bus) for order in claimed), return_exceptions=True
    )
    for order, outcome in zip(claimed, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            # Its lease lets it be tried again; the others are done.
            log.error("rail order %s (%s)", order.key, order.kind, exc_info=outcome)
    return len(claimed)


async def _run(order: OrderRecord, rails: Rails, clock: Clock, bus: Bus) -> None:
    try:
        await perform(order, rails, clock, bus)
    except NotYet as error:
        due_at = clock.now() + error.pause
        # Not counted, but never looking new again: what was asked for once is looked up first.
        attempts = max(order.attempts - 1, 1)
        await put_off(order, due_at, error.message, attempts=attempts, generation=order.generation)
    except RailUnreachable as error:
        await _try_later(order, error, clock, bus)


async def _try_later(order: OrderRecord, error: RailUnreachable, clock: Clock, bus: Bus) -> None:
    later = delay(order, is_over=error.is_over)
    if later is not None:
        due_at = clock.now() + later.pause
        await put_off(
            order, due_at, error.message, attempts=order.attempts, generation=later.generation
        )
        return
    told = unknown(order, error.message)
    log.error("rail order %s needs a person: %s", order.key, told)

    async def once(sql: Sql, _: Bus) -> None:
        await end_order(sql, order, RailOrderState.NEEDS_PERSON, clock.now(), error=told)

    await in_change(once, bus)


async def retry_rail_order(viewer: Viewer, order_id: int, *, clock: Clock) -> OrderRecord:
    """Try an order again that a person has looked at. For the platform.

    Raises NotPermitted, NotFound, and Conflict: `WRONG_STATE` for one that needs nobody,
    `MONEY_RETURNED` for a refund whose money is in the driver's wallet instead.
    """
    require_platform(viewer)
    sql = database()
    await _require_not_returned(sql, order_id)
    written = await sql.execute(
        "UPDATE rail_order SET state = 'DUE', due_at = $2, attempts = 0, generation = generation+1"
        " WHERE id = $1 AND state = 'NEEDS_PERSON'",
        order_id,
        clock.now(),
    )
    order = await order_by_id(sql, order_id)
    if order is None:
        raise NotFound("there is no such rail order")
    if not written:
        raise Conflict(f"the order is {order.state}; it needs nobody", code="WRONG_STATE")
    return order


async def _require_not_returned(sql: Sql, order_id: int) -> None:
    row = await sql.fetch_one(
        "SELECT o.key FROM rail_order o JOIN ledger_transfer t ON t.public_id = o.key || $2"
        " WHERE o.id = $1",
        order_id,
        back_of(""),
    )
    if row is not None:
        raise Conflict(
            "the money of this refund is in the driver's wallet instead; giving it back twice is "
            "not possible",
            code="MONEY_RETURNED",
        )
