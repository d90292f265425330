"""Reading devices and their health, for those who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.viewer import Viewer
from parking.devices.health import HEALTH_COLUMNS, HealthSnapshot, health_snapshot
from parking.devices.models import DeviceKind
from parking.devices.rules import may_see_devices
from parking.errors import NotFound
from parking.storage.sql import as_time, as_time_or_none, database


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device with its health; times are aware UTC. `is_sleepy`: it registered in queue mode."""

    id: int
    place_id: int
    space_id: int | None
    endpoint: str
    kind: DeviceKind
    lifetime_seconds: int
    is_unsecured: bool
    is_sleepy: bool
    manufacturer: str
    model: str
    serial: str
    firmware: str
    created_at: datetime
    revoked_at: datetime | None
    health: HealthSnapshot


@dataclass(frozen=True, slots=True)
class DeviceFilter:
    """Which devices of a place; None: it does not matter. Revoked ones only where asked for."""

    kinds: Sequence[DeviceKind] | None = None
    space_id: int | None = None
    is_stale: bool | None = None
    is_revoked: bool | None = False


_SELECT = f"""
SELECT {HEALTH_COLUMNS}, d.lifetime_seconds, d.is_unsecured, d.manufacturer, d.model, d.serial,
       d.created_at, d.revoked_at, p.organisation_id, r.queue_mode
  FROM device d
  LEFT JOIN registration r ON r.device_id = d.id
  JOIN device_health h ON h.device_id = d.id
  JOIN place p ON p.id = d.place_id
"""


async def require_devices_seen(viewer: Viewer, place_id: int) -> None:
    """Raises NotFound when there is no place of this id whose devices the viewer may see."""
    row = await database().fetch_one("SELECT organisation_id FROM place WHERE id = $1", place_id)
    if row is None or not may_see_devices(viewer, row["organisation_id"]):
        raise NotFound("There is no such place, or its devices are not yours to see.")


async def devices_of_place(
    viewer: Viewer, place_id: int, wanted: DeviceFilter, after: int = 0, limit: int = 500
) -> list[DeviceView]:
    """Devices of a place by id, those above `after`. Raises NotFound."""
    await require_devices_seen(viewer, place_id)
    sql = database()
    conditions = ["d.place_id = $1", "d.id > $2"]
    values: list[Any] = [place_id, after]
    if wanted.kinds is not None:
        values.append([kind.value for kind in wanted.kinds])
        conditions.append(f"d.kind {sql.any_of('$3')}")
    if wanted.space_id is not None:
        values.append(wanted.space_id)
        conditions.append(f"d.space_id = ${len(values)}")
    for column, is_set in (("h.stale_at", wanted.is_stale), ("d.revoked_at", wanted.is_revoked)):
        if is_set is not None:
            conditions.append(f"{column} IS {'NOT ' if is_set else ''}NULL")
    values.append(limit)
    found = await sql.fetch(
        f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY d.id LIMIT ${len(values)}", *values
    )
    return [_view(row) for row in found]


async def visible_devices(viewer: Viewer, device_ids: Sequence[int]) -> dict[int, DeviceView]:
    """Which of these devices the viewer may see."""
    sql = database()
    found = await sql.fetch(f"{_SELECT} WHERE d.id {sql.any_of('$1')}", list(device_ids))
    return {row["device_id"]: _view(row) for row in found if _may_see(viewer, row)}


async def devices_of_spaces(
    viewer: Viewer, space_ids: Sequence[int]
) -> dict[int, list[DeviceView]]:
    """The devices in use in each of these spaces whose devices the viewer may see."""
    sql = database()
    seen = await sql.fetch(
        "SELECT s.id, p.organisation_id FROM space s JOIN place p ON p.id = s.place_id"
        f" WHERE s.id {sql.any_of('$1')}",
        list(space_ids),
    )
    devices: dict[int, list[DeviceView]] = {r["id"]: [] for r in seen if _may_see(viewer, r)}
    found = await sql.fetch(
        f"{_SELECT} WHERE d.space_id {sql.any_of('$1')} AND d.revoked_at IS NULL ORDER BY d.id",
        list(devices),
    )
    for row in found:
        devices[row["space_id"]].append(_view(row))
    return devices


def _may_see(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    return may_see_devices(viewer, row["organisation_id"])


def _view(row: Mapping[str, Any]) -> DeviceView:
    return DeviceView(
        id=row["device_id"],
        place_id=row["place_id"],
        space_id=row["space_id"],
        endpoint=row["endpoint"],
        kind=DeviceKind(row["kind"]),
        lifetime_seconds=row["lifetime_seconds"],
        is_unsecured=bool(row["is_unsecured"]),
        is_sleepy=bool(row["queue_mode"]),
        manufacturer=row["manufacturer"],
        model=row["model"],
        serial=row["serial"],
        firmware=row["firmware"],
        created_at=as_time(row["created_at"]),
        revoked_at=as_time_or_none(row["revoked_at"]),
        health=health_snapshot(row),
    )
