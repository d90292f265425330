"""The program's worker reminds a driver, by mail in the inbox and in their own list."""

import asyncio
from datetime import timedelta
from pathlib import Path

from berth.parts import Part
from berth.settings import Settings
from berth.wiring import build
from parking.accounts.own_notices import list_own_notices
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.notices.inbox import Message, inbox_messages
from tests.support.bays import Bays
from tests.support.estate import make_estate
from tests.support.leasing import somebody
from tests.support.running import SECRET

LONG = 60.0
"""Seconds that a busy machine may take; a test that is right never waits so long."""


async def mail_to(recipient: str) -> Message:
    """The first message, once the worker has sent it."""
    async with asyncio.timeout(LONG):
        while not (found := await inbox_messages(recipient)):  # noqa: ASYNC110 - nothing is set
            await asyncio.sleep(0.05)
    return found[0]


async def test_a_driver_is_reminded(sqlite_url: str, tmp_path: Path, clock: TestClock) -> None:
    settings = Settings(
        database_url=sqlite_url, secret_key=SECRET, data_dir=tmp_path, development=True,
        public_url="https://berth.example",
    )  # fmt: skip
    async with build(settings, {Part.WORKER}, clock=clock) as program:
        worker = program.worker
        assert worker is not None
        dora = await somebody("Dora")
        bays = Bays(await make_estate(1), clock)
        await bays.book(starts=timedelta(hours=2), person_id=dora.person_id)
        clock.advance(hours=1, minutes=5)
        await worker.run_once("reminders")
        message = await mail_to("dora@example.org")
        assert "https://berth.example/b/" in message.text
        [listed] = await list_own_notices(Viewer(person_id=dora.person_id), limit=9)
        assert message.text.startswith(listed.text.removesuffix("…"))
        names = {"reminders_early", "reminders_quiet", "relay_notices", "prune_own_notices"}
        assert names <= set(worker.records)
