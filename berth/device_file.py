"""The file with the secrets of provisioned devices, from which virtual devices run.

JSON: `{"devices": [{"endpoint", "kind", "place_id", "space_id", "space", "secret": {…}}]}`, where
`secret` is what is put into a real device (see `parking.devices.secrets.Secret`), or null for an
unsecured one. Whoever can read the file can speak for the devices: it is its owner's only.
"""

import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from berth.secret import PRIVATE_FILE
from parking.devices.models import DeviceKind
from parking.devices.secrets import Secret
from parking.errors import BerthError

DEVICE_FILE = "devices.json"
"""Name of the demo's file in the data directory."""


class DeviceFileUnusable(BerthError):
    """The file cannot be read or is no device file."""

    code = "DEVICE_FILE_UNUSABLE"


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """One device: who it is, which space it watches (`space` is its number), its secret."""

    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int | None
    space: str
    secret: Secret | None


def read_devices(path: Path) -> list[DeviceEntry]:
    """All devices in the file; none when it does not exist. Raises `DeviceFileUnusable`."""
    try:
        raw = orjson.loads(path.read_bytes())
        return [_entry(each) for each in raw["devices"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeviceFileUnusable(
            f"{path} cannot be read as a device file ({error}); delete it and run "
            "`berth seed` again, which gives the demo's devices new secrets"
        ) from error


def write_devices(path: Path, entries: Sequence[DeviceEntry]) -> None:
    """Replace the file, whole or not at all."""
    text = orjson.dumps({"devices": [asdict(each) for each in entries]}, option=orjson.OPT_INDENT_2)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def add_devices(path: Path, entries: Iterable[DeviceEntry]) -> None:
    """Add devices to the file; an entry replaces the one with the same endpoint."""
    by_endpoint = {each.endpoint: each for each in read_devices(path)}
    by_endpoint.update((each.endpoint, each) for each in entries)
    write_devices(path, list(by_endpoint.values()))


def _entry(raw: dict[str, Any]) -> DeviceEntry:
    secret = raw["secret"]
    return DeviceEntry(
        endpoint=raw["endpoint"],
        kind=DeviceKind(raw["kind"]),
        place_id=raw["place_id"],
        space_id=raw["space_id"],
        space=raw["space"],
        secret=None if secret is None else Secret(**secret),
    )
