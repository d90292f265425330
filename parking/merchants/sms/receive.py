"""A message comes in: it is kept first, once, and handled afterwards (CLAIMS D10)."""

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from parking.accounts.attempts import give_back_attempt, take_attempt
from parking.clock import Clock
from parking.errors import TooManyTries
from parking.merchants.sms.inbound import InboundSms, Part
from parking.merchants.sms.joining import joined, joined_id
from parking.merchants.sms.limits import MESSAGES_PER_SENDER, PARTS_WITHIN
from parking.merchants.sms.messages import (
    insert_message,
    insert_part,
    mark_joined,
    waiting_parts,
)
from parking.merchants.sms.orders import Units
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

_SECRET = b""
"""Numbers are counted under a plain hash: they stand in the messages anyway."""


class Received(StrEnum):
    """What became of a message on its way in; none but a new one is answered."""

    NEW = "new"
    KNOWN = "known"
    """Its id came before."""
    WAITING = "waiting"
    """A part whose message is not whole yet."""
    STRANGER = "stranger"
    """Nobody allowed the number: nothing is kept, and nothing answered."""
    TOO_MANY = "too_many"
    """The sender is over the limit: nothing is kept, and nothing answered."""


class Intake(NamedTuple):
    """`message_id` is the id of a NEW message, to be handled."""

    received: Received
    message_id: int | None = None


async def receive_sms(sms: InboundSms, units: Units, clock: Clock) -> Intake:
    """Keep a message that `checked_sms` has let through."""
    unit = await units.unit_of(sms.sender)
    if unit is None:
        return Intake(Received.STRANGER)

    async def once() -> Intake:
        async with transaction() as sql:
            return await _keep(sql, sms, unit.id, clock)

    try:
        return await retried(once)
    except TooManyTries:
        return Intake(Received.TOO_MANY)


async def _keep(sql: Sql, sms: InboundSms, unit_id: int, clock: Clock) -> Intake:
    # Counting locks the sender's row: parts that come at the same time see each other.
    await take_attempt(sql, MESSAGES_PER_SENDER, sms.sender, _SECRET, clock.now())
    if sms.part is not None:
        found = await _keep_part(sql, sms, sms.part, unit_id, clock)
    else:
        made = await insert_message(sql, sms, clock.now(), unit_id=unit_id)
        found = Intake(Received.KNOWN if made is None else Received.NEW, made)
    if found.received is Received.KNOWN:
        await give_back_attempt(sql, MESSAGES_PER_SENDER, sms.sender, _SECRET)
    return found


async def _keep_part(sql: Sql, sms: InboundSms, part: Part, unit_id: int, clock: Clock) -> Intake:
    now = clock.now()
    if not await insert_part(sql, sms, part, now):
        return Intake(Received.KNOWN)
    parts = await waiting_parts(sql, sms, part, now - PARTS_WITHIN)
    text = joined(parts)
    if text is None:
        return Intake(Received.WAITING)
    await mark_joined(sql, parts, now)
    whole = replace(sms, text=text, part=None)
    made = await insert_message(sql, whole, now, unit_id=unit_id, provider_id=joined_id(parts))
    return Intake(Received.NEW, made)
