"""Sending an organisation what it is owed, as a rail order."""

from parking.clock import Clock
from parking.events.bus import Bus
from parking.settlement.kinds import RailOrderState
from parking.settlement.payments.prepare import in_change
from parking.settlement.payments.records import OrderRecord
from parking.settlement.payouts.pay import payout_failed, payout_paid
from parking.settlement.rails.order_rows import end_order
from parking.settlement.rails.order_rules import key_of
from parking.settlement.rails.port import PayOut, Rail, RailRefused
from parking.storage.sql import Sql, database


async def perform_payout(order: OrderRecord, rail: Rail, clock: Clock, bus: Bus) -> None:
    """Send it, or find that it was sent. What the rail refuses stays owed. Raises
    RailUnreachable."""
    assert order.payout_id is not None, "a payout's order names it"
    [row] = await database().fetch("SELECT reference FROM payout WHERE id = $1", order.payout_id)
    asked = PayOut(key_of(order), order.amount_minor, order.currency, row["reference"])
    is_repeated = order.attempts > 1 or order.generation > 0
    try:
        reference = await rail.look_up_payout(asked) if is_repeated else None
        reference = reference or await rail.pay_out(asked)
    except RailRefused as refusal:
        await _failed(order, order.payout_id, refusal.message, clock, bus)
    else:
        await _paid(order, order.payout_id, reference, clock, bus)


async def _paid(order: OrderRecord, payout_id: int, reference: str, clock: Clock, bus: Bus) -> None:
    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        if await end_order(sql, order, RailOrderState.DONE, at, reference=reference):
            await payout_paid(sql, payout_id, reference, at, held)

    await in_change(once, bus)


async def _failed(order: OrderRecord, payout_id: int, reason: str, clock: Clock, bus: Bus) -> None:
    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        if await end_order(sql, order, RailOrderState.FAILED, at, error=reason):
            await payout_failed(sql, payout_id, reason, at, held)

    await in_change(once, bus)
