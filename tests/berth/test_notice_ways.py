"""The settings say by which ways notices go; a worker that is killed in the middle loses none."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from berth.notice_ways import close_ways, make_ways
from berth.setting_checks import SettingInvalid
from berth.settings import read_settings
from parking.clock import SystemClock, TestClock
from parking.devices.sealing import Sealer
from parking.notices.inbox import LogAndInboxChannel
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_notices
from parking.notices.records import Notice
from parking.notices.smtp import SmtpChannel, SmtpServer
from parking.notices.ways.plain import EmailWay, EmbeddedWay
from parking.notices.ways.twilio_sms import TwilioWay
from parking.notices.ways.webhook import WebhookWay
from parking.notices.ways.wechat import WeChatWay
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.support.notice_stand_ins import (
    TWILIO_SID,
    TWILIO_TOKEN,
    WECHAT_APP,
    WECHAT_SECRET,
    StandIn,
    TwilioStandIn,
    served,
)
from tests.support.running import SECRET, running

SEALER = Sealer(SECRET.encode())
TWILIO = {
    "BERTH_TWILIO_ACCOUNT_SID": TWILIO_SID, "BERTH_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
    "BERTH_TWILIO_SENDER": "+15005550006",
}  # fmt: skip
WECHAT = {
    "BERTH_WECHAT_APP_ID": WECHAT_APP, "BERTH_WECHAT_SECRET": WECHAT_SECRET,
    "BERTH_WECHAT_TEMPLATES": "PARKING_BOOKED=template-1:thing1=place,time2=starts;",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "smtp", "expected"),
    [
        ({}, False, {"WEBHOOK": WebhookWay}),
        (
            {"BERTH_DEVELOPMENT": "on"}, False,
            {"WEBHOOK": WebhookWay, "SMS": EmbeddedWay, "EMAIL": EmbeddedWay,
             "WECHAT": EmbeddedWay},
        ),
        (
            {**TWILIO, **WECHAT}, True,
            {"WEBHOOK": WebhookWay, "SMS": TwilioWay, "EMAIL": EmailWay, "WECHAT": WeChatWay},
        ),
    ],
)  # fmt: skip
async def test_ways_are_those_of_the_settings(
    clock: TestClock, given: dict[str, str], smtp: bool, expected: dict[str, type]
) -> None:
    settings = read_settings(given)
    mail = SmtpChannel(SmtpServer("127.0.0.1", 1, "berth@example.com"))
    channel = mail if smtp else LogAndInboxChannel(clock)
    ways = make_ways(settings, channel, SEALER, clock)
    assert {channel.value: type(way) for channel, way in ways.items()} == expected
    await close_ways(ways)


@pytest.mark.parametrize(
    "given",
    [
        {"BERTH_TWILIO_SENDER": "+15005550006"},
        {**TWILIO, "BERTH_TWILIO_SENDER": "Berth"},
        {**TWILIO, "BERTH_TWILIO_ACCOUNT_SID": "AC1"},
        {"BERTH_WECHAT_APP_ID": WECHAT_APP},
        {**WECHAT, "BERTH_WECHAT_TEMPLATES": "NOTHING=template-1:thing1=place"},
        {**WECHAT, "BERTH_WECHAT_TEMPLATES": "PARKING_BOOKED=template-1:thing1=colour"},
        {**WECHAT, "BERTH_WECHAT_TEMPLATES": "PARKING_BOOKED=template-1"},
    ],
)
def test_settings_that_cannot_be_are_told(given: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid) as told:
        read_settings(given)
    assert TWILIO_TOKEN not in told.value.message


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioStandIn]:
    async with served(TwilioStandIn) as made:
        yield made


async def states() -> list[str]:
    rows = await db().fetch("SELECT state FROM notice ORDER BY id")
    return [row["state"] for row in rows]


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - another process sets nothing
            await asyncio.sleep(0.05)


async def test_a_worker_killed_in_the_middle_loses_no_notice(
    database: str, twilio: TwilioStandIn, tmp_path: Path
) -> None:
    """Twilio has one SMS and no answer is through when the worker dies: that one comes twice."""
    now = datetime.now(UTC)
    async with transaction() as sql:
        await add_notices(sql, (_answer(number) for number in range(4)), now)
    twilio.faults.append(StandIn.HANG)
    settings: dict[str, Any] = {
        name.removeprefix("BERTH_"): text for name, text in TWILIO.items()
    } | {
        "DATABASE_URL": database, "SECRET_KEY": SECRET, "DATA_DIR": tmp_path,
        "TWILIO_API_BASE": twilio.url,
    }  # fmt: skip

    async def three_are_sent() -> bool:
        return len(twilio.asked) == 4 and (await states()).count("SENT") == 3

    with running("worker", **settings) as worker:
        await until(three_are_sent)
        worker.process.send_signal(signal.SIGKILL)
        twilio.end()

    assert sorted(await states()) == ["DUE", "SENT", "SENT", "SENT"]
    # Its lease has run out.
    await _expire_lease()

    async def all_are_sent() -> bool:
        return await states() == ["SENT"] * 4

    with running("worker", **settings):
        await until(all_are_sent)
    counted = Counter(each.form["Body"] for each in twilio.asked)
    again = twilio.asked[0].form["Body"]
    assert counted.pop(again) >= 2
    assert list(counted.values()) == [1, 1, 1]


def _answer(number: int) -> Notice:
    return Notice(
        key=f"answer:{number}", channel=NoticeChannel.SMS, recipient="+8613800138000",
        topic=NoticeTopic.ANSWER, fields={"text": f"Answer {number}"},
    )  # fmt: skip


async def _expire_lease() -> None:
    now = SystemClock().now()
    await db().execute(
        "UPDATE notice SET due_at = $1 WHERE state = 'DUE'", now - timedelta(seconds=1)
    )
