"""The demo's devices: a sensor in every space, a lock in some, a reader at a few of these; their
secrets for the simulator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.device_file import DeviceEntry, add_devices, read_devices
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.devices.manage import rotate
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision_many
from parking.devices.sealing import Sealer
from parking.devices.secrets import Secret
from parking.events.bus import Bus
from parking.storage.sql import Sql, database

READER_LIFETIME_SECONDS = 30 * 86_400
"""The simulation does not run readers: somebody who tries them does."""


@dataclass(frozen=True, slots=True)
class SpaceToWatch:
    """A space that gets a sensor, a lock if `has_lock`, and a reader if `has_reader`."""

    space_id: int
    number: str
    has_lock: bool
    has_reader: bool = False


@dataclass(frozen=True, slots=True)
class Workshop:
    """What provisioning needs."""

    clock: Clock
    bus: Bus
    sealer: Sealer
    file: Path


async def make_devices(
    place_id: int, prefix: str, spaces: Sequence[SpaceToWatch], workshop: Workshop
) -> dict[str, int]:
    """Provision what is missing, give new secrets where the file has none; endpoint to id."""
    drafts = list(_drafts(place_id, prefix, spaces))
    numbers = {space.space_id: space.number for space in spaces}
    known, live = await _ids(database(), drafts)
    missing = [draft for draft in drafts if draft.endpoint not in known]
    made = await provision_many(SYSTEM, missing, workshop.clock, workshop.sealer)
    known |= {device.endpoint: device.device_id for device in made}
    secrets = {device.endpoint: device.secret for device in made}
    filed = {entry.endpoint for entry in read_devices(workshop.file)}
    for draft in drafts:
        if draft.endpoint in live and draft.endpoint not in filed:
            secrets[draft.endpoint] = await _renewed(known[draft.endpoint], workshop)
    entries = [
        _entry(draft, numbers, secrets[draft.endpoint])
        for draft in drafts
        if draft.endpoint in secrets
    ]
    if entries:
        add_devices(workshop.file, entries)
    return known


def sensor_name(prefix: str, number: str) -> str:
    """The endpoint name of the sensor in a space."""
    return f"{prefix}-{number}".lower()


def lock_name(prefix: str, number: str) -> str:
    """The endpoint name of the lock in a space."""
    return f"{prefix}-{number}-lock".lower()


def reader_name(prefix: str, number: str) -> str:
    """The endpoint name of the reader at a space."""
    return f"{prefix}-{number}-reader".lower()


def _drafts(place_id: int, prefix: str, spaces: Iterable[SpaceToWatch]) -> Iterable[DeviceDraft]:
    for space in spaces:
        sensor = sensor_name(prefix, space.number)
        yield DeviceDraft(sensor, DeviceKind.SENSOR, place_id, space.space_id)
        if space.has_lock:
            lock = lock_name(prefix, space.number)
            yield DeviceDraft(lock, DeviceKind.LOCK, place_id, space.space_id)
        if space.has_reader:
            reader = reader_name(prefix, space.number)
            kind = DeviceKind.READER
            yield DeviceDraft(reader, kind, place_id, space.space_id, READER_LIFETIME_SECONDS)


async def _ids(sql: Sql, drafts: Sequence[DeviceDraft]) -> tuple[dict[str, int], set[str]]:
    """Endpoint to id of those that exist, and the endpoints that are not revoked."""
    rows = await sql.fetch(
        f"SELECT id, endpoint, revoked_at FROM device WHERE endpoint {sql.any_of('$1')}",
        [draft.endpoint for draft in drafts],
    )
    live = {row["endpoint"] for row in rows if row["revoked_at"] is None}
    return {row["endpoint"]: row["id"] for row in rows}, live


async def _renewed(device_id: int, workshop: Workshop) -> Secret:
    return await rotate(SYSTEM, device_id, workshop.clock, workshop.bus, workshop.sealer)


def _entry(draft: DeviceDraft, numbers: dict[int, str], secret: Secret | None) -> DeviceEntry:
    number = numbers[draft.space_id] if draft.space_id is not None else ""
    return DeviceEntry(draft.endpoint, draft.kind, draft.place_id, draft.space_id, number, secret)
