"""The resource directory: registrations of devices (LwM2M TS Core 1.1 section 6.2, RFC 9176)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.devices.rules import LIFETIME_SECONDS_MAX, LIFETIME_SECONDS_MIN
from parking.ids import new_token
from parking.storage.sql import Sql, as_time

LIFETIME_SECONDS_DEFAULT = 86_400
"""LwM2M's default of `lt`."""

OBJECTS_CHARACTERS_MAX = 2048
LOCATION_PREFIX_CHARACTERS = 12

_OBJECT = re.compile(r"<(?:/[^>,;]*?)??/(\d{1,5})(?:/\d{1,5})?/?>")


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """What a device says when it registers."""

    lifetime_seconds: int = LIFETIME_SECONDS_DEFAULT
    version: str = "1.1"
    binding: str = "U"
    queue_mode: bool = False
    objects: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationUpdate:
    """What an update changes; None leaves as it was."""

    lifetime_seconds: int | None = None
    binding: str | None = None
    objects: str | None = None


UPSERT = """
INSERT INTO registration (device_id, location, lifetime_seconds, version, binding, queue_mode,
                          objects, registered_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (device_id) DO UPDATE
   SET location = excluded.location, lifetime_seconds = excluded.lifetime_seconds,
       version = excluded.version, binding = excluded.binding, queue_mode = excluded.queue_mode,
       objects = excluded.objects, registered_at = excluded.registered_at,
       expires_at = excluded.expires_at
"""

UPDATE = """
UPDATE registration
   SET lifetime_seconds = $2, binding = COALESCE($3, binding), objects = COALESCE($4, objects),
       expires_at = $5
 WHERE location = $1
"""


async def register(sql: Sql, device_id: int, terms: RegistrationTerms, at: datetime) -> str:
    """Register the device anew; returns the location, the id in `/rd/{id}`. The old one is gone."""
    location = new_token()[:LOCATION_PREFIX_CHARACTERS]
    seconds = terms.lifetime_seconds
    await sql.execute(
        UPSERT,
        device_id,
        location,
        seconds,
        terms.version,
        terms.binding,
        terms.queue_mode,
        terms.objects,
        at,
        at + timedelta(seconds=seconds),
    )
    return location


async def update_registration(
    sql: Sql, device_id: int, location: str, update: RegistrationUpdate, at: datetime
) -> bool:
    """Refresh a registration; False when it is not this device's or has expired."""
    row = await sql.fetch_one(
        "SELECT lifetime_seconds, expires_at FROM registration"
        " WHERE location = $1 AND device_id = $2",
        location,
        device_id,
    )
    if row is None or as_time(row["expires_at"]) < at:
        return False
    seconds: int = update.lifetime_seconds or row["lifetime_seconds"]
    until = at + timedelta(seconds=seconds)
    await sql.execute(UPDATE, location, seconds, update.binding, update.objects, until)
    return True


async def deregister(sql: Sql, device_id: int, location: str) -> bool:
    """End a registration; False when it is not this device's."""
    removed = await sql.execute(
        "DELETE FROM registration WHERE location = $1 AND device_id = $2", location, device_id
    )
    return removed == 1


def registered_objects(objects: str) -> frozenset[int]:
    """Object ids of a registration's link format, whatever the alternate path in front."""
    return frozenset(int(number) for number in _OBJECT.findall(objects))


def is_lifetime(seconds: int) -> bool:
    """Whether a registration may live this long."""
    return LIFETIME_SECONDS_MIN <= seconds <= LIFETIME_SECONDS_MAX
