"""A merchant's messages by SMS, for its people: what was sent, how it was read, what came of it."""

from dataclasses import dataclass
from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.merchants.kinds import SmsResult
from parking.merchants.rules import may_read_orders
from parking.merchants.sms.messages import MESSAGE_COLUMNS, Message, message_of
from parking.places.conditions import Conditions
from parking.storage.sql import database

PAGE_ROWS_MAX = 10_001
_COLUMNS = ", ".join(f"s.{name}" for name in MESSAGE_COLUMNS.split(", "))


@dataclass(frozen=True, slots=True)
class SmsFilter:
    """Which messages are asked for; None asks for nothing. Received in `[since, until)`, aware."""

    unit_id: int | None = None
    result: SmsResult | None = None
    since: datetime | None = None
    until: datetime | None = None


async def messages_of(
    viewer: Viewer, organisation_id: int, wanted: SmsFilter, *, limit: int, before_id: int = 0
) -> list[Message]:
    """A page of the messages that came for the merchant's units, the newest first, going on before
    an id; nothing for who may not see its orders. The order of a message may be asked for by its
    `order_id`. Texts older than `limits.TEXT_KEPT` are empty."""
    if not may_read_orders(viewer, organisation_id):
        return []
    sql = database()
    where = Conditions(sql)
    # Through the units: their messages are read from an index, the newest first.
    where.add(
        "s.unit_id IN (SELECT m.id FROM merchant_unit m WHERE m.organisation_id ="
        f" {where.argument(organisation_id)})"
    )
    if wanted.unit_id is not None:
        where.add(f"s.unit_id = {where.argument(wanted.unit_id)}")
    if wanted.result is not None:
        where.add(f"s.result = {where.argument(wanted.result.value)}")
    if wanted.since is not None:
        where.add(f"s.received_at >= {where.argument(wanted.since)}")
    if wanted.until is not None:
        where.add(f"s.received_at < {where.argument(wanted.until)}")
    if before_id:
        where.add(f"s.id < {where.argument(before_id)}")
    rest = f"{where} ORDER BY s.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}"
    rows = await sql.fetch(f"SELECT {_COLUMNS} FROM sms_message s WHERE {rest}", *where.arguments)
    return [message_of(row) for row in rows]
