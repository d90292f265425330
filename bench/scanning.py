"""From the reader to the lock: a QR is shown, and the command is at the arm.

Readers and locks of many bays speak OSCORE over loopback to one gateway; each lock observes its
command. Measured is from the reader's request to the lock's notification, and to the reader's own
answer; everything (signature, decision, one-time id, event, command) is durable in between. Devices
and gateway share one core, so what is measured is more than the gateway's part.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.databases import database
from bench.library import opened
from bench.machine import LOAD_CORE, SERVER_CORE, latencies, middle, pin
from bench.runs import Run
from coap_gateway.gateway import start_gateway
from coap_gateway.stack import ClientSocket, Code, DeviceClient, Limits, Reply
from coap_gateway.virtual.fleet import device_material
from parking.access.base45 import b45decode
from parking.access.credentials import refresh_qr
from parking.accounts.viewer import Viewer
from parking.clock import SystemClock
from parking.devices.models import DeviceKind
from parking.devices.provision import Provisioned
from parking.events.bus import InProcessBus
from parking.storage.migrate import migrate
from tests.support.bays import SEALER, Bays
from tests.support.estate import make_estate
from tests.support.leasing import somebody

BAYS = 50
SCANS_A_SECOND = 20
"""A scan each 2.5 s in each bay: far more than any garage sees."""
SECRET_KEY = b"a secret key of an installation that exists in tests only"
LIMITS = Limits(
    credential_rate=10_000, credential_burst=10_000, source_rate=1e6, source_burst=10**6
)
CWT = 61
ANSWER_SECONDS_MAX = 30.0


@dataclass
class RealTime:
    """The machine's clock where a test's is wanted."""

    def now(self) -> datetime:
        """The present instant."""
        return SystemClock().now()


@dataclass
class Gate:
    """One bay: its booking, and the two devices."""

    driver: Viewer
    reservation_id: int
    reader: DeviceClient
    commands: asyncio.Queue[Reply]


async def _gates(stack: AsyncExitStack, bays: Bays, socket: ClientSocket) -> list[Gate]:
    driver, gates = await somebody("Dora"), []
    for index in range(BAYS):
        booking = await bays.book(index, person_id=driver.person_id)
        reader = _client(await bays.equip(index, DeviceKind.READER), socket)
        lock = _client(await bays.equip(index, DeviceKind.LOCK), socket)
        await reader.request(Code.GET, "/time")
        commands = await stack.enter_async_context(lock.observe("/cmd"))
        assert (await commands.get()).is_success, "there is no command yet"
        gates.append(Gate(driver, booking.id, reader, commands))
    return gates


def _client(device: Provisioned, socket: ClientSocket) -> DeviceClient:
    assert device.secret is not None
    return DeviceClient(socket, device_material(device.secret))


async def _scan(gate: Gate, token: bytes) -> tuple[float, float]:
    """Seconds until the lock has its command, and until the reader has its answer."""
    began = time.perf_counter()

    async def answered() -> float:
        reply = await gate.reader.request(Code.POST, "/authz-info", token, content_format=CWT)
        assert reply.code == Code.CREATED, (reply.dotted, reply.payload)
        return time.perf_counter() - began

    async def commanded() -> float:
        while not (await gate.commands.get()).etag:
            pass
        return time.perf_counter() - began

    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        at_lock, at_reader = await asyncio.gather(commanded(), answered())
    return at_lock, at_reader


async def measured(url: str, seconds: float) -> dict[str, Any]:
    """Scans at a steady rate, one bay after the other."""
    await migrate(url)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened(url))
        clock, bus = SystemClock(), InProcessBus()
        gateway = await start_gateway(
            clock=clock, bus=bus, secret_key=SECRET_KEY, port=0, limits=LIMITS
        )
        stack.push_async_callback(gateway.close)
        socket = await ClientSocket.open(("127.0.0.1", gateway.port))
        stack.callback(socket.close)
        bays = Bays(await make_estate(BAYS), RealTime(), bus)  # type: ignore[arg-type]
        gates = await _gates(stack, bays, socket)
        waits: list[tuple[float, float]] = []
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            due = time.perf_counter() + 1 / SCANS_A_SECOND
            gate = gates[len(waits) % BAYS]
            made = await refresh_qr(
                gate.driver, gate.reservation_id, clock=clock, bus=bus, sealer=SEALER
            )
            waits.append(await _scan(gate, b45decode(made.text)))
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        return {
            "scans": len(waits),
            "reader_to_lock": latencies([at_lock for at_lock, _ in waits]),
            "reader_to_answer": latencies([at_reader for _, at_reader in waits]),
        }


def measure(run: Run) -> dict[str, Any]:
    """On each database; every turn in a fresh one."""
    found: dict[str, Any] = {}
    for kind in ("postgres", "sqlite"):
        turns = []
        for _ in run.turns(f"scan, {kind}"):
            pin(LOAD_CORE)  # where the database's server runs
            with database(kind) as url:
                pin(SERVER_CORE)
                turns.append(run.wait(measured(url, run.seconds)))
        found[kind] = middle(turns)
    pin(LOAD_CORE)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    for kind, each in found.items():
        yield f"{kind}: p99 from reader to lock, ms", each["reader_to_lock"]["p99_ms"], "<=", 100
