"""What operators do with a provisioned device: rotate its credential, revoke it, move it."""

from dataclasses import dataclass
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.announce import announce_forget
from parking.devices.models import DeviceKind
from parking.devices.provision import check_space
from parking.devices.rules import may_manage_devices, may_see_devices
from parking.devices.sealing import Sealer
from parking.devices.secrets import (
    INSERT_CREDENTIAL,
    INSERT_SECURITY_STATES,
    Secret,
    credential_values,
    new_secret,
)
from parking.errors import Conflict, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.storage.locks import lock_places
from parking.storage.sql import Sql
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class HeldDevice:
    """A device that a verb is about to change; its place's row is locked."""

    device_id: int
    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int | None
    organisation_id: int
    is_unsecured: bool


async def rotate(viewer: Viewer, device_id: int, clock: Clock, bus: Bus, sealer: Sealer) -> Secret:
    """Give the device another credential; the present one works until the first use of the new.

    A rotation that was never used is replaced. Raises NotFound, NotPermitted, Conflict.
    """
    at = clock.now()
    async with transaction() as sql:
        device = await hold_device(sql, viewer, device_id)
        if device.is_unsecured:
            raise Conflict(
                f"{device.endpoint} was provisioned without security; revoke it and provision it "
                "again with security.",
                code="DEVICE_UNSECURED",
            )
        generation, unused = await _generation(sql, device_id)
        await _revoke_credentials(sql, unused, at)
        secret = new_secret()
        values = credential_values(device_id, secret, sealer, generation + 1, at)
        await sql.execute(INSERT_CREDENTIAL, *values)
        await sql.execute(
            INSERT_SECURITY_STATES.format(any_kid=sql.any_of("$1")), [secret.sender_id]
        )
        await _audit(sql, viewer, "device.rotate", device, at)
    await announce_forget(bus, unused)
    return secret


async def revoke(viewer: Viewer, device_id: int, clock: Clock, bus: Bus) -> None:
    """Lock the device out at once, on all gateways; its history stays.

    Revoking it again changes nothing. Raises NotFound, NotPermitted.
    """
    at = clock.now()
    async with transaction() as sql:
        device = await hold_device(sql, viewer, device_id, may_be_revoked=True)
        live = await _live_credentials(sql, device_id)
        await _revoke_credentials(sql, live, at)
        await sql.execute(
            "UPDATE device SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", device_id, at
        )
        await sql.execute("DELETE FROM registration WHERE device_id = $1", device_id)
        await _orphan(sql, device_id, at)
        await _audit(sql, viewer, "device.revoke", device, at)
    await announce_forget(bus, live, [device_id])


async def move(
    viewer: Viewer, device_id: int, space_id: int | None, clock: Clock, bus: Bus
) -> None:
    """Put the device into another space of its place, or into none.

    What it said of the space it leaves is out of date: the staleness worker makes that UNKNOWN.
    Raises NotFound, NotPermitted, Conflict.
    """
    at = clock.now()
    async with transaction() as sql:
        device = await hold_device(sql, viewer, device_id)
        if space_id == device.space_id:
            return
        if space_id is not None:
            await check_space(sql, device.kind, device.place_id, space_id)
        await sql.execute("UPDATE device SET space_id = $2 WHERE id = $1", device_id, space_id)
        await _orphan(sql, device_id, at)
        await _audit(sql, viewer, "device.move", device, at)
        live = await _live_credentials(sql, device_id)
    await announce_forget(bus, live, [device_id])


async def hold_device(
    sql: Sql, viewer: Viewer, device_id: int, *, may_be_revoked: bool = False
) -> HeldDevice:
    """The device, with its place locked. Raises NotFound, NotPermitted, Conflict when revoked."""
    row = await sql.fetch_one(
        "SELECT d.id, d.endpoint, d.kind, d.place_id, d.space_id, d.is_unsecured, d.revoked_at,"
        "       p.organisation_id"
        "  FROM device d JOIN place p ON p.id = d.place_id WHERE d.id = $1",
        device_id,
    )
    if row is None or not may_see_devices(viewer, row["organisation_id"]):
        raise NotFound(f"There is no device {device_id} that you may see.")
    if not may_manage_devices(viewer, row["organisation_id"]):
        raise NotPermitted("Only operators of the place may change its devices.")
    if row["revoked_at"] is not None and not may_be_revoked:
        raise Conflict(
            f"{row['endpoint']} is revoked; provision it again under the same endpoint.",
            code="DEVICE_REVOKED",
        )
    await lock_places(sql, [row["place_id"]])
    return HeldDevice(
        device_id=row["id"],
        endpoint=row["endpoint"],
        kind=DeviceKind(row["kind"]),
        place_id=row["place_id"],
        space_id=row["space_id"],
        organisation_id=row["organisation_id"],
        is_unsecured=bool(row["is_unsecured"]),
    )


async def _orphan(sql: Sql, device_id: int, at: datetime) -> None:
    """Have the staleness worker forget what the device said of spaces that it is not in."""
    await sql.execute(
        "UPDATE device_health SET orphaned_at = $2 WHERE device_id = $1", device_id, at
    )


async def _live_credentials(sql: Sql, device_id: int) -> list[int]:
    rows = await sql.fetch(
        "SELECT id FROM device_credential WHERE device_id = $1 AND revoked_at IS NULL", device_id
    )
    return [row["id"] for row in rows]


async def _generation(sql: Sql, device_id: int) -> tuple[int, list[int]]:
    """The newest generation, and the live credentials that replaced another but were never used."""
    rows = await sql.fetch(
        "SELECT id, generation, first_used_at, revoked_at FROM device_credential"
        " WHERE device_id = $1 ORDER BY generation",
        device_id,
    )
    live = [row for row in rows if row["revoked_at"] is None]
    unused = [row["id"] for row in live[1:] if row["first_used_at"] is None]
    return (rows[-1]["generation"] if rows else 0), unused


async def _revoke_credentials(sql: Sql, ids: list[int], at: datetime) -> None:
    await sql.execute_many(
        "UPDATE device_credential SET revoked_at = $2 WHERE id = $1", [(i, at) for i in ids]
    )


async def _audit(sql: Sql, viewer: Viewer, verb: str, device: HeldDevice, at: datetime) -> None:
    subject = f"device:{device.device_id}"
    detail = {"endpoint": device.endpoint}
    await record_audit(sql, viewer, verb, subject, device.organisation_id, detail, at)
