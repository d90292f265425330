"""Drives virtual sensors by the moves of a trace, over real UDP with OSCORE."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.console import Steps
from berth.device_file import DeviceEntry
from berth.replay.progress import Beginning, Move, Rest
from berth.simulate.links import Gateway, Link
from coap_gateway.stack import Reply
from coap_gateway.virtual import Fleet, VirtualDevice, VirtualSensor
from coap_gateway.virtual.fleet import STARTING_MAX
from parking.devices.models import DeviceKind
from parking.errors import BerthError

IN_FLIGHT_MAX = 64
"""Reports of different sensors under way at a time. Those of one sensor go one by one."""

SOCKETS_MAX = 256
"""Each sensor has an address of its own, as real ones have, while there are not more."""

PATIENCE_SECONDS = 60.0
"""So long may nothing at all be acknowledged while reports wait."""


class GatewaySilent(BerthError):
    """Reports wait and nothing is acknowledged."""

    code = "GATEWAY_SILENT"


class DevicesRefused(BerthError):
    """A gateway does not know the sensors."""

    code = "DEVICES_REFUSED"


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent. `repeated` counts reports sent again because no answer came in time."""

    reported: int
    acknowledged: int
    repeated: int
    refused: Mapping[str, int]


class Driver:
    """The sensors of a place, spread over the gateways."""

    def __init__(self, link: Link, memory: Path, patience: float = PATIENCE_SECONDS) -> None:
        self._link = link
        self._patience = patience
        self._memory = memory
        self._fleets: list[Fleet] = []
        self._sensors: dict[str, VirtualSensor] = {}
        self._homes: dict[str, Gateway] = {}
        self._refused: Counter[str] = Counter()
        self._in_flight = 0
        self._settled = asyncio.Event()
        self._advance: Callable[[], None] = lambda: None

    async def add(self, sensors: Mapping[str, DeviceEntry]) -> None:
        """Make the sensors, by the number of their spaces; they do nothing yet."""
        link, shared = self._link, -(-len(sensors) // SOCKETS_MAX)
        self._fleets = [
            Fleet(each, self._memory, link.faults, link.limits, devices_a_socket=shared)
            for each in link.gateways
        ]
        for index, (space, entry) in enumerate(sensors.items()):
            which = index % len(self._fleets)
            fleet = self._fleets[which]
            made = await fleet.add(entry.endpoint, DeviceKind.SENSOR, entry.secret)
            assert isinstance(made, VirtualSensor), "a sensor was asked for"
            made.on_settled = self._settle
            self._sensors[space] = made
            self._homes[entry.endpoint] = self._link.gateways[which]

    async def run(self, rest: Rest, speed: float | None, steps: Steps) -> None:
        """Start the sensors and make all moves, `speed` times as fast as they happened (None: as
        fast as they are taken). Returns when all is acknowledged.

        Raises `GatewaySilent` and `DevicesRefused`.
        """
        steps.begin("starting the sensors", len(rest.beginnings))
        self._advance = steps.advance
        await self._boot(rest.beginnings)
        steps.begin("replaying", len(rest.moves))
        await self._play(rest.moves, speed)
        await self._until(lambda: self._in_flight == 0)

    @property
    def sent(self) -> Sent:
        """What was sent so far."""
        totals = [fleet.totals for fleet in self._fleets]
        return Sent(
            reported=sum(each.reported for each in totals),
            acknowledged=sum(each.acknowledged for each in totals),
            repeated=sum(each.repeated for each in totals),
            refused=dict(self._refused),
        )

    async def close(self) -> None:
        """Stop all sensors."""
        for fleet in self._fleets:
            await fleet.close()

    async def _boot(self, beginnings: Mapping[str, Beginning]) -> None:
        starting: set[asyncio.Task[None]] = set()
        for space, beginning in beginnings.items():
            await self._until(lambda: self._in_flight < STARTING_MAX)
            self._in_flight += 1
            starting.add(asyncio.create_task(self._start(self._sensors[space], beginning)))
        try:
            await self._until(lambda: self._in_flight == 0)
            await asyncio.gather(*starting)
        finally:
            for task in starting:
                task.cancel()
        if self._refused:
            told = ", ".join(sorted(self._refused))
            raise DevicesRefused(
                f"a gateway refuses the place's sensors ({told}); does it run on the same "
                "database, with the same BERTH_SECRET_KEY?"
            )

    async def _start(self, sensor: VirtualSensor, beginning: Beginning) -> None:
        sensor.stand(beginning.is_occupied, beginning.since)
        await sensor.start(at=beginning.at)

    async def _play(self, moves: Sequence[Move], speed: float | None) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for move in moves:
            if speed is not None:
                due = began + (move.at - moves[0].at).total_seconds() / speed
                await asyncio.sleep(due - loop.time())
            await self._until(lambda: self._in_flight < IN_FLIGHT_MAX)
            self._in_flight += 1
            self._sensors[move.space].change(move.is_occupied, move.at)

    def _settle(self, device: VirtualDevice, reply: Reply) -> None:
        self._in_flight -= 1
        self._advance()
        self._settled.set()
        if not reply.is_success:
            host, port = self._homes[device.endpoint]
            self._refused[f"{reply.dotted} from {host}:{port}"] += 1

    async def _until(self, is_true: Callable[[], bool]) -> None:
        while not is_true():
            self._settled.clear()
            try:
                async with asyncio.timeout(self._patience):
                    await self._settled.wait()
            except TimeoutError:
                raise GatewaySilent(
                    f"no report was acknowledged for {self._patience:g} s; look after the gateway, "
                    "then run the same command again: it goes on where it stopped"
                ) from None
