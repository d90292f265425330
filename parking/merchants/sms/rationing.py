"""How many answers one number, and one merchant, is sent: each costs money, and a phone that
answers by itself would go on for ever (CLAIMS D10). What messages ask for is done all the same."""

from datetime import datetime

from parking.accounts.attempts import Limit, take_attempt
from parking.errors import TooManyTries
from parking.merchants.kinds import SmsResult
from parking.merchants.sms import answers
from parking.merchants.sms.limits import (
    ANSWERS_PER_ORGANISATION,
    ANSWERS_PER_SENDER,
    LAST_WORDS_PER_SENDER,
    PUZZLED_PER_SENDER,
)
from parking.merchants.sms.messages import Handling
from parking.merchants.sms.orders import SmsUnit
from parking.storage.sql import Sql

PUZZLED = frozenset({SmsResult.UNCLEAR, SmsResult.HELP, SmsResult.INCOMPLETE})
"""Answers that tell how to write; nothing was done for them."""
_PLAIN = b""
"""Numbers are counted under a plain hash: they stand in the messages anyway."""


async def rationed(
    sql: Sql, sender: str, unit: SmsUnit, handling: Handling, now: datetime
) -> Handling:
    """The handling with the answer that is sent, counted in the caller's transaction: its own; once
    at a limit, that there will be none for a while; and then none."""
    limits = [(ANSWERS_PER_SENDER, sender), (ANSWERS_PER_ORGANISATION, str(unit.organisation_id))]
    if handling.result in PUZZLED:
        limits.insert(0, (PUZZLED_PER_SENDER, sender))
    for limit, who in limits:
        if not await _is_left(sql, limit, who, now):
            is_told = await _is_left(sql, LAST_WORDS_PER_SENDER, sender, now)
            return handling._replace(answer=answers.no_more(unit.locale) if is_told else "")
    return handling


async def _is_left(sql: Sql, limit: Limit, who: str, now: datetime) -> bool:
    try:
        await take_attempt(sql, limit, who, _PLAIN, now)
    except TooManyTries:
        return False
    return True
