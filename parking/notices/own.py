"""A person's own list of what they were told: the live stream's notices, beside every channel.

It is written with the notices, so it exists exactly when they do, and can be read by the person
alone. A link opens a lock for whoever has it: here is `…` in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parking.notices.kinds import NoticeTopic
from parking.notices.limits import (
    ABOUT_CHARACTERS_MAX,
    KEPT_SENT,
    SUBJECT_CHARACTERS_MAX,
)
from parking.notices.outbox import add_notices, checked_key
from parking.notices.preferences import preference_of
from parking.notices.reach import Reach, Telling, notices_to
from parking.notices.templates import rendered
from parking.storage.sql import Sql, as_time, database

LINK_HIDDEN = "…"
ID_END = 2**63 - 1

_COLUMNS = "id, person_id, version, topic, about, subject, text, at"


@dataclass(frozen=True, slots=True)
class OwnNotice:
    """What a person was told, in their language. `version` counts their notices; `about` is like
    `order:12` or `reservation:7`. Times are UTC."""

    id: int
    person_id: int
    version: int
    topic: NoticeTopic
    about: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


async def tell_person(sql: Sql, reach: Reach, telling: Telling, now: datetime) -> int:
    """Tell one person, in the caller's transaction: by each of their channels, and in their own
    list, unless they have muted the topic; how many notices go by channels.

    Raises ValueError as `add_notice`.
    """
    written = await add_notices(sql, notices_to(reach, telling), now)
    if telling.person_id is not None:
        await _list(sql, telling.person_id, telling, now)
    return written


async def _list(sql: Sql, person_id: int, telling: Telling, now: datetime) -> None:
    wished = await preference_of(sql, person_id)
    if telling.topic in wished.muted or await _is_listed(sql, telling.key):
        return
    said = rendered(telling.topic, telling.locale, {**telling.fields, "link": LINK_HIDDEN})
    await sql.execute(
        "INSERT INTO own_notice (person_id, version, key, topic, about, subject, text, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        person_id,
        await _next_version(sql, person_id),
        checked_key(telling.key),
        telling.topic,
        telling.about[:ABOUT_CHARACTERS_MAX],
        said.subject[:SUBJECT_CHARACTERS_MAX],
        said.text,
        now,
    )


async def _is_listed(sql: Sql, key: str) -> bool:
    return await sql.fetch_one("SELECT 1 AS yes FROM own_notice WHERE key = $1", key) is not None


async def _next_version(sql: Sql, person_id: int) -> int:
    """Nobody else has the next but one before this transaction ends: so versions are committed in
    their order, and without gaps."""
    [row] = await sql.fetch(
        "INSERT INTO own_notice_version (person_id, version) VALUES ($1, 1)"
        " ON CONFLICT (person_id) DO UPDATE SET version = own_notice_version.version + 1"
        " RETURNING version",
        person_id,
    )
    return int(row["version"])


async def own_notices_of(
    sql: Sql, person_id: int, *, limit: int, before: int | None = None
) -> list[OwnNotice]:
    """A person's, the newest first; `before` is the version to go on behind."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM own_notice WHERE person_id = $1 AND version < $2"
        " ORDER BY version DESC LIMIT $3",
        person_id,
        before or ID_END,
        limit,
    )
    return [_notice(row) for row in rows]


async def own_notices_after(
    sql: Sql, person_id: int, version: int, *, limit: int
) -> list[OwnNotice]:
    """A person's that are newer than a version, the oldest first."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM own_notice WHERE person_id = $1 AND version > $2"
        " ORDER BY version LIMIT $3",
        person_id,
        version,
        limit,
    )
    return [_notice(row) for row in rows]


async def own_notices_by_id(
    sql: Sql, person_id: int, ids: Sequence[int]
) -> Mapping[int, OwnNotice]:
    """Those of these that are the person's."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM own_notice WHERE person_id = $1 AND id {sql.any_of('$2')}",
        person_id,
        sorted(set(ids)),
    )
    return {row["id"]: _notice(row) for row in rows}


async def newest_version(sql: Sql, person_id: int) -> int:
    """Of a person's list; 0 before the first notice."""
    row = await sql.fetch_one(
        "SELECT version FROM own_notice_version WHERE person_id = $1", person_id
    )
    return 0 if row is None else int(row["version"])


async def prune_own_notices(now: datetime) -> int:
    """Forget what was told long ago; how many. For the worker."""
    return await database().execute("DELETE FROM own_notice WHERE at < $1", now - KEPT_SENT)


def _notice(row: dict[str, Any]) -> OwnNotice:
    return OwnNotice(**{**row, "topic": NoticeTopic(row["topic"]), "at": as_time(row["at"])})
