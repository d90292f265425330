"""Keys that QR credentials are signed with: made, published ahead, turned, retired.

A new key is published for `LEAD` before anything is signed with it, so that readers have it by
then; the older ones stay good until what they signed last has expired. `retired_at` may lie ahead:
until that instant the key counts.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from parking.access.cose import key_set
from parking.clock import Clock
from parking.devices.sealing import Sealer, Unsealable
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.storage.sql import Sql, as_time, as_time_or_none, database
from parking.storage.transactions import retried, transaction

SIGNING_KEYS_TOPIC = "signing_keys"
"""Told, with an empty body, when the set of keys has changed."""

KID_BYTES = 4
LEAD = timedelta(hours=1)
"""A reader that observes the keys has a new one at once; one that fetches them does so hourly."""
KEPT = LEAD + timedelta(hours=1)
"""How long after the next was made a key still counts."""
TURN_EVERY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A row of `signing_key`; `kid` and `public_key` are bytes, the private half is sealed."""

    kid: bytes
    public_key: bytes
    private_sealed: str
    created_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Signer:
    """A key to sign with. Its `repr` shows no secret: the object is the library's."""

    kid: bytes
    key: Ed25519PrivateKey


async def keys_in_force(sql: Sql, now: datetime) -> list[StoredKey]:
    """The keys that count at `now`, the oldest first."""
    rows = await sql.fetch(
        "SELECT kid, public_key, private_sealed, created_at, retired_at FROM signing_key"
        " WHERE retired_at IS NULL OR retired_at > $1 ORDER BY id",
        now,
    )
    return [_stored(row) for row in rows]


def published(keys: list[StoredKey]) -> bytes:
    """The keys as a COSE_KeySet, for readers."""
    return key_set((key.kid, key.public_key) for key in keys)


def by_preference(keys: list[StoredKey], now: datetime) -> list[StoredKey]:
    """Which to sign with first: the newest that readers had time to learn of, at last those that
    they may not have yet, the oldest of them first."""
    learnt = [key for key in keys if key.created_at <= now - LEAD]
    return [*reversed(learnt), *(key for key in keys if key not in learnt)]


async def signer(clock: Clock, sealer: Sealer, bus: Bus) -> Signer:
    """What to sign with now.

    A key is made where there is none that opens: the first time, and after the installation's
    secret was changed. Raises Contended where others are in the way of that.
    """
    now = clock.now()
    for key in by_preference(await keys_in_force(database(), now), now):
        with suppress(Unsealable):
            return _opened(key, sealer)
    await turn_keys(clock, sealer, bus, max_age=timedelta(0))
    newest = (await keys_in_force(database(), now))[-1]
    return _opened(newest, sealer)


async def signer_of(sql: Sql, sealer: Sealer, kid: bytes) -> Signer:
    """The key with this id, whether it still counts or not. Raises NotFound, Unsealable."""
    row = await sql.fetch_one(
        "SELECT kid, public_key, private_sealed, created_at, retired_at FROM signing_key"
        " WHERE kid = $1",
        kid.hex(),
    )
    if row is None:
        raise NotFound("the key that signed this is gone; ask for a new code")
    return _opened(_stored(row), sealer)


async def keep_keys(clock: Clock, sealer: Sealer, bus: Bus) -> list[StoredKey]:
    """The keys in force, the first or a new one made where it is time. For gateways, now and then:
    whoever has readers to tell of a new key makes it."""
    now = clock.now()
    keys = await keys_in_force(database(), now)
    if keys and keys[-1].created_at > now - TURN_EVERY:
        return keys
    await turn_keys(clock, sealer, bus)
    return await keys_in_force(database(), now)


async def turn_keys(
    clock: Clock, sealer: Sealer, bus: Bus, *, max_age: timedelta = TURN_EVERY
) -> int:
    """Make a new key when the newest is older than `max_age`, and retire those before it once they
    are not needed any more; how many were made. Any number of processes may try."""
    now = clock.now()

    async def turn() -> bool:
        async with transaction() as sql:
            await _alone(sql)
            keys = await keys_in_force(sql, now)
            if keys and keys[-1].created_at > now - max_age:
                return False
            await sql.execute(
                "UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NULL", now + KEPT
            )
            await _make(sql, sealer, now)
            return True

    made = await retried(turn)
    if made:
        await bus.publish(SIGNING_KEYS_TOPIC, b"")
    return int(made)


async def withdraw_key(kid: bytes, clock: Clock, sealer: Sealer, bus: Bus) -> None:
    """End a key at once, because it may be known to others: what it signed opens nothing more."""
    async with transaction() as sql:
        await sql.execute(
            "UPDATE signing_key SET retired_at = $2 WHERE kid = $1", kid.hex(), clock.now()
        )
    await keep_keys(clock, sealer, bus)
    await bus.publish(SIGNING_KEYS_TOPIC, b"")


async def _make(sql: Sql, sealer: Sealer, now: datetime) -> None:
    kid, key = os.urandom(KID_BYTES), Ed25519PrivateKey.generate()
    await sql.execute(
        "INSERT INTO signing_key (kid, private_sealed, public_key, created_at)"
        " VALUES ($1, $2, $3, $4)",
        kid.hex(),
        sealer.seal(key.private_bytes_raw(), _label(kid)),
        key.public_key().public_bytes_raw().hex(),
        now,
    )


async def _alone(sql: Sql) -> None:
    """Wait for other workers that turn the keys; on SQLite a transaction is alone anyway."""
    if sql.dialect == "postgres":
        await sql.execute("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")


def _opened(key: StoredKey, sealer: Sealer) -> Signer:
    private = sealer.open(key.private_sealed, _label(key.kid))
    return Signer(key.kid, Ed25519PrivateKey.from_private_bytes(private))


def _label(kid: bytes) -> str:
    return f"signing key {kid.hex()}"


def _stored(row: Mapping[str, Any]) -> StoredKey:
    return StoredKey(
        kid=bytes.fromhex(row["kid"]),
        public_key=bytes.fromhex(row["public_key"]),
        private_sealed=row["private_sealed"],
        created_at=as_time(row["created_at"]),
        retired_at=as_time_or_none(row["retired_at"]),
    )
