"""The place that a trace is replayed into, with its spaces and sensors: made once, used again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.device_file import DeviceEntry
from berth.replay.trace import Origin
from berth.secret import ensure_data_dir, secret_of
from berth.settings import Settings
from berth.simulate.provisioning import Bench, WantedDevice, ensure_devices
from parking.accounts.organisations import create_organisation
from parking.accounts.standings import Standings
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.devices.models import DeviceKind
from parking.devices.rules import LIFETIME_SECONDS_MAX
from parking.devices.sealing import Sealer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.places.create import SPACES_AT_ONCE_MAX, create_place, create_spaces
from parking.places.new import NewPlace, NewSpace
from parking.places.service import retire_place
from parking.storage.sql import database

ORGANISATION = "Replays"
"""Whose places replays are; they are public, so that anybody may watch."""

MEMORY_FILE = "memory.db"
SPACES_A_ROW = 20
BAY_METRES, ROW_METRES = 2.6, 11.0


@dataclass(frozen=True, slots=True)
class Estate:
    """The place, and by number its spaces and their sensors.

    `memory` is what the sensors keep over a reboot, `file` what holds their secrets.
    """

    place_id: int
    name: str
    spaces: dict[str, int]
    sensors: dict[str, DeviceEntry]
    memory: Path
    file: Path


@dataclass(frozen=True, slots=True)
class Ground:
    """What building needs."""

    settings: Settings
    clock: Clock
    bus: Bus


async def ensure_estate(
    name: str, origin: Origin, numbers: Sequence[str], ground: Ground, *, is_fresh: bool = False
) -> Estate:
    """The place of that name with at least these spaces; what is missing is made.

    `is_fresh` retires the place that has the name and makes another.
    """
    organisation_id = await _organisation(ground.clock)
    place_id = await _find(organisation_id, name)
    if place_id is not None and is_fresh:
        await retire_place(SYSTEM, place_id, clock=ground.clock, bus=ground.bus)
        place_id = None
    if place_id is None:
        new = NewPlace(organisation_id, name, origin.kind, origin.time_zone, origin.currency)
        place_id = await create_place(SYSTEM, new, clock=ground.clock)
    known = await _spaces(place_id)
    missing = [number for number in numbers if number not in known]
    for start in range(0, len(missing), SPACES_AT_ONCE_MAX):
        lot = missing[start : start + SPACES_AT_ONCE_MAX]
        bays = [bay(number, len(known) + start + i) for i, number in enumerate(lot)]
        await create_spaces(SYSTEM, place_id, bays, clock=ground.clock, bus=ground.bus)
    return await _equipped(place_id, name, numbers, ground)


async def find_estate(name: str, numbers: Sequence[str], ground: Ground) -> Estate:
    """The place as an earlier replay made it. Raises `NotFound`."""
    row = await database().fetch_one(
        "SELECT p.id FROM place p JOIN organisation o ON o.id = p.organisation_id"
        " WHERE o.name = $1 AND p.name = $2 AND p.retired_at IS NULL",
        ORGANISATION,
        name,
    )
    if row is None:
        raise NotFound(f"nothing was replayed into a place {name!r} yet; replay without --check")
    spaces = await _spaces(row["id"])
    kept = {number: spaces[number] for number in numbers if number in spaces}
    folder = _folder(ground.settings)
    return Estate(
        row["id"], name, kept, {}, folder / MEMORY_FILE, folder / _device_file(ground, row["id"])
    )


async def _equipped(place_id: int, name: str, numbers: Sequence[str], ground: Ground) -> Estate:
    found = await _spaces(place_id)
    spaces = {number: found[number] for number in numbers}
    folder = _folder(ground.settings)
    sealer = Sealer(secret_of(ground.settings).encode())
    bench = Bench(ground.clock, ground.bus, sealer, folder / _device_file(ground, place_id))
    wanted = [
        WantedDevice(
            endpoint=f"replay-{place_id}-{space_id}",
            kind=DeviceKind.SENSOR,
            place_id=place_id,
            space_id=space_id,
            space=number,
            lifetime_seconds=LIFETIME_SECONDS_MAX,
        )
        for number, space_id in spaces.items()
    ]
    entries = await ensure_devices(wanted, bench)
    sensors = {entry.space: entry for entry in entries}
    return Estate(place_id, name, spaces, sensors, folder / MEMORY_FILE, bench.file)


def _folder(settings: Settings) -> Path:
    folder = ensure_data_dir(settings) / "replays"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _device_file(ground: Ground, place_id: int) -> str:
    """A name that no other database's place has: ids begin anew in each."""
    where = hashlib.sha256(ground.settings.database.encode()).hexdigest()[:12]
    return f"{where}-{place_id}.json"


def bay(number: str, index: int) -> NewSpace:
    """A space, drawn on the plan as one of many."""
    row, column = divmod(index, SPACES_A_ROW)
    return NewSpace(number=number, x_metres=BAY_METRES * column, y_metres=ROW_METRES * row)


async def _organisation(clock: Clock) -> int:
    row = await database().fetch_one(
        "SELECT id FROM organisation WHERE name = $1 ORDER BY id", ORGANISATION
    )
    if row is not None:
        return int(row["id"])
    made = await create_organisation(SYSTEM, ORGANISATION, clock=clock, standings=Standings(clock))
    return made.id


async def _find(organisation_id: int, name: str) -> int | None:
    row = await database().fetch_one(
        "SELECT id FROM place WHERE organisation_id = $1 AND name = $2 AND retired_at IS NULL",
        organisation_id,
        name,
    )
    return None if row is None else int(row["id"])


async def _spaces(place_id: int) -> dict[str, int]:
    rows = await database().fetch(
        "SELECT id, number FROM space WHERE place_id = $1 AND retired_at IS NULL", place_id
    )
    return {row["number"]: row["id"] for row in rows}
