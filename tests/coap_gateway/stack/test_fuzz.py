"""Thousands of broken datagrams leave the server as it was."""

import logging
import random

import pytest

from coap_gateway.stack import Code, Server
from coap_gateway.stack.replies import Ask
from tests.coap_gateway.stack.peers import PING, PONG, RawDevice

ROUNDS = 3000


def mutated(datagram: bytes, dice: random.Random) -> bytes:
    """The datagram with some bytes changed, cut, doubled or replaced by noise."""
    changed = bytearray(datagram)
    for _ in range(dice.randint(1, 4)):
        match dice.randrange(4):
            case 0 if changed:
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            case 1:
                del changed[dice.randrange(len(changed) + 1) :]
            case 2:
                at = dice.randrange(len(changed) + 1)
                changed[at:at] = dice.randbytes(dice.randint(1, 20))
            case _:
                changed += changed[: dice.randrange(len(changed) + 1)]
    return bytes(changed)


@pytest.mark.parametrize("seed", range(3))
async def test_noise_and_mutations_never_break_the_server(
    device: RawDevice, server: Server, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    """Each starts from a report, a discovery or noise, and comes from an address of its own."""
    dice = random.Random(seed)
    core = bytes.fromhex("42010102aabbbb2e77656c6c2d6b6e6f776e04636f7265")
    with caplog.at_level(logging.ERROR):
        for _ in range(ROUNDS):
            report, _ = device.seal(Ask(Code.POST, ("dp",), b"\x80", 112))
            frame = dice.choice([report, core, dice.randbytes(dice.randint(0, 60))])
            source = f"127.0.{dice.randrange(256)}.{dice.randrange(256)}"
            server._receive(mutated(frame, dice), (source, 9))
        assert caplog.records == []
    assert server.counters.handler_failures == 0
    while await device.peer.ask(PING) != PONG:
        pass
    device.sequence += 1000
    assert (await device.ask(Ask(Code.GET, ("state",)))).code == Code.CONTENT
