"""What a settlement has of an outer rail: money back, or more of it. The rail is asked after the
commit (`rail_order`)."""

from datetime import datetime

from parking.events.bus import Bus
from parking.settlement.debts import collect_debts
from parking.settlement.funds import Funds
from parking.settlement.payments.prepare import order_shortage
from parking.settlement.payments.refunds import give_back
from parking.settlement.payments.rows import account_by_id
from parking.settlement.rails.port import WALLET
from parking.settlement.records import EscrowRecord
from parking.storage.sql import Sql


async def settle_outside(
    sql: Sql, pocket: EscrowRecord, funds: Funds, at: datetime, bus: Bus
) -> None:
    """Send what the driver got back on to where it came from, after what they owe for other stays
    was paid of it; have what they owe for this one taken from there.

    What comes in by that goes to the wallet, and the debt is paid from it. The wallet is nowhere
    outside, and an account that was removed is not asked.
    """
    if pocket.rail == WALLET:
        return
    if funds.refund_minor:
        key, person_id = f"refund:{pocket.reservation_id}", pocket.person_id
        cause = f"split:{pocket.reservation_id}"
        paid = await collect_debts(sql, person_id, pocket.currency, cause, at, bus)
        await send_back(sql, pocket, max(funds.refund_minor - paid, 0), key, at)
    account = await account_by_id(sql, pocket.payment_account_id)
    if funds.receivable_minor and account.removed_at is None:
        owed = funds.receivable_minor
        await order_shortage(sql, account, pocket.reservation_id, owed, pocket.currency, at)


async def send_back(
    sql: Sql, pocket: EscrowRecord, amount_minor: int, key: str, at: datetime
) -> None:
    """What lies in the driver's wallet for it goes back by the payments of the reservation."""
    await give_back(
        sql, pocket.reservation_id, pocket.person_id, pocket.currency, amount_minor, key, at
    )
