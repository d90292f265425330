"""Sending: the worker's part of the outbox.

A notice is claimed (leased with SKIP LOCKED), handed over outside of every transaction, and noted.
At least once: a worker that dies between handing over and noting leaves it due again after its
lease, and it is sent a second time, with the same Message-ID or `webhook-id`; SMS and WeChat know
no such thing, so there a person may get it twice.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from parking.clock import Clock
from parking.errors import BerthError
from parking.notices.channel import (
    NoticeNotSent,
    NoticePostponed,
    NoticeRefused,
    Way,
    Ways,
)
from parking.notices.kinds import NoticeChannel, NoticeState
from parking.notices.letters import claim_letters, end_letter, hold_back, mark_sent, put_off
from parking.notices.limits import ATTEMPT_SECONDS_MAX, LEASE
from parking.notices.outbox import give_up_at
from parking.notices.preferences import preferences_of
from parking.notices.records import Letter
from parking.notices.rules import NO_PREFERENCE, Drop, Preference, Wait, retry_at, when

log = logging.getLogger(__name__)

Chance: TypeAlias = Callable[[], float]
"""A number in [0, 1) by which retries spread: given, so that tests know it."""


async def send_notices(
    ways: Ways, clock: Clock, chance: Chance, channels: Iterable[NoticeChannel]
) -> int:
    """Send what is due on these channels, for a worker; how many it took up. Any number may run."""
    claimed = await claim_letters(channels, clock.now())
    people = [letter.person_id for letter in claimed if letter.person_id is not None]
    preferences = await preferences_of(people)
    outcomes = await asyncio.gather(
        *(
            _handle(
                letter, preferences.get(letter.person_id or 0, NO_PREFERENCE), ways, clock, chance
            )
            for letter in claimed
        ),
        return_exceptions=True,
    )
    _log_failures(claimed, outcomes)
    return len(claimed)


async def _handle(
    letter: Letter, preference: Preference, ways: Ways, clock: Clock, chance: Chance
) -> None:
    now = clock.now()
    verdict = when(letter.topic, letter.useful_until, preference, now)
    if isinstance(verdict, Drop):
        await end_letter(letter, NoticeState.DROPPED, verdict.why, now)
    elif isinstance(verdict, Wait):
        until = give_up_at(letter.channel, verdict.until, letter.useful_until)
        await put_off(letter, verdict.until, "quiet hours", give_up_at=until, is_attempt=False)
    elif now > letter.give_up_at + LEASE:
        # No worker ran meanwhile: a booking for yesterday would only confuse.
        await _bury(letter, "it came too late to be sent", now)
    else:
        await _send(letter, ways.get(letter.channel), clock, chance)


async def _send(letter: Letter, way: Way | None, clock: Clock, chance: Chance) -> None:
    try:
        reference = await _deliver(letter, way)
    except NoticePostponed as error:
        await _postpone(letter, error, clock.now())
    except NoticeRefused as error:
        await _bury(letter, error.message, clock.now())
    except NoticeNotSent as error:
        await _try_later(letter, error, clock.now(), chance())
    else:
        await mark_sent(letter, reference, clock.now())


async def _deliver(letter: Letter, way: Way | None) -> str:
    """The provider's reference; every failure as `NoticeNotSent`."""
    if way is None:
        raise NoticeRefused(f"this installation has no channel for {letter.channel}")
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
            return await way.deliver(letter)
    except TimeoutError as error:
        raise NoticeNotSent("the channel did not answer in time") from error
    except BerthError as error:
        if isinstance(error, NoticeNotSent):
            raise
        raise NoticeNotSent(error.message) from error


async def _postpone(letter: Letter, error: NoticePostponed, now: datetime) -> None:
    if now >= letter.give_up_at:
        await _bury(letter, error.message, now)
        return
    assert error.wanted is not None, "it says until when"
    due_at = min(now + error.wanted, letter.give_up_at)
    await put_off(letter, due_at, error.message, give_up_at=letter.give_up_at, is_attempt=False)


async def _try_later(letter: Letter, error: NoticeNotSent, now: datetime, chance: float) -> None:
    due_at = retry_at(letter.attempts, letter.give_up_at, now, chance=chance, wanted=error.wanted)
    if due_at is None:
        await _bury(letter, error.message, now)
        return
    await put_off(letter, due_at, error.message, give_up_at=letter.give_up_at, is_attempt=True)
    if letter.webhook_id is not None:
        await hold_back(letter.webhook_id, due_at)


async def _bury(letter: Letter, why: str, now: datetime) -> None:
    if await end_letter(letter, NoticeState.DEAD, why, now):
        log.warning("notice %d (%s) is given up: %s", letter.id, letter.topic, why)


def _log_failures(claimed: Sequence[Letter], outcomes: Sequence[BaseException | None]) -> None:
    """What nobody expected; the lease lets it be tried again, until it is given up."""
    for letter, outcome in zip(claimed, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error("notice %d (%s)", letter.id, letter.channel, exc_info=outcome)
