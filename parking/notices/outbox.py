"""The outbox: what is to be told is written with what happened, and sent after the commit.

So a notice exists exactly when its cause does, and a channel that is down delays a message, never
the deed. Sending is `parking.notices.sending`'s.
"""

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from parking.clock import rfc3339
from parking.notices.kinds import EVENTS, NoticeChannel, NoticeTopic
from parking.notices.limits import (
    ABOUT_CHARACTERS_MAX,
    BODY_BYTES_MAX,
    GIVE_UP_AFTER,
    KEY_CHARACTERS_MAX,
    SUBJECT_CHARACTERS_MAX,
)
from parking.notices.records import Event, Notice
from parking.notices.templates import best_locale, rendered, shortened
from parking.storage.sql import Sql

log = logging.getLogger(__name__)

_INSERT = """
INSERT INTO notice (key, channel, recipient, person_id, organisation_id, webhook_id, topic, about,
                    locale, subject, body, due_at, give_up_at, useful_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (key) DO NOTHING
"""


async def add_notice(sql: Sql, notice: Notice, now: datetime) -> bool:
    """Write a notice in the caller's transaction; False when its key was used before.

    Raises ValueError for fields that its template lacks, or a key that is too long.
    """
    assert notice.channel is not NoticeChannel.WEBHOOK, "endpoints are told by `add_event`"
    subject, body = _said(notice)
    due_at = max(now, notice.not_before or now)
    return await _insert(
        sql,
        (
            checked_key(notice.key),
            notice.channel,
            notice.recipient,
            notice.person_id,
            notice.organisation_id,
            None,
            notice.topic,
            notice.about[:ABOUT_CHARACTERS_MAX],
            best_locale(notice.locale),
            subject[:SUBJECT_CHARACTERS_MAX],
            body,
            due_at,
            give_up_at(notice.channel, due_at, notice.useful_until),
            notice.useful_until,
            now,
        ),
    )


async def add_notices(sql: Sql, notices: Iterable[Notice], now: datetime) -> int:
    """Write several; how many were new."""
    return sum([await add_notice(sql, notice, now) for notice in notices])


async def add_event(sql: Sql, event: Event, now: datetime) -> int:
    """Write one notice for each of the organisation's endpoints that wants the topic; how many.

    The payload is that of Standard Webhooks: `{"type", "timestamp", "data"}`.
    """
    assert event.topic in EVENTS, f"webhooks are not sent about {event.topic}"
    rows = await sql.fetch(
        "SELECT id, url, topics FROM webhook_endpoint WHERE organisation_id = $1 ORDER BY id",
        event.organisation_id,
    )
    body, told = _payload(event, now), 0
    for row in rows:
        if event.topic not in json.loads(row["topics"]):
            continue
        told += await _insert(
            sql,
            (
                checked_key(f"{event.key}/webhook:{row['id']}"),
                NoticeChannel.WEBHOOK,
                row["url"],
                None,
                event.organisation_id,
                row["id"],
                event.topic,
                event.about[:ABOUT_CHARACTERS_MAX],
                "en",
                "",
                body,
                now,
                give_up_at(NoticeChannel.WEBHOOK, now, None),
                None,
                now,
            ),
        )
    return told


def give_up_at(channel: NoticeChannel, since: datetime, useful_until: datetime | None) -> datetime:
    """Until when a notice is tried that may be sent from `since` on."""
    end = since + GIVE_UP_AFTER[channel]
    # One that is of no use already gets its one attempt.
    return (
        end if useful_until is None else max(since + timedelta(seconds=1), min(end, useful_until))
    )


async def _insert(sql: Sql, values: tuple[object, ...]) -> bool:
    assert sql.is_transaction, "a notice is written together with its cause"
    return await sql.execute(_INSERT, *values) == 1


def _said(notice: Notice) -> tuple[str, str]:
    said = rendered(notice.topic, notice.locale, notice.fields)
    if notice.channel is NoticeChannel.WECHAT:
        fields = {name: shortened(text, notice.topic) for name, text in notice.fields.items()}
        return said.subject, json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return said.subject, said.text


def _payload(event: Event, now: datetime) -> str:
    body = _event_json(event.topic, event.data, now)
    if len(body.encode()) <= BODY_BYTES_MAX:
        return body
    log.warning("an event about %s is too long and goes without its data", event.about)
    return _event_json(event.topic, {"about": event.about, "isCut": True}, now)


def _event_json(topic: NoticeTopic, data: object, now: datetime) -> str:
    payload = {"type": topic.event_type, "timestamp": rfc3339(now), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def checked_key(key: str) -> str:
    """The same. Raises ValueError for one that cannot be."""
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX:
        raise ValueError(f"a notice's key has 1 to {KEY_CHARACTERS_MAX} characters, not {len(key)}")
    return key
