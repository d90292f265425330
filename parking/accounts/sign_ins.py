"""Sign-ins and the refresh tokens that keep them alive.

A refresh token works once and gives its successor. The successor is not random but derived from
the token under the installation's key, so a client whose answer was lost can ask again (within
`REPEAT_GRACE`, while the successor is unused) and gets *the same* one: the chain never forks, so a
thief and the owner always collide on one token, and whoever comes second ends the sign-in. A new
random successor for each repeat would give the thief a branch of their own.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.accounts.access_tokens import ACCESS_LIFETIME, issue_access
from parking.accounts.keys import Keys
from parking.accounts.people import Profile, person_of
from parking.accounts.sign_in_rules import refresh_expiry
from parking.clock import Clock
from parking.errors import InvalidInput
from parking.ids import new_token, token_hash
from parking.storage.sql import Sql, as_time
from parking.storage.transactions import transaction

REFRESH_PREFIX = "berth_refresh_"


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """What a client holds after signing in; times are UTC. No `repr`: tokens stay out of logs."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    person: Profile


async def start_sign_in(
    person_id: int, *, clock: Clock, keys: Keys, access_lifetime: timedelta = ACCESS_LIFETIME
) -> SignedIn:
    """Sign a person in without a code: for the command line and after other proofs of identity.

    Raises `InvalidInput` when there is no such person.
    """
    async with transaction() as sql:
        person = await person_of(sql, person_id)
        if person is None:
            raise InvalidInput("personId", f"there is no person {person_id}")
        return await open_sign_in(
            sql, person, new_token(REFRESH_PREFIX), keys, clock.now(), access_lifetime
        )


async def open_sign_in(
    sql: Sql,
    person: Profile,
    refresh_token: str,
    keys: Keys,
    now: datetime,
    access_lifetime: timedelta = ACCESS_LIFETIME,
) -> SignedIn:
    """Begin a family with `refresh_token` as its first, in the caller's transaction."""
    family = new_token()
    expires_at = refresh_expiry(now, now)
    rows = await sql.fetch(
        "INSERT INTO sign_in (person_id, family, started_at, expires_at)"
        " VALUES ($1, $2, $3, $4) RETURNING id",
        person.id,
        family,
        now,
        expires_at,
    )
    await keep_refresh_token(sql, rows[0]["id"], refresh_token, now, expires_at)
    access_token, access_expires_at = issue_access(keys, person.id, family, now, access_lifetime)
    return SignedIn(access_token, access_expires_at, refresh_token, expires_at, person)


async def sign_in_begun_with(
    sql: Sql, first_token: str, keys: Keys, now: datetime
) -> SignedIn | None:
    """The sign-in that began with this refresh token, while it lasts and the token is unused."""
    row = await sql.fetch_one(
        "SELECT s.person_id, s.family, r.expires_at FROM refresh_token r"
        " JOIN sign_in s ON s.id = r.sign_in_id"
        " WHERE r.token_hash = $1 AND r.used_at IS NULL AND s.ended_at IS NULL",
        token_hash(first_token),
    )
    person = await person_of(sql, row["person_id"]) if row else None
    if row is None or person is None:
        return None
    access_token, access_expires_at = issue_access(keys, person.id, row["family"], now)
    expires_at = as_time(row["expires_at"])
    return SignedIn(access_token, access_expires_at, first_token, expires_at, person)


async def keep_refresh_token(
    sql: Sql, sign_in_id: int, token: str, now: datetime, expires_at: datetime
) -> None:
    """Store a new refresh token by its hash."""
    await sql.execute(
        "INSERT INTO refresh_token (sign_in_id, token_hash, issued_at, expires_at)"
        " VALUES ($1, $2, $3, $4)",
        sign_in_id,
        token_hash(token),
        now,
        expires_at,
    )


def derived_token(keys: Keys, *parts: str) -> str:
    """The refresh token that follows from `parts`; unguessable without the installation's key."""
    text = "\0".join(parts).encode()
    digest = hmac.new(keys.refresh, text, hashlib.sha256).digest()
    return REFRESH_PREFIX + base64.urlsafe_b64encode(digest).decode().rstrip("=")
