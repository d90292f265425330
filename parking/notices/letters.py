"""Notices as rows: claimed by a worker, ended, put off, replayed, forgotten."""

from collections.abc import Iterable
from datetime import datetime

from parking.notices.kinds import NoticeChannel, NoticeState
from parking.notices.limits import (
    ERROR_CHARACTERS_MAX,
    KEPT_DEAD,
    KEPT_SENT,
    LEASE,
    NOTICES_AT_ONCE_MAX,
    REFERENCE_CHARACTERS_MAX,
)
from parking.notices.records import LETTER_COLUMNS, Letter, letter_of
from parking.storage.sql import database

SKIP_LOCKED = " FOR UPDATE SKIP LOCKED"
"""So that two workers at once never claim the same; SQLite has one writer at a time anyway."""


async def claim_letters(channels: Iterable[NoticeChannel], now: datetime) -> list[Letter]:
    """Due notices that nobody else sends meanwhile; a worker that dies leaves them due again."""
    sql = database()
    locked = "" if sql.dialect == "sqlite" else SKIP_LOCKED
    rows = await sql.fetch(
        "UPDATE notice SET due_at = $2, attempts = attempts + 1 WHERE id IN ("
        "SELECT id FROM notice WHERE state = 'DUE' AND due_at <= $1"
        f" AND channel {sql.any_of('$3')} ORDER BY due_at, id LIMIT {NOTICES_AT_ONCE_MAX}{locked})"
        f" RETURNING {LETTER_COLUMNS}",
        now,
        now + LEASE,
        [channel.value for channel in channels],
    )
    return sorted(map(letter_of, rows), key=lambda letter: letter.id)


async def mark_sent(letter: Letter, reference: str, at: datetime) -> None:
    """It was handed over, whatever another worker made of it meanwhile.

    What it said is forgotten at once: it may hold a link that opens a lock.
    """
    await database().execute(
        "UPDATE notice SET state = 'SENT', done_at = $2, provider_reference = $3, last_error = '',"
        " body = '' WHERE id = $1 AND state <> 'SENT'",
        letter.id,
        at,
        reference[:REFERENCE_CHARACTERS_MAX],
    )


async def end_letter(letter: Letter, state: NoticeState, why: str, at: datetime) -> bool:
    """DEAD, which keeps what it says, or DROPPED; False when another worker has claimed it
    since."""
    body = "" if state is NoticeState.DEAD else ", body = ''"
    written = await database().execute(
        f"UPDATE notice SET state = $3, done_at = $4, last_error = $5{body}"
        " WHERE id = $1 AND state = 'DUE' AND attempts = $2",
        letter.id,
        letter.attempts,
        state,
        at,
        why[:ERROR_CHARACTERS_MAX],
    )
    return written == 1


async def put_off(
    letter: Letter, due_at: datetime, why: str, *, give_up_at: datetime, is_attempt: bool
) -> None:
    """Try again then; what was no attempt is not counted."""
    await database().execute(
        "UPDATE notice SET due_at = $3, give_up_at = $4, last_error = $5, attempts = $6"
        " WHERE id = $1 AND state = 'DUE' AND attempts = $2",
        letter.id,
        letter.attempts,
        due_at,
        give_up_at,
        why[:ERROR_CHARACTERS_MAX],
        letter.attempts if is_attempt else letter.attempts - 1,
    )


async def hold_back(webhook_id: int, until: datetime) -> None:
    """Let what is due to an endpoint that just failed wait as long as what failed: one that hangs
    must not keep workers from all the others."""
    await database().execute(
        "UPDATE notice SET due_at = $2 WHERE webhook_id = $1 AND state = 'DUE' AND due_at < $2"
        " AND give_up_at > $2",
        webhook_id,
        until,
    )


async def prune_notices(now: datetime) -> int:
    """Forget what ended long ago; how many. For the worker."""
    sql = database()
    forgotten = await sql.execute(
        "DELETE FROM notice WHERE done_at < $1 AND state IN ('SENT', 'DROPPED')", now - KEPT_SENT
    )
    return forgotten + await sql.execute(
        "DELETE FROM notice WHERE done_at < $1 AND state = 'DEAD'", now - KEPT_DEAD
    )
