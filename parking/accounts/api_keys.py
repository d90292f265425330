"""API keys: how another system acts for an organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.authenticate import API_KEY_PREFIX
from parking.accounts.people import parse_name
from parking.accounts.rules import acts_in, require_manager
from parking.accounts.scopes import Scope, parse_scopes, scopes_text
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound
from parking.ids import new_token, token_hash
from parking.storage.sql import as_time, as_time_or_none, database
from parking.storage.transactions import transaction

KEY_NAME_CHARACTERS_MAX = 100
HINT_CHARACTERS = 4
"""Shown of each key so that people can tell them apart; 168 of its 192 bits stay unknown."""

_COLUMNS = "id, organisation_id, name, hint, scopes, created_at, last_used_at, revoked_at"


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key as it may be shown at any time; times are UTC, `last_used_at` to the minute."""

    id: int
    organisation_id: int
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class NewApiKey:
    """A key just made: the only time that `secret` is known. Has no `repr`."""

    key: ApiKeyView
    secret: str


async def create_api_key(
    viewer: Viewer, organisation_id: int, name: str, scopes: Iterable[str], *, clock: Clock
) -> NewApiKey:
    """A key that acts in this organisation only, as far as `scopes` reach.

    Raises `InvalidInput`, `NotFound`, `NotPermitted`.
    """
    require_manager(viewer, organisation_id)
    granted, name, now = parse_scopes(scopes), parse_name(name), clock.now()
    if len(name) > KEY_NAME_CHARACTERS_MAX:
        raise InvalidInput("name", f"a key's name has at most {KEY_NAME_CHARACTERS_MAX} characters")
    secret = new_token(API_KEY_PREFIX)
    hint = secret.removeprefix(API_KEY_PREFIX)[:HINT_CHARACTERS]
    async with transaction() as sql:
        rows = await sql.fetch(
            "INSERT INTO api_key"
            " (organisation_id, name, hint, key_hash, scopes, created_by_id, created_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}",
            organisation_id,
            name,
            hint,
            token_hash(secret),
            scopes_text(granted),
            viewer.person_id,
            now,
        )
        key = _view(rows[0])
        subject, detail = f"api_key:{key.id}", {"name": name, "scopes": sorted(granted)}
        await record_audit(sql, viewer, "create_api_key", subject, organisation_id, detail, now)
    return NewApiKey(key, secret)


async def list_api_keys(viewer: Viewer, organisation_id: int) -> list[ApiKeyView]:
    """The organisation's keys, newest first, also revoked ones.

    Raises `NotFound`, `NotPermitted`.
    """
    require_manager(viewer, organisation_id)
    rows = await database().fetch(
        f"SELECT {_COLUMNS} FROM api_key WHERE organisation_id = $1 ORDER BY id DESC",
        organisation_id,
    )
    return [_view(row) for row in rows]


async def revoke_api_key(
    viewer: Viewer, api_key_id: int, *, clock: Clock, standings: Standings
) -> ApiKeyView:
    """End a key for good; doing it again changes nothing. Raises `NotFound`, `NotPermitted`."""
    now = clock.now()
    async with transaction() as sql:
        row = await sql.fetch_one(f"SELECT {_COLUMNS} FROM api_key WHERE id = $1", api_key_id)
        if row is None or not acts_in(viewer, row["organisation_id"]):
            raise NotFound("there is no such API key")
        organisation_id: int = row["organisation_id"]
        require_manager(viewer, organisation_id)
        ended = await sql.execute(
            "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
            api_key_id,
            now,
        )
        if ended:
            subject = f"api_key:{api_key_id}"
            await record_audit(sql, viewer, "revoke_api_key", subject, organisation_id, {}, now)
        rows = await sql.fetch(f"SELECT {_COLUMNS} FROM api_key WHERE id = $1", api_key_id)
    standings.forget_api_key(api_key_id)
    return _view(rows[0])


def _view(row: dict[str, Any]) -> ApiKeyView:
    scopes = tuple(Scope(word) for word in row["scopes"].split())
    created_at = as_time(row["created_at"])
    ends = {name: as_time_or_none(row[name]) for name in ("last_used_at", "revoked_at")}
    return ApiKeyView(**{**row, **ends, "scopes": scopes, "created_at": created_at})
