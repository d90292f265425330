"""Credentials as gateways use them: find, reserve, claim, own (docs/adr/0022-security-state.md)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.devices.health import EVENT_COLUMNS, IDENTITY_COLUMNS
from parking.devices.models import DeviceKind
from parking.devices.rules import HealthValue
from parking.storage.sql import Sql

DEVICE_COLUMNS = """
       d.id AS device_id, d.endpoint, d.kind, d.place_id, d.space_id, d.lifetime_seconds,
       d.is_unsecured, d.manufacturer, d.model, d.serial, d.firmware, h.reset_cause, h.battery_low,
       h.error_codes, h.alarms, h.lock_moves, r.objects
"""

SELECT_CREDENTIALS = f"""
SELECT c.id AS credential_id, c.kid, c.kid_context, c.secret_sealed, c.master_salt, c.generation,
       {DEVICE_COLUMNS}
  FROM device_credential c
  JOIN device d ON d.id = c.device_id
  JOIN device_health h ON h.device_id = d.id
  LEFT JOIN registration r ON r.device_id = d.id
 WHERE c.kid {{any_kid}} AND c.revoked_at IS NULL AND d.revoked_at IS NULL
"""

SELECT_UNSECURED = f"""
SELECT {DEVICE_COLUMNS}
  FROM device d
  JOIN device_health h ON h.device_id = d.id
  LEFT JOIN registration r ON r.device_id = d.id
 WHERE d.is_unsecured AND d.revoked_at IS NULL
"""

DURABLE = EVENT_COLUMNS + IDENTITY_COLUMNS
"""Health that is written with the report that changes it, so what is stored must be known."""


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as a gateway gets to know it. `events` is its stored health of the durable sort."""

    device_id: int
    endpoint: str
    kind: DeviceKind
    place_id: int
    space_id: int | None
    lifetime_seconds: int
    events: Mapping[str, HealthValue]
    objects: str


@dataclass(frozen=True, slots=True)
class KnownCredential:
    """A live credential with its device; the secret is still sealed."""

    credential_id: int
    kid: str
    kid_context: str
    secret_sealed: str
    master_salt: str
    generation: int
    device: KnownDevice


Kid = tuple[str, str]
"""Key id and key id context, in hex; the context is "" where there is none."""


async def find_credentials(sql: Sql, kids: Collection[Kid]) -> dict[Kid, KnownCredential]:
    """The live credentials of these kids, by their index; the revoked and unknown are left out."""
    rows = await sql.fetch(
        SELECT_CREDENTIALS.format(any_kid=sql.any_of("$1")), sorted({kid for kid, _ in kids})
    )
    return {
        (row["kid"], row["kid_context"]): KnownCredential(
            credential_id=row["credential_id"],
            kid=row["kid"],
            kid_context=row["kid_context"],
            secret_sealed=row["secret_sealed"],
            master_salt=row["master_salt"],
            generation=row["generation"],
            device=_device(row),
        )
        for row in rows
    }


async def unsecured_devices(sql: Sql) -> list[KnownDevice]:
    """The live devices that were provisioned without security, for development."""
    return [_device(row) for row in await sql.fetch(SELECT_UNSECURED)]


def _device(row: Mapping[str, Any]) -> KnownDevice:
    events: dict[str, HealthValue] = {name: row[name] for name in DURABLE}
    events["battery_low"] = bool(events["battery_low"])
    return KnownDevice(
        device_id=row["device_id"],
        endpoint=row["endpoint"],
        kind=DeviceKind(row["kind"]),
        place_id=row["place_id"],
        space_id=row["space_id"],
        lifetime_seconds=row["lifetime_seconds"],
        events=events,
        objects=row["objects"] or "",
    )


@dataclass(frozen=True, slots=True)
class Reservation:
    """A wish for `count` sender sequence numbers of a credential."""

    credential_id: int
    count: int


async def reserve_sequences(sql: Sql, wishes: Sequence[Reservation], at: datetime) -> list[int]:
    """The first number of each wish; each number is given once, ever. Inside a transaction.

    Raises LookupError for a credential without state: it was deleted.
    """
    totals: dict[int, int] = {}
    for wish in wishes:
        totals[wish.credential_id] = totals.get(wish.credential_id, 0) + wish.count
    # In key order, so that two gateways never wait for each other in a ring.
    await sql.execute_many(
        "UPDATE security_state SET updated_at = $3,"
        " sender_sequence_reserved = sender_sequence_reserved + $2 WHERE credential_id = $1",
        [(i, totals[i], at) for i in sorted(totals)],
    )
    rows = await sql.fetch(
        "SELECT credential_id, sender_sequence_reserved FROM security_state"
        f" WHERE credential_id {sql.any_of('$1')}",
        sorted(totals),
    )
    following = {r["credential_id"]: r["sender_sequence_reserved"] for r in rows}
    if missing := totals.keys() - following.keys():
        raise LookupError(f"credentials {sorted(missing)} have no security state")
    next_free = {i: following[i] - totals[i] for i in totals}
    firsts = []
    for wish in wishes:
        firsts.append(next_free[wish.credential_id])
        next_free[wish.credential_id] += wish.count
    return firsts


async def claim_contexts(
    sql: Sql, credential_ids: Collection[int], gateway: str, at: datetime
) -> list[int]:
    """Note that these contexts now live in `gateway`. Inside a transaction.

    The first use of a rotated credential revokes the older ones of its device; their ids are
    returned, to be announced after the commit.
    """
    wanted = sorted(set(credential_ids))
    await sql.execute_many(
        "UPDATE security_state SET gateway = $2, updated_at = $3 WHERE credential_id = $1",
        [(i, gateway, at) for i in wanted],
    )
    rows = await sql.fetch(
        f"SELECT id FROM device_credential WHERE id {sql.any_of('$1')} AND first_used_at IS NULL",
        wanted,
    )
    if not rows:
        return []
    fresh = sorted(row["id"] for row in rows)
    await sql.execute_many(
        "UPDATE device_credential SET first_used_at = $2 WHERE id = $1", [(i, at) for i in fresh]
    )
    older = await sql.fetch(
        "SELECT old.id FROM device_credential old JOIN device_credential new"
        "    ON new.device_id = old.device_id AND new.generation > old.generation"
        f" WHERE new.id {sql.any_of('$1')} AND old.revoked_at IS NULL",
        fresh,
    )
    replaced = sorted({row["id"] for row in older})
    await sql.execute_many(
        "UPDATE device_credential SET revoked_at = $2 WHERE id = $1", [(i, at) for i in replaced]
    )
    return replaced


async def owned_contexts(sql: Sql, credential_ids: Collection[int], gateway: str) -> set[int]:
    """Those that are live and still `gateway`'s."""
    rows = await sql.fetch(
        "SELECT s.credential_id FROM security_state s"
        "  JOIN device_credential c ON c.id = s.credential_id"
        "  JOIN device d ON d.id = c.device_id"
        f" WHERE s.credential_id {sql.any_of('$1')} AND s.gateway = $2"
        "   AND c.revoked_at IS NULL AND d.revoked_at IS NULL",
        sorted(credential_ids),
        gateway,
    )
    return {row["credential_id"] for row in rows}
