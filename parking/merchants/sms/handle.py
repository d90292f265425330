"""A message that was kept is read, carried out, and answered by an SMS (CLAIMS D3, D10, D16).

Carrying out is idempotent by order and time of receipt, and answering by the message's id: whoever
handles a message a second time, after a crash or at the same time, changes and tells nothing more.
"""

import logging
from datetime import datetime

from parking.clock import Clock
from parking.errors import Refusal
from parking.merchants.kinds import SmsResult
from parking.merchants.sms import answers
from parking.merchants.sms.grammar import read
from parking.merchants.sms.heard import heard_json
from parking.merchants.sms.hints import hints_of
from parking.merchants.sms.limits import HANDLED_AT_ONCE_MAX
from parking.merchants.sms.messages import (
    Handling,
    Message,
    answer_key,
    load_message,
    mark_handled,
    waiting_before,
)
from parking.merchants.sms.orders import Orders, SmsUnit, Standing, Units
from parking.merchants.sms.rationing import rationed
from parking.merchants.sms.results import Action, Unclear, Understood
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_notice
from parking.notices.records import Notice
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)


async def handle_sms(message_id: int, units: Units, orders: Orders, clock: Clock) -> bool:
    """Handle a kept message and answer it; False when it was handled before.

    What its sender wrote earlier and a crash left is handled first: `move 1021` means nothing
    before `order 1021`. Raises what `orders` raises besides Refusals: then it stays unhandled, for
    `due`.
    """
    message = await load_message(database(), message_id)
    if message is None or message.handled_at is not None:
        return False
    for earlier in await waiting_before(database(), message, HANDLED_AT_ONCE_MAX):
        try:
            await _handle(earlier, units, orders, clock)
        except Exception:  # it is tried again by `due`, and does not hold up this one
            log.exception("message %d by SMS could not be handled", earlier.id)
    return await _handle(message, units, orders, clock)


async def _handle(message: Message, units: Units, orders: Orders, clock: Clock) -> bool:
    unit = await units.unit_of(message.sender)
    if unit is None:
        # The number was revoked since: a stranger gets no answer.
        return await close_message(
            message, None, Handling("STRANGER", "", SmsResult.REVOKED), clock
        )
    return await close_message(message, unit, await _handling(message, unit, orders), clock)


async def close_message(
    message: Message, unit: SmsUnit | None, handling: Handling, clock: Clock
) -> bool:
    """Write what came of the message together with its answer; False when somebody did before."""

    async def once() -> bool:
        async with transaction() as sql:
            return await close_in(sql, message, unit, handling, clock.now())

    return await retried(once)


async def close_in(
    sql: Sql, message: Message, unit: SmsUnit | None, handling: Handling, now: datetime
) -> bool:
    """The same inside of a transaction."""
    if unit is not None:
        handling = await rationed(sql, message.sender, unit, handling, now)
    is_first = await mark_handled(sql, message.id, handling, now)
    if is_first and unit is not None and handling.answer:
        await add_notice(sql, _notice(message, unit, handling.answer), now)
    return is_first


def _notice(message: Message, unit: SmsUnit, text: str) -> Notice:
    return Notice(
        key=answer_key(message.id),
        channel=NoticeChannel.SMS,
        recipient=message.sender,
        topic=NoticeTopic.ANSWER,
        fields={"text": text},
        locale=unit.locale,
        organisation_id=unit.organisation_id,
        about=f"sms_message:{message.id}",
    )


async def _handling(message: Message, unit: SmsUnit, orders: Orders) -> Handling:
    hints = hints_of(message.sender, unit.locale)
    reading = read(message.text, message.received_at, unit.zone, hints)
    heard = heard_json(reading)
    if isinstance(reading, Unclear):
        why = " ".join(f"{each.field}:{each.trouble}" for each in reading.problems)
        asked = answers.unclear(reading, unit.locale)
        return Handling(f"UNCLEAR {why}", asked, SmsResult.UNCLEAR, heard)
    if reading.action is Action.HELP:
        return Handling("HELP", answers.help_text(unit.locale), SmsResult.HELP, heard)
    done = f"{reading.action} {reading.order_ref}"
    try:
        standing = await _carry_out(reading, message, unit, orders)
    except Refusal as refusal:
        text = answers.not_done(reading, refusal, unit.locale)
        return Handling(f"{done} REFUSED {refusal.code}", text, SmsResult.REFUSED, heard)
    text = answers.done(reading, standing, unit.zone, unit.locale)
    return Handling(f"{done} {standing.state}", text, SmsResult.DONE, heard, standing.order_id)


async def _carry_out(
    order: Understood, message: Message, unit: SmsUnit, orders: Orders
) -> Standing:
    stamp = message.received_at
    if order.action is Action.CANCEL:
        return await orders.cancel(unit, order.order_ref, stamp)
    if order.action is Action.STATUS:
        return await orders.status(unit, order.order_ref)
    if order.action is Action.MOVE:
        return await orders.move(unit, order, stamp)
    return await orders.take(unit, order, stamp)
