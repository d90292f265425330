"""The way out for messages to people: a small port, so that each installation brings its own."""

from typing import Protocol

from parking.errors import Refusal


class NoticeNotSent(Refusal):
    """The message could not be handed over; trying again may help."""

    code = "NOTICE_NOT_SENT"


class Channel(Protocol):
    """Sends a message to one person."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send `text` to a phone (E.164) or e-mail address; `subject` is for e-mail.

        Raises `NoticeNotSent`.
        """
        ...
