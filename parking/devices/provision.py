"""Provisioning: a device becomes known and gets its secret, which is shown once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.models import DeviceKind
from parking.devices.rules import (
    check_endpoint,
    check_lifetime,
    may_manage_devices,
    may_see_devices,
)
from parking.devices.sealing import Sealer
from parking.devices.secrets import (
    INSERT_CREDENTIAL,
    INSERT_SECURITY_STATES,
    CredentialValues,
    Secret,
    credential_values,
    new_secret,
)
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.storage.locks import lock_places
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

LIFETIME_SECONDS = 93_600
"""26 hours: a daily heartbeat, and two hours' grace."""

DRAFTS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class DeviceDraft:
    """A device to be provisioned. `is_unsecured` only for development (DEVICES section 4)."""

    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int | None = None
    lifetime_seconds: int = LIFETIME_SECONDS
    is_unsecured: bool = False


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A provisioned device; `secret` is None for an unsecured one and is never shown again."""

    device_id: int
    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int | None
    credential_id: int | None
    secret: Secret | None


async def provision(
    viewer: Viewer, draft: DeviceDraft, clock: Clock, sealer: Sealer
) -> Provisioned:
    """Provision one device; see `provision_many`."""
    return (await provision_many(viewer, [draft], clock, sealer))[0]


async def provision_many(
    viewer: Viewer, drafts: Sequence[DeviceDraft], clock: Clock, sealer: Sealer
) -> list[Provisioned]:
    """Provision devices, all or none, in the order given.

    A revoked device whose endpoint comes back is taken over with its history. Raises InvalidInput
    (`drafts.3.endpoint`), NotFound for a place or space that the viewer may not know of,
    NotPermitted, and Conflict where an endpoint is taken or a space has such a device already.
    """
    _check(drafts)
    at = clock.now()
    secrets = [None if draft.is_unsecured else new_secret() for draft in drafts]
    async with transaction() as sql:
        organisations = await _permit(sql, viewer, drafts)
        await lock_places(sql, organisations)
        generations = await _generations(sql, drafts)
        await _check_spaces(sql, drafts)
        ids = await _write_devices(sql, drafts, at)
        values = [
            credential_values(ids[d.endpoint], s, sealer, generations.get(d.endpoint, 0) + 1, at)
            for d, s in zip(drafts, secrets, strict=True)
            if s is not None
        ]
        credential_ids = await _write_credentials(sql, values)
        for place_id, organisation_id in organisations.items():
            endpoints = [d.endpoint for d in drafts if d.place_id == place_id]
            detail = {"count": len(endpoints), "first": endpoints[0]}
            subject = f"place:{place_id}"
            await record_audit(
                sql, viewer, "device.provision", subject, organisation_id, detail, at
            )
    return [
        Provisioned(
            device_id=ids[draft.endpoint],
            endpoint=draft.endpoint,
            kind=draft.kind,
            place_id=draft.place_id,
            space_id=draft.space_id,
            credential_id=credential_ids[secret.sender_id] if secret else None,
            secret=secret,
        )
        for draft, secret in zip(drafts, secrets, strict=True)
    ]


UPSERT_DEVICE = """
INSERT INTO device (endpoint, kind, place_id, space_id, lifetime_seconds, is_unsecured, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (endpoint) DO UPDATE
   SET kind = excluded.kind, place_id = excluded.place_id, space_id = excluded.space_id,
       lifetime_seconds = excluded.lifetime_seconds, is_unsecured = excluded.is_unsecured,
       revoked_at = NULL
"""

INSERT_HEALTH = "INSERT INTO device_health (device_id) VALUES ($1) ON CONFLICT DO NOTHING"


def _check(drafts: Sequence[DeviceDraft]) -> None:
    if len(drafts) > DRAFTS_MAX:
        raise InvalidInput("drafts", f"{len(drafts)} devices at once, at most {DRAFTS_MAX}")
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        check_endpoint(draft.endpoint, f"drafts.{index}.endpoint")
        check_lifetime(draft.lifetime_seconds, f"drafts.{index}.lifetime_seconds")
        if draft.endpoint in seen:
            raise InvalidInput(f"drafts.{index}.endpoint", f"{draft.endpoint} is given twice")
        seen.add(draft.endpoint)


async def _permit(sql: Sql, viewer: Viewer, drafts: Sequence[DeviceDraft]) -> dict[int, int]:
    """Place id to organisation id of all places named."""
    wanted = sorted({draft.place_id for draft in drafts})
    rows = await sql.fetch(
        f"SELECT id, organisation_id FROM place WHERE id {sql.any_of('$1')}", wanted
    )
    organisations: dict[int, int] = {row["id"]: row["organisation_id"] for row in rows}
    for place_id in wanted:
        organisation_id = organisations.get(place_id)
        if organisation_id is None or not may_see_devices(viewer, organisation_id):
            raise NotFound(f"There is no place {place_id} whose devices you may see.")
        if not may_manage_devices(viewer, organisation_id):
            raise NotPermitted("Only operators of the place may provision devices.")
    return organisations


async def _generations(sql: Sql, drafts: Sequence[DeviceDraft]) -> dict[str, int]:
    """The newest credential generation of endpoints that come back after being revoked."""
    rows = await sql.fetch(
        "SELECT d.endpoint, d.place_id, d.revoked_at, COALESCE(MAX(c.generation), 0) AS generation"
        "  FROM device d LEFT JOIN device_credential c ON c.device_id = d.id"
        f" WHERE d.endpoint {sql.any_of('$1')} GROUP BY d.endpoint, d.place_id, d.revoked_at",
        [draft.endpoint for draft in drafts],
    )
    places = {draft.endpoint: draft.place_id for draft in drafts}
    for row in rows:
        if row["revoked_at"] is None or row["place_id"] != places[row["endpoint"]]:
            raise Conflict(
                f"A device called {row['endpoint']} exists already; choose another endpoint name, "
                "or rotate or revoke that device.",
                code="ENDPOINT_TAKEN",
            )
    return {row["endpoint"]: row["generation"] for row in rows}


async def _check_spaces(sql: Sql, drafts: Sequence[DeviceDraft]) -> None:
    """Every space is in its draft's place and has no live device of the kind yet."""
    wanted = sorted({draft.space_id for draft in drafts if draft.space_id is not None})
    places, taken = await _occupants(sql, wanted)
    for draft in drafts:
        if draft.space_id is None:
            continue
        _check_space(places, taken, draft.kind, draft.place_id, draft.space_id)
        taken[draft.space_id, draft.kind] = draft.endpoint


async def check_space(sql: Sql, kind: DeviceKind, place_id: int, space_id: int) -> None:
    """Raises NotFound unless the space is in the place, Conflict where it has such a device."""
    places, taken = await _occupants(sql, [space_id])
    _check_space(places, taken, kind, place_id, space_id)


Taken = dict[tuple[int, str], str]
"""(space id, kind) to the endpoint of the live device there."""


async def _occupants(sql: Sql, space_ids: list[int]) -> tuple[dict[int, int], Taken]:
    """Space id to place id of those in use, and which devices they have."""
    spaces = await sql.fetch(
        f"SELECT id, place_id FROM space WHERE id {sql.any_of('$1')} AND retired_at IS NULL",
        space_ids,
    )
    devices = await sql.fetch(
        "SELECT space_id, kind, endpoint FROM device"
        f" WHERE space_id {sql.any_of('$1')} AND revoked_at IS NULL",
        space_ids,
    )
    taken = {(row["space_id"], row["kind"]): row["endpoint"] for row in devices}
    return {row["id"]: row["place_id"] for row in spaces}, taken


def _check_space(
    places: dict[int, int], taken: Taken, kind: DeviceKind, place_id: int, space_id: int
) -> None:
    if places.get(space_id) != place_id:
        raise NotFound(f"There is no space {space_id} in place {place_id}.")
    holder = taken.get((space_id, kind))
    if holder is not None and kind is not DeviceKind.READER:
        raise Conflict(
            f"Space {space_id} has the {kind} {holder} already; revoke or move it first.",
            code="SPACE_HAS_DEVICE",
        )


async def _write_devices(sql: Sql, drafts: Sequence[DeviceDraft], at: datetime) -> dict[str, int]:
    """Device ids by endpoint."""
    await sql.execute_many(
        UPSERT_DEVICE,
        [
            (d.endpoint, d.kind, d.place_id, d.space_id, d.lifetime_seconds, d.is_unsecured, at)
            for d in drafts
        ],
    )
    rows = await sql.fetch(
        f"SELECT id, endpoint FROM device WHERE endpoint {sql.any_of('$1')}",
        [draft.endpoint for draft in drafts],
    )
    ids: dict[str, int] = {row["endpoint"]: row["id"] for row in rows}
    await sql.execute_many(INSERT_HEALTH, [(i,) for i in ids.values()])
    return ids


async def _write_credentials(sql: Sql, values: Sequence[CredentialValues]) -> dict[str, int]:
    """Credential ids by kid, each with its durable state opened."""
    kids = [value[1] for value in values]
    if not kids:
        return {}
    await sql.execute_many(INSERT_CREDENTIAL, values)
    await sql.execute(INSERT_SECURITY_STATES.format(any_kid=sql.any_of("$1")), kids)
    rows = await sql.fetch(
        f"SELECT id, kid FROM device_credential WHERE kid {sql.any_of('$1')}", kids
    )
    return {row["kid"]: row["id"] for row in rows}
