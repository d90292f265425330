"""What the tests of notices share: notices to write, letters to deliver, ways that remember."""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_notice
from parking.notices.records import Letter, Notice
from parking.notices.sending import send_notices
from parking.storage.sql import database
from parking.storage.transactions import transaction

PHONE = "+8613800138000"
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
WAITLISTED = {"merchant": "The tea room", "starts": "19:30"}


def notice(key: str = "one", **more: Any) -> Notice:
    """An SMS that is not urgent."""
    given: dict[str, Any] = {
        "channel": NoticeChannel.SMS, "recipient": PHONE, "fields": WAITLISTED,
        "topic": NoticeTopic.PARKING_WAITLISTED,
    }  # fmt: skip
    return Notice(key=key, **{**given, **more})


async def put(given: Notice, now: datetime) -> bool:
    """Write it."""
    async with transaction() as sql:
        return await add_notice(sql, given, now)


def letter(**more: Any) -> Letter:
    """As a worker has one."""
    given: dict[str, Any] = {
        "id": 7, "channel": NoticeChannel.SMS, "recipient": PHONE, "person_id": None,
        "organisation_id": None, "webhook_id": None, "topic": NoticeTopic.PARKING_BOOKED,
        "locale": "en", "subject": "Parking", "body": "A space is yours", "attempts": 1,
        "give_up_at": NOON + timedelta(hours=1), "useful_until": None, "created_at": NOON,
    }  # fmt: skip
    return Letter(**{**given, **more})


class KeepingWay:
    """A way that keeps what it hands over; `failures` are raised first, one after the other."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = deque(failures)
        self.handed: list[Letter] = []

    async def deliver(self, letter: Letter) -> str:
        if self.failures:
            raise self.failures.popleft()
        self.handed.append(letter)
        return f"kept {len(self.handed)}"

    async def close(self) -> None:
        """Nothing is open."""


def passing() -> NoticeNotSent:
    """What may pass."""
    return NoticeNotSent("busy")


def final() -> NoticeRefused:
    """What will not."""
    return NoticeRefused("no such number")


async def run(way: KeepingWay, clock: Any, chance: float = 0.999) -> int:
    """One run of the worker's job."""
    return await send_notices({NoticeChannel.SMS: way}, clock, lambda: chance, NoticeChannel)


async def rows() -> list[dict[str, Any]]:
    """The outbox."""
    return await database().fetch("SELECT * FROM notice ORDER BY id")


async def states() -> list[str]:
    """Where each notice stands."""
    return [row["state"] for row in await rows()]
