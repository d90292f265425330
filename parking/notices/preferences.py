"""People's wishes as rows; by whom they are changed is `parking.accounts.notice_preferences`'."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from parking.errors import InvalidInput
from parking.notices.kinds import MUTABLE, NoticeTopic
from parking.notices.rules import Preference, QuietHours
from parking.storage.sql import Sql, database

ZONE_CHARACTERS_MAX = 64
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class PreferenceRecord:
    """What a person wishes. The hours are `HH:MM` on the clocks of `time_zone`, or both None."""

    muted: tuple[NoticeTopic, ...] = ()
    quiet_from: str | None = None
    quiet_until: str | None = None
    time_zone: str = "UTC"
    wechat_open_id: str | None = field(default=None, repr=False)


DEFAULT = PreferenceRecord()
_COLUMNS = "person_id, muted, quiet_from, quiet_until, time_zone, wechat_open_id"


async def preference_of(sql: Sql, person_id: int) -> PreferenceRecord:
    """A person's; the default for who never said anything."""
    row = await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM notice_preference WHERE person_id = $1", person_id
    )
    return DEFAULT if row is None else _record(row)


async def preferences_of(people: Iterable[int]) -> Mapping[int, Preference]:
    """What is decided by, of those who said something."""
    wanted, sql = sorted(set(people)), database()
    if not wanted:
        return {}
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM notice_preference WHERE person_id {sql.any_of('$1')}", wanted
    )
    return {row["person_id"]: _decided_by(_record(row)) for row in rows}


async def save_preference(sql: Sql, person_id: int, wished: PreferenceRecord, at: datetime) -> None:
    """Write a person's wishes; the WeChat binding is left as it is."""
    await sql.execute(
        "INSERT INTO notice_preference"
        " (person_id, muted, quiet_from, quiet_until, time_zone, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id) DO UPDATE SET"
        " muted = excluded.muted, quiet_from = excluded.quiet_from,"
        " quiet_until = excluded.quiet_until, time_zone = excluded.time_zone,"
        " changed_at = excluded.changed_at",
        person_id,
        json.dumps(sorted(wished.muted)),
        wished.quiet_from,
        wished.quiet_until,
        wished.time_zone,
        at,
    )


async def bind_wechat(sql: Sql, person_id: int, open_id: str | None, at: datetime) -> None:
    """Remember whom WeChat knows the person as; None forgets it."""
    await sql.execute(
        "INSERT INTO notice_preference (person_id, wechat_open_id, changed_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (person_id) DO UPDATE SET wechat_open_id = excluded.wechat_open_id,"
        " changed_at = excluded.changed_at",
        person_id,
        open_id,
        at,
    )


def checked(wished: PreferenceRecord) -> PreferenceRecord:
    """The same. Raises `InvalidInput` for what cannot be wished."""
    fixed = [topic for topic in wished.muted if topic not in MUTABLE]
    if fixed:
        raise InvalidInput("muted", f"{fixed[0]} cannot be muted; it is about one's own parking")
    if (wished.quiet_from is None) != (wished.quiet_until is None):
        raise InvalidInput("quietUntil", "give both ends of the quiet hours, or neither")
    for name, text in (("quietFrom", wished.quiet_from), ("quietUntil", wished.quiet_until)):
        if text is not None and not _CLOCK.fullmatch(text):
            raise InvalidInput(name, "this is no time of day; expected one like 22:00")
    if wished.quiet_from is not None and wished.quiet_from == wished.quiet_until:
        raise InvalidInput("quietUntil", "quiet hours end at another time than they begin")
    _require_zone(wished.time_zone)
    return wished


def _require_zone(name: str) -> None:
    try:
        if len(name) <= ZONE_CHARACTERS_MAX:
            ZoneInfo(name)
            return
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        pass
    raise InvalidInput("timeZone", "this is no IANA time zone; expected one like Europe/Berlin")


def _record(row: dict[str, Any]) -> PreferenceRecord:
    kept = set(json.loads(row["muted"]))
    return PreferenceRecord(
        muted=tuple(topic for topic in MUTABLE if topic in kept),
        quiet_from=row["quiet_from"],
        quiet_until=row["quiet_until"],
        time_zone=row["time_zone"],
        wechat_open_id=row["wechat_open_id"],
    )


def _decided_by(record: PreferenceRecord) -> Preference:
    quiet = None
    if record.quiet_from is not None and record.quiet_until is not None:
        start, until = map(time.fromisoformat, (record.quiet_from, record.quiet_until))
        quiet = QuietHours(start, until, record.time_zone)
    return Preference(frozenset(record.muted), quiet)
