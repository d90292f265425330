"""Notices as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.storage.sql import as_time, as_time_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be told to somebody: written by `add_notice` with what it is about.

    `key` makes it once: what tells of one thing twice gives the same key, at most 120 characters.
    `recipient` is E.164, an e-mail address or a WeChat open id. `about` is like `order:12`.
    After `useful_until` nobody needs it any more.
    """

    key: str
    channel: NoticeChannel
    recipient: str
    topic: NoticeTopic
    fields: Mapping[str, str] = field(repr=False)
    locale: str = "en"
    person_id: int | None = None
    organisation_id: int | None = None
    about: str = ""
    not_before: datetime | None = None
    useful_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that an organisation's webhook endpoints are told; `data` is JSON."""

    key: str
    organisation_id: int
    topic: NoticeTopic
    data: Mapping[str, Any] = field(repr=False)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as a worker has claimed it. `body` is the text; for WECHAT the fields and for
    WEBHOOK the payload, both as JSON. Times are UTC."""

    id: int
    channel: NoticeChannel
    recipient: str = field(repr=False)
    person_id: int | None
    organisation_id: int | None
    webhook_id: int | None
    topic: NoticeTopic
    locale: str
    subject: str = field(repr=False)
    body: str = field(repr=False)
    attempts: int
    give_up_at: datetime
    useful_until: datetime | None
    created_at: datetime


LETTER_COLUMNS = (
    "id, channel, recipient, person_id, organisation_id, webhook_id, topic, locale, subject, body,"
    " attempts, give_up_at, useful_until, created_at"
)


def letter_of(row: dict[str, Any]) -> Letter:
    """A row of `LETTER_COLUMNS`."""
    return Letter(
        **{
            **row,
            "channel": NoticeChannel(row["channel"]),
            "topic": NoticeTopic(row["topic"]),
            "give_up_at": as_time(row["give_up_at"]),
            "useful_until": as_time_or_none(row["useful_until"]),
            "created_at": as_time(row["created_at"]),
        }
    )
