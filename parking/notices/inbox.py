"""The embedded channel: messages go to the log and to an inbox that developers can look into."""

import logging
from dataclasses import dataclass
from datetime import datetime

from parking.clock import Clock
from parking.storage.sql import as_time, database
from parking.storage.transactions import transaction

INBOX_MESSAGES_MAX = 100
SUBJECT_CHARACTERS_MAX = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the inbox; `at` is UTC."""

    id: int
    recipient: str
    subject: str
    text: str
    at: datetime


class LogAndInboxChannel:
    """A `Channel` that reaches nobody: for development, where log and inbox show the codes.

    The inbox is a table, because the page that shows it may run in another process. Unless
    `tells_text`, the log says only that nobody was reached: codes are secrets where others read
    the log.
    """

    def __init__(self, clock: Clock, *, tells_text: bool = True) -> None:
        self._clock = clock
        self._tells_text = tells_text

    async def send(self, to: str, subject: str, text: str) -> None:
        """Log the message and keep it among the newest `INBOX_MESSAGES_MAX`."""
        if self._tells_text:
            log.info("message to %s: %s", to, text)
        else:
            log.warning("no mail server is set (BERTH_SMTP_URL): a message reached nobody")
        async with transaction() as sql:
            await sql.execute(
                "INSERT INTO notice_inbox (recipient, subject, text, at) VALUES ($1, $2, $3, $4)",
                to,
                subject[:SUBJECT_CHARACTERS_MAX],
                text,
                self._clock.now(),
            )
            await sql.execute(
                "DELETE FROM notice_inbox WHERE id NOT IN"
                " (SELECT id FROM notice_inbox ORDER BY id DESC LIMIT $1)",
                INBOX_MESSAGES_MAX,
            )


async def inbox_messages(recipient: str | None = None) -> list[Message]:
    """The kept messages (to `recipient`), newest first."""
    rows = await database().fetch(
        "SELECT id, recipient, subject, text, at FROM notice_inbox ORDER BY id DESC LIMIT $1",
        INBOX_MESSAGES_MAX,
    )
    messages = [Message(**{**row, "at": as_time(row["at"])}) for row in rows]
    return [each for each in messages if recipient is None or each.recipient == recipient]
