"""Forgetting who was told of something, before the outbox forgets by itself."""

from collections.abc import Sequence
from datetime import datetime

from parking.notices.kinds import PERSONAL, NoticeTopic
from parking.storage.sql import Sql


async def erase_notices(
    sql: Sql, about: Sequence[str], at: datetime, *, of_everybody: bool = False
) -> None:
    """Blank what persons were told about these (`order:12`), and where, and take it from their own
    lists; `of_everybody`: also what an organisation's staff were told. What is not sent yet is
    dropped. What is told by webhook names no guest, and stays."""
    channels = [each.value for each in PERSONAL]
    whose = "" if of_everybody else " AND person_id IS NOT NULL"
    await sql.execute(
        "UPDATE notice SET recipient = '', subject = '', body = '', last_error = '',"
        " done_at = COALESCE(done_at, $3),"
        " state = CASE WHEN state = 'SENT' THEN 'SENT' ELSE 'DROPPED' END"
        f" WHERE about {sql.any_of('$1')} AND channel {sql.any_of('$2')} AND recipient <> ''"
        f"{whose}",
        list(about),
        channels,
        at,
    )
    await sql.execute(f"DELETE FROM own_notice WHERE about {sql.any_of('$1')}", list(about))


async def drop_unsent(
    sql: Sql, topic: NoticeTopic, about: str, person_ids: Sequence[int], at: datetime
) -> None:
    """Never send what these persons were to be told about this: it waits for the end of quiet hours
    or for another attempt, and says what they are not to hear any more."""
    await sql.execute(
        "UPDATE notice SET state = 'DROPPED', done_at = $4, body = '',"
        " last_error = 'it was taken back before it was sent'"
        f" WHERE about = $1 AND topic = $2 AND state = 'DUE' AND person_id {sql.any_of('$3')}",
        about,
        topic,
        sorted(set(person_ids)),
        at,
    )
