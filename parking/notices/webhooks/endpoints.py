"""Webhook endpoints as rows; who may change them is `parking.accounts.webhook_endpoints`'."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from parking.notices.kinds import EVENTS, EndpointState, NoticeTopic
from parking.notices.limits import FORMER_SECRET_KEPT
from parking.storage.sql import Sql, as_time, as_time_or_none, database

REASON_CHARACTERS_MAX = 200


class Sealing(Protocol):
    """Seals and opens small secrets (`parking.devices.sealing.Sealer`)."""

    def seal(self, secret: bytes, label: str) -> str:
        """Text to be stored, which opens under this label only."""
        ...

    def open(self, sealed: str, label: str) -> bytes:
        """The secret."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an organisation is told of events. `reason` says why the platform paused it."""

    id: int
    organisation_id: int
    url: str
    topics: tuple[NoticeTopic, ...]
    state: EndpointState
    reason: str
    created_at: datetime
    changed_at: datetime
    sealed: str = field(repr=False)
    former_sealed: str | None = field(repr=False)
    former_until: datetime | None


_COLUMNS = (
    "id, organisation_id, url, topics, state, reason, created_at, changed_at, secret,"
    " former_secret, former_until"
)


async def endpoint_by_id(sql: Sql, endpoint_id: int) -> Endpoint | None:
    """One endpoint."""
    row = await sql.fetch_one(f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id = $1", endpoint_id)
    return None if row is None else _endpoint(row)


async def endpoints_by_id(ids: Iterable[int]) -> dict[int, Endpoint]:
    """Several, by their ids."""
    wanted, sql = sorted(set(ids)), database()
    if not wanted:
        return {}
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE id {sql.any_of('$1')}", wanted
    )
    return {row["id"]: _endpoint(row) for row in rows}


async def endpoints_of(sql: Sql, organisation_id: int) -> list[Endpoint]:
    """Those of an organisation, oldest first."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE organisation_id = $1 ORDER BY id",
        organisation_id,
    )
    return [_endpoint(row) for row in rows]


async def insert_endpoint(
    sql: Sql,
    organisation_id: int,
    url: str,
    topics: Sequence[NoticeTopic],
    secret: bytes,
    sealing: Sealing,
    *,
    created_by: int | None,
    at: datetime,
) -> Endpoint:
    """A new one; its secret is sealed under its own id."""
    row = await sql.fetch_one(
        "INSERT INTO webhook_endpoint"
        " (organisation_id, url, secret, topics, created_by, created_at, changed_at)"
        f" VALUES ($1, $2, '', $3, $4, $5, $5) RETURNING {_COLUMNS}",
        organisation_id,
        url,
        _text(topics),
        created_by,
        at,
    )
    assert row is not None, "it was just inserted"
    sealed = sealing.seal(secret, _label(row["id"]))
    await sql.execute("UPDATE webhook_endpoint SET secret = $2 WHERE id = $1", row["id"], sealed)
    return _endpoint({**row, "secret": sealed})


async def set_state(
    sql: Sql, endpoint_id: int, state: EndpointState, at: datetime, *, reason: str = ""
) -> bool:
    """Pause or resume; False when it was so already, or is gone."""
    written = await sql.execute(
        "UPDATE webhook_endpoint SET state = $2, reason = $3, changed_at = $4"
        " WHERE id = $1 AND state <> $2",
        endpoint_id,
        state,
        reason[:REASON_CHARACTERS_MAX],
        at,
    )
    return written == 1


async def rotate_secret(
    sql: Sql, endpoint: Endpoint, secret: bytes, sealing: Sealing, at: datetime
) -> None:
    """Sign with `secret` from now on, and with the former one too for `FORMER_SECRET_KEPT`."""
    await sql.execute(
        "UPDATE webhook_endpoint SET former_secret = secret, former_until = $2, secret = $3,"
        " changed_at = $4 WHERE id = $1",
        endpoint.id,
        at + FORMER_SECRET_KEPT,
        sealing.seal(secret, _label(endpoint.id)),
        at,
    )


async def delete_endpoint(sql: Sql, endpoint_id: int, at: datetime) -> None:
    """Forget it; what was still to be sent there is dropped."""
    await sql.execute(
        "UPDATE notice SET state = 'DROPPED', done_at = $2, body = '',"
        " last_error = 'the endpoint was deleted'"
        " WHERE webhook_id = $1 AND state = 'DUE'",
        endpoint_id,
        at,
    )
    await sql.execute("DELETE FROM webhook_endpoint WHERE id = $1", endpoint_id)


def secrets_of(endpoint: Endpoint, sealing: Sealing, now: datetime) -> list[bytes]:
    """The secrets that sign now, the present one first."""
    sealed = [endpoint.sealed]
    if endpoint.former_sealed and endpoint.former_until and now < endpoint.former_until:
        sealed.append(endpoint.former_sealed)
    return [sealing.open(each, _label(endpoint.id)) for each in sealed]


def _label(endpoint_id: int) -> str:
    return f"webhook endpoint {endpoint_id}"


def _text(topics: Sequence[NoticeTopic]) -> str:
    return json.dumps(sorted({topic.value for topic in topics}))


def _endpoint(row: dict[str, Any]) -> Endpoint:
    kept = set(json.loads(row["topics"]))
    return Endpoint(
        id=row["id"],
        organisation_id=row["organisation_id"],
        url=row["url"],
        topics=tuple(topic for topic in EVENTS if topic in kept),
        state=EndpointState(row["state"]),
        reason=row["reason"],
        created_at=as_time(row["created_at"]),
        changed_at=as_time(row["changed_at"]),
        sealed=row["secret"],
        former_sealed=row["former_secret"],
        former_until=as_time_or_none(row["former_until"]),
    )
