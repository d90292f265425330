"""What `berth device` does, as the system, on a connected database."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from berth.buses import make_bus
from berth.device_file import DeviceEntry, add_devices
from berth.finding import find_place
from berth.secret import secret_of
from berth.settings import Settings
from parking.accounts.viewer import SYSTEM
from parking.clock import SystemClock
from parking.devices.manage import revoke, rotate
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.devices.sealing import Sealer
from parking.devices.secrets import Secret
from parking.errors import NotFound
from parking.storage.sql import as_time_or_none, database


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device in a list; `state` is one word about it, times are UTC."""

    endpoint: str
    kind: str
    place: str
    space: str | None
    last_seen_at: datetime | None
    battery_percent: int | None
    state: str


SELECT_DEVICES = """
SELECT d.endpoint, d.kind, p.name AS place, s.number AS space, h.last_seen_at, h.battery_percent,
       h.battery_low, h.stale_at, h.error_codes, d.revoked_at, d.is_unsecured
  FROM device d
  JOIN place p ON p.id = d.place_id
  JOIN device_health h ON h.device_id = d.id
  LEFT JOIN space s ON s.id = d.space_id
"""


async def add_device(
    settings: Settings,
    endpoint: str,
    place: str,
    space: str | None,
    kind: DeviceKind,
    lifetime_seconds: int,
    is_unsecured: bool,
    save: Path | None,
) -> dict[str, Any]:
    """Provision it; what is to be shown once. Raises the verb's refusals."""
    place_id = await find_place(place)
    space_id = None if space is None else await _space(place_id, space)
    draft = DeviceDraft(endpoint, kind, place_id, space_id, lifetime_seconds, is_unsecured)
    sealer = Sealer(secret_of(settings).encode())
    made = await provision(SYSTEM, draft, SystemClock(), sealer)
    if save is not None:
        entry = DeviceEntry(endpoint, kind, place_id, space_id, space or "", made.secret)
        add_devices(save, [entry])
    return {
        "endpoint": endpoint,
        "kind": kind.value,
        "place_id": place_id,
        "space": space,
        "secret": None if made.secret is None else made.secret.as_dict(),
    }


async def list_devices(place: str | None, everything: bool) -> list[DeviceLine]:
    """All devices, or a place's, by endpoint. Raises `NotFound` for the place."""
    conditions, values = [], []
    if place is not None:
        values.append(await find_place(place))
        conditions.append("d.place_id = $1")
    if not everything:
        conditions.append("d.revoked_at IS NULL")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await database().fetch(f"{SELECT_DEVICES}{where} ORDER BY d.endpoint", *values)
    return [_line(row) for row in rows]


async def rotate_device(settings: Settings, endpoint: str) -> Secret:
    """A new secret for the device. Raises `NotFound` or Conflict."""
    bus = make_bus(settings)
    try:
        sealer = Sealer(secret_of(settings).encode())
        return await rotate(SYSTEM, await _device(endpoint), SystemClock(), bus, sealer)
    finally:
        await bus.close()


async def revoke_device(settings: Settings, endpoint: str) -> None:
    """Lock the device out, on all gateways. Raises `NotFound`."""
    bus = make_bus(settings)
    try:
        await revoke(SYSTEM, await _device(endpoint), SystemClock(), bus)
    finally:
        await bus.close()


async def _device(endpoint: str) -> int:
    row = await database().fetch_one("SELECT id FROM device WHERE endpoint = $1", endpoint)
    if row is None:
        raise NotFound(f"there is no device {endpoint!r}; `berth device list` shows all")
    return int(row["id"])


async def _space(place_id: int, number: str) -> int:
    row = await database().fetch_one(
        "SELECT id FROM space WHERE place_id = $1 AND number = $2 AND retired_at IS NULL",
        place_id,
        number,
    )
    if row is None:
        raise NotFound(f"the place has no space {number!r}")
    return int(row["id"])


def _line(row: dict[str, Any]) -> DeviceLine:
    return DeviceLine(
        endpoint=row["endpoint"],
        kind=row["kind"],
        place=row["place"],
        space=row["space"],
        last_seen_at=as_time_or_none(row["last_seen_at"]),
        battery_percent=row["battery_percent"],
        state=_state(row),
    )


def _state(row: dict[str, Any]) -> str:
    """The most important thing to know of it."""
    words = {
        "revoked": row["revoked_at"] is not None,
        "never seen": row["last_seen_at"] is None,
        "silent": row["stale_at"] is not None,
        "errors": bool(row["error_codes"]),
        "battery low": bool(row["battery_low"]),
        "unsecured": bool(row["is_unsecured"]),
    }
    return next((word for word, holds in words.items() if holds), "ok")
