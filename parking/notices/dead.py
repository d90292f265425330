"""Dead letters: notices that were given up, for a person to look at and to have tried again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.limits import GIVE_UP_AFTER
from parking.storage.sql import Sql, as_time

SHOWN_CHARACTERS = 4
ID_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DeadNotice:
    """What was given up. `recipient` is masked, for it may be a guest's own number; a webhook's URL
    is shown whole. Times are UTC."""

    id: int
    organisation_id: int | None
    channel: NoticeChannel
    topic: NoticeTopic
    about: str
    recipient: str = field(repr=False)
    attempts: int
    last_error: str
    created_at: datetime
    done_at: datetime


_COLUMNS = (
    "id, organisation_id, channel, topic, about, recipient, attempts, last_error, created_at,"
    " done_at"
)


async def dead_notices_of(
    sql: Sql, organisation_id: int, *, limit: int, before: int | None = None
) -> list[DeadNotice]:
    """Those of an organisation, the newest first; `before` is the id to go on behind."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM notice WHERE state = 'DEAD' AND organisation_id = $1"
        " AND id < $2 ORDER BY id DESC LIMIT $3",
        organisation_id,
        before or ID_END,
        limit,
    )
    return [_dead(row) for row in rows]


async def dead_by_id(sql: Sql, ids: Sequence[int]) -> list[DeadNotice]:
    """Those of these that are dead letters."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM notice WHERE state = 'DEAD' AND id {sql.any_of('$1')} ORDER BY id",
        sorted(set(ids)),
    )
    return [_dead(row) for row in rows]


async def replay(sql: Sql, notice: DeadNotice, now: datetime) -> bool:
    """Try it again from now on, as if it were new; False when somebody else did before.

    It keeps its id, so that a receiver who has it already knows it again.
    """
    written = await sql.execute(
        "UPDATE notice SET state = 'DUE', attempts = 0, due_at = $2, give_up_at = $3,"
        " useful_until = NULL, done_at = NULL WHERE id = $1 AND state = 'DEAD'",
        notice.id,
        now,
        now + GIVE_UP_AFTER[notice.channel],
    )
    return written == 1


def masked(channel: NoticeChannel, recipient: str) -> str:
    """What may be shown: `…4567`, `m…@example.org`, a webhook's URL."""
    if channel is NoticeChannel.WEBHOOK:
        return recipient
    if channel is NoticeChannel.EMAIL:
        name, _, domain = recipient.rpartition("@")
        return f"{name[:1]}…@{domain}"
    return "…" + recipient[-SHOWN_CHARACTERS:]


def _dead(row: dict[str, Any]) -> DeadNotice:
    channel = NoticeChannel(row["channel"])
    return DeadNotice(
        **{
            **row,
            "channel": channel,
            "topic": NoticeTopic(row["topic"]),
            "recipient": masked(channel, row["recipient"]),
            "created_at": as_time(row["created_at"]),
            "done_at": as_time(row["done_at"]),
        }
    )
