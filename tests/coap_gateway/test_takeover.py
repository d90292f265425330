"""One security context, many gateways: a message passes at most one of them, once."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from coap_gateway.gateway import Gateway
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import MemorySequences
from coap_gateway.stack.oscore import Context
from coap_gateway.stack.replies import Ask
from coap_gateway.stack.wire import CON, Message, decode, encode_header, encode_options
from parking.occupancy.models import Occupancy
from parking.storage.sql import database
from tests.coap_gateway.rig import Device, Rig, material_of, start

OSCORE_OPTION = 9


@dataclass
class Pair:
    """A rig's gateway (the old one), another, and a sensor that went from one to the other."""

    rig: Rig
    other: Gateway
    sensor: Device

    def recorded(self, sequence: int, occupied: bool, partial_iv: int) -> bytes:
        """The datagram that the sensor sends for a report, for somebody to keep and replay."""
        records = [Record("/3/0/26241", 1), Record("/3/0/26242", sequence)]
        payload = encode([*records, Record("/3431/0/1", occupied)], SENML_CBOR)
        ask = Ask(2, ("dp",), payload, SENML_CBOR)  # type: ignore[arg-type]
        plaintext = bytes((2,)) + encode_options(ask.options()) + b"\xff" + payload
        assert self.sensor.provisioned.secret is not None
        context = Context(material_of(self.sensor.provisioned.secret), 32)
        option, ciphertext, _ = context.seal_request(partial_iv, plaintext)
        head = encode_header(CON, 2, partial_iv, partial_iv.to_bytes(2, "big"))
        return head + encode_options([(OSCORE_OPTION, option)]) + b"\xff" + ciphertext

    async def give(self, gateway: Gateway, datagram: bytes) -> Message:
        """Send the datagram to a gateway from a stranger's socket; the answer."""
        loop = asyncio.get_running_loop()
        with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            await loop.sock_sendto(sock, datagram, ("127.0.0.1", gateway.port))
            return decode(await asyncio.wait_for(loop.sock_recv(sock, 2048), 5))


@pytest.fixture
async def pair(rig: Rig) -> AsyncIterator[Pair]:
    sensor = await rig.device()
    await sensor.report(False)
    other = await start(rig.clock, rig.bus)
    client = rig.client(sensor.provisioned.secret, await rig.socket_to(other), MemorySequences(500))
    sensor.client = client
    await sensor.report(False)
    yield Pair(rig, other, sensor)
    await other.close()


async def test_the_second_gateway_takes_over_after_one_echo_round(pair: Pair) -> None:
    assert pair.other.server.counters.echo_rounds == 1
    row = await database().fetch_one("SELECT gateway FROM security_state")
    assert row == {"gateway": pair.other.name}


async def test_what_the_new_gateway_took_the_old_one_does_not_take_again(pair: Pair) -> None:
    report = pair.recorded(sequence=3, occupied=True, partial_iv=520)
    await pair.give(pair.other, report)
    await pair.sensor.report(True)  # number 3 again: the device repeats it
    await pair.sensor.report(False)
    answer = await pair.give(pair.rig.gateway, report)
    assert not pair.rig.gateway.server.contexts_held
    assert pair.rig.refused("taken_over") == 1
    assert answer.code >> 5 == 2  # the outer code of OSCORE hides the inner 5.03
    assert (await pair.rig.state()).occupancy is Occupancy.FREE


async def test_control_an_owner_does_take_a_message_it_never_saw(pair: Pair) -> None:
    # What stands between the replay and the state is the ownership check, and nothing else.
    await database().execute("UPDATE security_state SET gateway = $1", pair.rig.gateway.name)
    await pair.give(pair.rig.gateway, pair.recorded(sequence=9, occupied=True, partial_iv=520))
    assert pair.rig.refused("taken_over") == 0
    assert (await pair.rig.state()).occupancy is Occupancy.OCCUPIED


async def test_a_gateway_that_lost_a_context_takes_the_device_back_after_echo(pair: Pair) -> None:
    home = pair.rig.client(pair.sensor.provisioned.secret, pair.rig.socket, MemorySequences(3000))
    pair.sensor.client = home
    first = await pair.sensor.report(True)
    assert first.dotted == "5.03"
    assert first.max_age == 1
    pair.sensor.sequence -= 1
    assert (await pair.sensor.report(True)).dotted == "2.04"
    assert (await pair.rig.state()).occupancy is Occupancy.OCCUPIED
    assert not await pair.other.server._contexts._store.owned(
        [pair.sensor.provisioned.credential_id or 0], pair.other.name
    )


async def test_the_same_datagram_twice_at_one_gateway_is_one_report(pair: Pair) -> None:
    report = pair.recorded(sequence=3, occupied=True, partial_iv=520)
    first = await pair.give(pair.other, report)
    again = await pair.give(pair.other, report)
    assert first.code >> 5 == 2
    assert again.code >> 5 == 4
    assert pair.other.server.counters.replayed == 1
