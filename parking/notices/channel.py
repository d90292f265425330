"""The ways out for messages to people: small ports, so that each installation brings its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, TypeAlias

from parking.errors import Refusal
from parking.notices.kinds import NoticeChannel
from parking.notices.records import Letter


class NoticeNotSent(Refusal):
    """The message could not be handed over; trying again may help.

    `wanted` is how long whoever refused asked us to wait.
    """

    code = "NOTICE_NOT_SENT"

    def __init__(self, message: str, *, wanted: timedelta | None = None) -> None:
        super().__init__(message)
        self.wanted = wanted


class NoticeRefused(NoticeNotSent):
    """The message was refused for a reason that will not pass, such as an address that is none."""


class NoticePostponed(NoticeNotSent):
    """The message was not tried at all, so that this is no attempt; `wanted` says how long."""


class Channel(Protocol):
    """Sends a message to one person at once, as sign-in codes are sent."""

    async def send(self, to: str, subject: str, text: str) -> None:
        """Send `text` to a phone (E.164) or e-mail address; `subject` is for e-mail.

        Raises `NoticeNotSent`.
        """
        ...


class Way(Protocol):
    """Hands over notices of one channel, for the worker."""

    async def deliver(self, letter: Letter) -> str:
        """Hand one notice over; the provider's reference, or nothing.

        The same letter may come again after a crash: where the provider knows idempotency, the
        letter's id is its key. Raises `NoticeNotSent`, `NoticeRefused` for good, and
        `NoticePostponed`.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


Ways: TypeAlias = Mapping[NoticeChannel, Way]
