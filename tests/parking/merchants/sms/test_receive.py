"""A message is kept once, whatever comes again, out of order or too often."""

import asyncio
from dataclasses import replace

import pytest

from parking.clock import TestClock
from parking.merchants.sms.due import close_late_parts, prune_sms
from parking.merchants.sms.inbound import InboundSms, Part
from parking.merchants.sms.limits import IDS_KEPT, MESSAGES_PER_SENDER, PARTS_WITHIN, TEXT_KEPT
from parking.merchants.sms.messages import Message, newest_messages
from parking.merchants.sms.receive import Received, receive_sms
from parking.storage.sql import database as sql_database
from tests.parking.merchants.sms.memory import MERCHANT, MemoryUnits

pytestmark = pytest.mark.usefixtures("database")
UNITS = MemoryUnits()
SMS = InboundSms("twilio", "SM1", MERCHANT, "+10000000000", "order 1 today 19:30")


def part(number: int, total: int = 3, text: str = "", reference: int = 9) -> InboundSms:
    return replace(
        SMS,
        message_id=f"P{reference}-{number}-{text}",
        text=text or f"<{number}>",
        part=Part(reference, number, total),
    )


async def kept() -> list[Message]:
    return await newest_messages(sql_database(), 100)


async def test_a_message_is_kept_once(clock: TestClock) -> None:
    assert (await receive_sms(SMS, UNITS, clock)).received is Received.NEW
    assert (await receive_sms(SMS, UNITS, clock)).received is Received.KNOWN
    (message,) = await kept()
    assert (message.text, message.received_at) == (SMS.text, clock.now())


async def test_the_same_id_of_another_provider_is_another_message(clock: TestClock) -> None:
    for provider in ("twilio", "other"):
        assert (await receive_sms(replace(SMS, provider=provider), UNITS, clock)).message_id


async def test_one_of_many_at_the_same_time_is_kept(clock: TestClock) -> None:
    found = await asyncio.gather(*(receive_sms(SMS, UNITS, clock) for _ in range(8)))
    assert [each.received for each in found].count(Received.NEW) == 1
    assert len(await kept()) == 1


async def test_nothing_is_kept_of_a_stranger(clock: TestClock) -> None:
    stranger = replace(SMS, sender="+491709999999")
    assert (await receive_sms(stranger, UNITS, clock)).received is Received.STRANGER
    assert await kept() == []


async def test_a_sender_is_limited_and_heard_again_later(clock: TestClock) -> None:
    for number in range(MESSAGES_PER_SENDER.count_max):
        one = replace(SMS, message_id=f"S{number}")
        assert (await receive_sms(one, UNITS, clock)).received is Received.NEW
        if number < 3:  # a repeat does not count
            assert (await receive_sms(one, UNITS, clock)).received is Received.KNOWN
    more = replace(SMS, message_id="more")
    assert (await receive_sms(more, UNITS, clock)).received is Received.TOO_MANY
    assert len(await kept()) == MESSAGES_PER_SENDER.count_max
    clock.advance(seconds=MESSAGES_PER_SENDER.window.total_seconds())
    assert (await receive_sms(more, UNITS, clock)).received is Received.NEW


async def test_parts_are_joined_in_whatever_order(clock: TestClock) -> None:
    for reference, order in enumerate([(1, 2, 3), (3, 1, 2), (2, 3, 1)]):
        parts = [part(number, reference=reference) for number in order]
        found = [(await receive_sms(each, UNITS, clock)).received for each in parts]
        assert found == [Received.WAITING, Received.WAITING, Received.NEW]
        again = await receive_sms(part(2, reference=reference), UNITS, clock)
        assert again.received is Received.KNOWN
    assert [message.text for message in await kept()] == ["<1><2><3>"] * 3


async def test_parts_at_the_same_time_are_joined(clock: TestClock) -> None:
    found = await asyncio.gather(*(receive_sms(part(n), UNITS, clock) for n in (1, 2, 3)))
    assert sorted(each.received for each in found) == ["new", "waiting", "waiting"]


async def test_parts_of_two_messages_are_kept_apart(clock: TestClock) -> None:
    for sms in (part(1, 2, "a1", 1), part(1, 2, "b1", 2), part(2, 2, "b2", 2), part(2, 2, "a2", 1)):
        await receive_sms(sms, UNITS, clock)
    assert [message.text for message in await kept()] == ["a1a2", "b1b2"]


async def test_a_part_that_comes_too_late_is_of_another_message(clock: TestClock) -> None:
    await receive_sms(part(1, 2), UNITS, clock)
    clock.advance(seconds=PARTS_WITHIN.total_seconds() + 1)
    assert (await receive_sms(part(2, 2), UNITS, clock)).received is Received.WAITING


async def test_a_message_that_never_became_whole_is_told_and_not_read(clock: TestClock) -> None:
    await receive_sms(part(1, 2, "cancel order 1"), UNITS, clock)
    assert await close_late_parts(UNITS, clock) == 0
    clock.advance(seconds=PARTS_WITHIN.total_seconds() + 1)
    assert await close_late_parts(UNITS, clock) == 1
    assert await close_late_parts(UNITS, clock) == 0
    (message,) = await kept()
    assert (message.outcome, message.handled_at) == ("INCOMPLETE", clock.now())
    (answer,) = await sql_database().fetch("SELECT recipient, body FROM notice")
    assert answer["recipient"] == MERCHANT
    assert answer["body"].startswith("Only a part")


async def test_old_texts_are_erased_and_their_ids_still_known(clock: TestClock) -> None:
    await receive_sms(SMS, UNITS, clock)
    await sql_database().execute("UPDATE sms_message SET handled_at = $1", clock.now())
    clock.advance(seconds=TEXT_KEPT.total_seconds() + 1)
    assert await prune_sms(clock.now()) == 1
    (message,) = await kept()
    assert (message.text, message.sender) == ("", "")
    assert (await receive_sms(SMS, UNITS, clock)).received is Received.KNOWN
    clock.advance(seconds=IDS_KEPT.total_seconds())
    assert await prune_sms(clock.now()) == 1
    assert await kept() == []
