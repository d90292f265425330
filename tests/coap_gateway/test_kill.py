"""What was acknowledged survives `kill -9`, and so does what OSCORE must not forget (I9)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from coap_gateway.stack import ClientSocket, DeviceClient, MemorySequences
from parking.accounts.viewer import SYSTEM
from parking.clock import SystemClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, Provisioned, provision_many
from parking.devices.rules import VALUE_BITS
from parking.storage import sql
from tests.coap_gateway.rig import SEALER, Device, material_of
from tests.support.estate import make_estate
from tests.support.running import Running, environment

SENSORS = 8


@asynccontextmanager
async def killed_in_the_end(url: str) -> AsyncIterator[int]:
    """A gateway's port; at the end of the block the process gets SIGKILL."""
    program = await asyncio.to_thread(
        Running, (url,), environment(), module="tests.coap_gateway.gateway_process"
    )
    try:
        yield int(await asyncio.to_thread(program.line))
    finally:
        program.kill()


async def provisioned() -> list[Provisioned]:
    estate = await make_estate(SENSORS)
    drafts = [
        DeviceDraft(f"bay-{s}", DeviceKind.SENSOR, estate.place_id, s) for s in estate.space_ids
    ]
    return await provision_many(SYSTEM, drafts, SystemClock(), SEALER)


async def report_until_cut(device: Device, acknowledged: set[tuple[int, int]]) -> None:
    """Report one change after the other and note which were acknowledged."""
    while True:
        reply = await device.report(device.sequence % 2 == 0)
        if reply.dotted == "2.04":
            acknowledged.add((device.provisioned.device_id, device.sequence))


async def test_every_acknowledged_report_survives_sigkill(database: str) -> None:
    made = await provisioned()
    acknowledged: set[tuple[int, int]] = set()
    async with killed_in_the_end(database) as port:
        socket = await ClientSocket.open(("127.0.0.1", port))
        devices = [Device(client_of(socket, each, 0), each) for each in made]
        tasks = [asyncio.ensure_future(report_until_cut(d, acknowledged)) for d in devices]
        async with asyncio.timeout(20):
            while len(acknowledged) < 300:  # noqa: ASYNC110 - the last one is cut off anyway
                await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    socket.close()
    assert acknowledged <= await recorded()


async def recorded() -> set[tuple[int, int]]:
    rows = await sql.database().fetch("SELECT device_id, sequence FROM observation")
    return {(row["device_id"], row["sequence"] >> VALUE_BITS) for row in rows}


async def test_after_sigkill_each_device_needs_one_echo_round_and_no_number_comes_again(
    database: str,
) -> None:
    [one, *_] = await provisioned()
    reserved: list[int] = []
    for run in range(3):
        async with killed_in_the_end(database) as port:
            socket = await ClientSocket.open(("127.0.0.1", port))
            device = Device(client_of(socket, one, run * 100), one, boot=run)
            assert (await device.report(run % 2 == 0)).dotted == "2.04"
            socket.close()
        reserved.append(await reserved_of(one))
    assert reserved == sorted(set(reserved))


async def reserved_of(made: Provisioned) -> int:
    row = await sql.database().fetch_one(
        "SELECT sender_sequence_reserved AS n FROM security_state WHERE credential_id = $1",
        made.credential_id,
    )
    assert row is not None
    return int(row["n"])


def client_of(socket: ClientSocket, made: Provisioned, first: int) -> DeviceClient:
    assert made.secret is not None
    return DeviceClient(socket, material_of(made.secret), MemorySequences(first))
