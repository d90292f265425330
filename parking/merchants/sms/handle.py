"""A message that was kept is read, carried out, and answered by an SMS (CLAIMS D3, D10, D16).

Carrying out is idempotent by order and time of receipt, and answering by the message's id: whoever
handles a message a second time, after a crash or at the same time, changes and tells nothing more.
"""

from datetime import datetime
from typing import NamedTuple

from parking.clock import Clock
from parking.errors import Refusal
from parking.merchants.sms import answers
from parking.merchants.sms.grammar import read
from parking.merchants.sms.hints import hints_of
from parking.merchants.sms.messages import Message, answer_key, load_message, mark_handled
from parking.merchants.sms.orders import Orders, SmsUnit, Standing, Units
from parking.merchants.sms.results import Action, Unclear, Understood
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_notice
from parking.notices.records import Notice
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction


class Handling(NamedTuple):
    """What came of a message: a line for those who look after the platform, without what it says
    of the guest, and the answer."""

    outcome: str
    answer: str


async def handle_sms(message_id: int, units: Units, orders: Orders, clock: Clock) -> bool:
    """Handle a kept message and answer it; False when it was handled before.

    Raises what `orders` raises besides Refusals: then it stays unhandled, for `due`.
    """
    message = await load_message(database(), message_id)
    if message is None or message.handled_at is not None:
        return False
    unit = await units.unit_of(message.sender)
    if unit is None:
        # The number was revoked since: a stranger gets no answer.
        return await close_message(message, None, Handling("STRANGER", ""), clock)
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
    is_first = await mark_handled(sql, message.id, handling.outcome, now)
    if is_first and unit is not None:
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
    if isinstance(reading, Unclear):
        why = " ".join(f"{each.field}:{each.trouble}" for each in reading.problems)
        return Handling(f"UNCLEAR {why}", answers.unclear(reading, unit.locale))
    if reading.action is Action.HELP:
        return Handling("HELP", answers.help_text(unit.locale))
    done = f"{reading.action} {reading.order_ref}"
    try:
        standing = await _carry_out(reading, message, unit, orders)
    except Refusal as refusal:
        text = answers.not_done(reading, refusal, unit.locale)
        return Handling(f"{done} REFUSED {refusal.code}", text)
    text = answers.done(reading, standing, unit.zone, unit.locale)
    return Handling(f"{done} {standing.state}", text)


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
