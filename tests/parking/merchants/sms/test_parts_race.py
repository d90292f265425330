"""Parts that come at the same time: without the lock of the sender's row they miss each other."""

import asyncio
from typing import Any

import pytest

from parking.clock import TestClock
from parking.merchants.sms import messages, receive
from parking.merchants.sms.inbound import InboundSms, Part
from parking.merchants.sms.receive import Received, receive_sms
from parking.storage.database import connect, disconnect
from tests.parking.merchants.sms.memory import MERCHANT, MemoryUnits


def part(number: int) -> InboundSms:
    return InboundSms("other", f"P{number}", MERCHANT, "1", f"<{number}>", Part(9, number, 2))


async def test_control_without_the_lock_two_parts_wait_for_ever(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, looks = asyncio.Barrier(2), messages.waiting_parts

    async def nothing(*_: Any) -> None:
        """In place of the count, which locks."""

    async def together(*arguments: Any) -> Any:
        await both.wait()
        found = await looks(*arguments)
        await both.wait()
        return found

    monkeypatch.setattr(receive, "take_attempt", nothing)
    monkeypatch.setattr(receive, "waiting_parts", together)
    await connect(postgres_url)
    try:
        found = await asyncio.gather(*(receive_sms(part(n), MemoryUnits(), clock) for n in (1, 2)))
    finally:
        await disconnect()
    assert [each.received for each in found] == [Received.WAITING, Received.WAITING]
