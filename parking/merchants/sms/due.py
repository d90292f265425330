"""The worker's part: messages that a crash or a fault left, and parts whose rest never came."""

import logging
from datetime import datetime

from parking.clock import Clock
from parking.merchants.kinds import SmsResult
from parking.merchants.sms import answers
from parking.merchants.sms.handle import close_in, close_message, handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.joining import joined_id
from parking.merchants.sms.limits import (
    GIVEN_UP_AFTER,
    HANDLED_AT_ONCE_MAX,
    IDS_KEPT,
    PARTS_WITHIN,
    TEXT_KEPT,
    TRIED_AGAIN_AFTER,
)
from parking.merchants.sms.messages import (
    MESSAGE_COLUMNS,
    PART_COLUMNS,
    Handling,
    Message,
    PartRow,
    insert_message,
    load_message,
    mark_joined,
    message_of,
)
from parking.merchants.sms.orders import Orders, SmsUnit, Units
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)

_WAITING = f"""
SELECT {MESSAGE_COLUMNS} FROM sms_message
 WHERE handled_at IS NULL AND received_at <= $1 ORDER BY received_at, id LIMIT $2
"""
_LATE_PARTS = f"""
SELECT {PART_COLUMNS} FROM sms_part
 WHERE joined_at IS NULL AND received_at < $1 ORDER BY id LIMIT $2
"""


async def handle_waiting_sms(units: Units, orders: Orders, clock: Clock) -> int:
    """Handle what was left, oldest first, and give up what has failed for `GIVEN_UP_AFTER`; how
    many are done with."""
    now, done = clock.now(), 0
    rows = await database().fetch(_WAITING, now - TRIED_AGAIN_AFTER, HANDLED_AT_ONCE_MAX)
    for message in map(message_of, rows):
        try:
            done += await handle_sms(message.id, units, orders, clock)
        except Exception:
            log.exception("message %d by SMS could not be handled", message.id)
            if message.received_at <= now - GIVEN_UP_AFTER:
                done += await _give_up(message, units, clock)
    return done


async def _give_up(message: Message, units: Units, clock: Clock) -> bool:
    unit = await units.unit_of(message.sender)
    text = "" if unit is None else answers.failed(unit.locale)
    return await close_message(message, unit, Handling("GIVEN_UP", text, SmsResult.GIVEN_UP), clock)


async def close_late_parts(units: Units, clock: Clock) -> int:
    """Tell the senders of messages that never became whole; how many parts are done with."""
    now = clock.now()
    rows = await database().fetch(_LATE_PARTS, now - PARTS_WITHIN, HANDLED_AT_ONCE_MAX)
    groups: dict[tuple[object, ...], list[PartRow]] = {}
    for part in (PartRow(**row) for row in rows):
        key = (part.provider, part.sender, part.recipient, part.reference, part.total)
        groups.setdefault(key, []).append(part)
    return sum([await _close_group(parts, units, clock) for parts in groups.values()])


async def _close_group(parts: list[PartRow], units: Units, clock: Clock) -> int:
    unit = await units.unit_of(parts[0].sender)
    text = "" if unit is None else answers.incomplete(unit.locale)

    async def once() -> int:
        async with transaction() as sql:
            count = await mark_joined(sql, parts, clock.now())
            made = await _keep_rest(sql, parts, unit, clock.now()) if count else None
            message = None if made is None else await load_message(sql, made)
            if message is not None:
                # In one transaction: a rest that is left unhandled would be read as an order.
                done = Handling("INCOMPLETE", text, SmsResult.INCOMPLETE)
                await close_in(sql, message, unit, done, clock.now())
            return count

    return await retried(once)


async def _keep_rest(
    sql: Sql, parts: list[PartRow], unit: SmsUnit | None, now: datetime
) -> int | None:
    """What came of it, as a message of its own."""
    first = parts[0]
    text = " […] ".join(part.text for part in sorted(parts, key=lambda part: part.number))
    sms = InboundSms(first.provider, joined_id(parts), first.sender, first.recipient, text)
    return await insert_message(sql, sms, now, unit_id=None if unit is None else unit.id)


async def prune_sms(now: datetime) -> int:
    """Erase texts and senders of old messages, forget very old ones; how many rows changed."""
    erased = await database().execute(
        "UPDATE sms_message SET text = '', sender = '', understood = '', answer = ''"
        " WHERE received_at < $1"
        " AND handled_at IS NOT NULL AND sender <> ''",
        now - TEXT_KEPT,
    )
    parts = await database().execute(
        "UPDATE sms_part SET text = '', sender = '' WHERE received_at < $1"
        " AND joined_at IS NOT NULL AND sender <> ''",
        now - TEXT_KEPT,
    )
    for table in ("sms_message", "sms_part"):
        erased += await database().execute(
            f"DELETE FROM {table} WHERE received_at < $1", now - IDS_KEPT
        )
    return erased + parts
