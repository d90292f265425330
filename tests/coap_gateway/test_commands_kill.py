"""A gateway is killed between any two states of a command, and the next one goes on from there."""

from datetime import timedelta

from coap_gateway.command_format import decode_command
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import ClientSocket, Code
from parking.access.models import CommandState
from parking.clock import SystemClock, TestClock
from parking.devices.models import DeviceKind
from tests.coap_gateway.rig import Device
from tests.coap_gateway.test_kill import client_of, killed_in_the_end
from tests.support.bays import LOWERED, Bays
from tests.support.estate import make_estate

STEPS = [("lowering", CommandState.ACCEPTED), ("lowered", CommandState.DONE)]


async def test_a_command_survives_sigkill_between_its_states(database: str) -> None:
    bays = Bays(await make_estate(1), TestClock(SystemClock().now()))
    made = await bays.equip(0, DeviceKind.LOCK)
    until = bays.clock.now() + timedelta(hours=1)
    command = await bays.order(LOWERED, expires_at=until)

    async with killed_in_the_end(database) as port:
        socket = await ClientSocket.open(("127.0.0.1", port))
        reply = await client_of(socket, made, 0).request(Code.GET, "/cmd", accept=322)
        socket.close()
    assert decode_command(reply.payload, 0).command_id == command.id
    assert (await bays.command(command.id)).state is CommandState.DELIVERED

    for run, (word, state) in enumerate(STEPS, start=1):
        async with killed_in_the_end(database) as port:
            socket = await ClientSocket.open(("127.0.0.1", port))
            lock = Device(client_of(socket, made, run * 100), made, boot=1, sequence=run)
            records = [*lock.numbers(), Record("/3306/0/5853", word)]
            reply = await lock.client.request(
                Code.PUT, f"/cmd/{command.id}", encode(records, SENML_CBOR),
                content_format=SENML_CBOR,
            )  # fmt: skip
            socket.close()
        assert reply.dotted == "2.04"
        assert (await bays.command(command.id)).state is state
