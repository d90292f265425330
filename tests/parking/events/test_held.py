"""The bus that waits for the commit."""

import pytest

from parking.events.bus import InProcessBus
from parking.events.held import HeldBus


async def heard(bus: InProcessBus, *, fails: bool = False, forgets: bool = False) -> list[bytes]:
    """What a subscriber hears of a message published within a held block."""
    async with bus.subscribe("topic") as messages:
        try:
            async with HeldBus(bus) as held:
                await held.publish("topic", b"first")
                if forgets:
                    held.forget()
                if fails:
                    raise LookupError
        except LookupError:
            pass
        await bus.publish("topic", b"end")
        found = []
        async for message in messages:
            if message.body == b"end":
                break
            assert message.body is not None
            found.append(message.body)
        return found


@pytest.mark.parametrize(
    ("fails", "forgets", "expected"),
    [(False, False, [b"first"]), (True, False, []), (False, True, [])],
)
async def test_messages_go_out_only_when_the_block_ends_well(
    *, fails: bool, forgets: bool, expected: list[bytes]
) -> None:
    assert await heard(InProcessBus(), fails=fails, forgets=forgets) == expected


async def test_listening_through_it_is_listening_to_the_bus_behind() -> None:
    bus = InProcessBus()
    async with HeldBus(bus) as held, held.subscribe("topic") as messages:
        await bus.publish("topic", b"now")
        assert (await anext(aiter(messages))).body == b"now"
