"""A simulation from settings to devices that run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from berth.buses import make_bus
from berth.device_file import read_devices
from berth.opening import opened
from berth.probing import answers_coap
from berth.secret import ensure_data_dir, secret_of
from berth.settings import Settings
from berth.simulate.alone import only_one
from berth.simulate.cast import (
    Cast,
    NobodyToSimulate,
    cast_of,
    chosen,
    find_places,
    provision_places,
    read_standings,
    read_surroundings,
)
from berth.simulate.provisioning import Bench
from berth.simulate.stage import Behaviour, Score, Stage
from berth.stopping import Stopped, unless_stopped
from parking.clock import SystemClock
from parking.devices.sealing import Sealer
from parking.errors import BerthError
from parking.storage.faults import Unreachable

MEMORY_FILE = "virtual-devices.db"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Show:
    """What is to be simulated; `places` None means all that the file has devices of."""

    settings: Settings
    file: Path
    places: Sequence[str] | None
    sensors: int | None
    locks: int | None
    is_provisioning: bool
    gateways: Sequence[tuple[str, int]]
    behaviour: Behaviour


@asynccontextmanager
async def playing(show: Show, stopping: asyncio.Event, tell: Tell) -> AsyncIterator[Stage]:
    """The devices, started, with vehicles coming and going.

    Raises `NobodyToSimulate`, `DevicesRunning`, `NotFound` for a place, `DeviceFileUnusable` and,
    where places are named, what opening the database raises.
    """
    cast = await cast_for(show, tell)
    for host, port in show.gateways:
        if not await answers_coap(host, port):
            tell(f"No gateway answers at coap://{host}:{port} yet; the devices keep trying.")
    memory = ensure_data_dir(show.settings) / MEMORY_FILE
    stage = Stage(cast, show.gateways, memory, show.behaviour, SystemClock())
    with only_one(show.file):
        await stage.open()
        try:
            with suppress(Stopped):
                await unless_stopped(stopping, stage.start())
                _tell_of_refusals(stage.score(), tell)
                stage.run()
            yield stage
        finally:
            await stage.close()


async def cast_for(show: Show, tell: Tell) -> Cast:
    """The devices to run, as the database knows them; without one, as they may well be."""
    if show.places is None and show.is_provisioning:
        raise NobodyToSimulate("--provision needs --place: which place is to get virtual devices?")
    try:
        async with opened(show.settings):
            return await _known_cast(show)
    except (BerthError, Unreachable) as error:
        if show.places is not None or not _is_about_database(error):
            raise
        tell(f"Simulating without the database's knowledge of places and spaces: {error}")
    entries = chosen(read_devices(show.file), None, show.sensors, show.locks)
    return cast_of(entries, {}, {})


async def _known_cast(show: Show) -> Cast:
    places = None if show.places is None else await find_places(show.places)
    if show.is_provisioning and places is not None:
        bus = make_bus(show.settings)
        sealer = Sealer(secret_of(show.settings).encode())
        bench = Bench(SystemClock(), bus, sealer, show.file)
        try:
            await provision_places(places, show.sensors, show.locks, bench)
        finally:
            await bus.close()
    entries = chosen(read_devices(show.file), places, show.sensors, show.locks)
    return cast_of(entries, await read_standings(entries), await read_surroundings(entries))


def line_of(score: Score) -> str:
    """The score on one line."""
    faults = "".join(
        f", {count} {word}"
        for word, count in (("refused", score.refused), ("sent again", score.repeated))
        if count
    )
    return (
        f"{score.sensors} sensors, {score.locks} locks: {score.arrivals} arrivals, "
        f"{score.departures} departures, {score.reboots} reboots; {score.reported} reports, "
        f"{score.acknowledged} acknowledged{faults}"
    )


def _is_about_database(error: Exception) -> bool:
    return isinstance(error, Unreachable) or getattr(error, "code", "").startswith("DATABASE")


def _tell_of_refusals(score: Score, tell: Tell) -> None:
    if score.refused:
        tell(
            f"{score.refused} of {score.reported} start-up reports were refused: is the gateway on "
            "the database that these devices were provisioned in, and is nobody else running them?"
        )
