"""Virtual devices of a place: provisioned where they are missing, their secrets kept in a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from berth.device_file import DeviceEntry, add_devices, read_devices
from berth.secret import PRIVATE_DIRECTORY
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.devices.manage import rotate
from parking.devices.models import DeviceKind
from parking.devices.provision import DRAFTS_MAX, DeviceDraft, provision_many
from parking.devices.sealing import Sealer
from parking.devices.secrets import Secret
from parking.events.bus import Bus
from parking.storage.sql import database


@dataclass(frozen=True, slots=True)
class WantedDevice:
    """A device that is to exist; `space` is the number of its space."""

    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int
    space: str
    lifetime_seconds: int


@dataclass(frozen=True, slots=True)
class Bench:
    """What provisioning needs; `file` keeps the secrets."""

    clock: Clock
    bus: Bus
    sealer: Sealer
    file: Path


async def ensure_devices(wanted: Sequence[WantedDevice], bench: Bench) -> list[DeviceEntry]:
    """The devices with their secrets, in the order given.

    What is missing is provisioned; one whose secret is not in the file gets a new one.
    """
    filed = {entry.endpoint: entry for entry in read_devices(bench.file)}
    known = await _ids(wanted)
    missing = [each for each in wanted if each.endpoint not in known]
    secrets: dict[str, Secret | None] = {}
    for start in range(0, len(missing), DRAFTS_MAX):
        drafts = [_draft(each) for each in missing[start : start + DRAFTS_MAX]]
        made = await provision_many(SYSTEM, drafts, bench.clock, bench.sealer)
        secrets.update((each.endpoint, each.secret) for each in made)
    for each in wanted:
        if each.endpoint in known and each.endpoint not in filed:
            secrets[each.endpoint] = await rotate(
                SYSTEM, known[each.endpoint], bench.clock, bench.bus, bench.sealer
            )
    fresh = [_entry(each, secrets[each.endpoint]) for each in wanted if each.endpoint in secrets]
    if fresh:
        bench.file.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        add_devices(bench.file, fresh)
    filed.update((entry.endpoint, entry) for entry in fresh)
    return [filed[each.endpoint] for each in wanted]


async def _ids(wanted: Iterable[WantedDevice]) -> dict[str, int]:
    """Endpoint to id of the live ones."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT id, endpoint FROM device WHERE revoked_at IS NULL AND endpoint {sql.any_of('$1')}",
        [each.endpoint for each in wanted],
    )
    return {row["endpoint"]: row["id"] for row in rows}


def _draft(wanted: WantedDevice) -> DeviceDraft:
    return DeviceDraft(
        endpoint=wanted.endpoint,
        kind=wanted.kind,
        place_id=wanted.place_id,
        space_id=wanted.space_id,
        lifetime_seconds=wanted.lifetime_seconds,
    )


def _entry(wanted: WantedDevice, secret: Secret | None) -> DeviceEntry:
    return DeviceEntry(
        endpoint=wanted.endpoint,
        kind=wanted.kind,
        place_id=wanted.place_id,
        space_id=wanted.space_id,
        space=wanted.space,
        secret=secret,
    )
