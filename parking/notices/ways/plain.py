"""Notices by a `Channel`: by e-mail, and in development by log and inbox."""

from typing import Protocol

from parking.notices.channel import Channel
from parking.notices.records import Letter


class MailChannel(Protocol):
    """A `Channel` that can name its messages, so that receivers may see that two are one."""

    async def send(self, to: str, subject: str, text: str, message_id: str = "") -> None:
        """Like `Channel.send`."""
        ...


class EmailWay:
    """E-mail. SMTP has no idempotency; a repeated notice has the same Message-ID (RFC 5322)."""

    def __init__(self, channel: MailChannel) -> None:
        self._channel = channel

    async def deliver(self, letter: Letter) -> str:
        """Hand it to the mail server."""
        name = f"notice-{letter.id}-{int(letter.created_at.timestamp())}"
        await self._channel.send(letter.recipient, letter.subject, letter.body, name)
        return name

    async def close(self) -> None:
        """Nothing is open."""


class EmbeddedWay:
    """Whatever the channel, the notice goes to log and inbox: for development."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def deliver(self, letter: Letter) -> str:
        """Put it there."""
        await self._channel.send(letter.recipient, letter.subject, letter.body)
        return ""

    async def close(self) -> None:
        """Nothing is open."""
