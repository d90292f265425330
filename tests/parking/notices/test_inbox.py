"""The embedded channel keeps the newest messages where every process sees them."""

import logging

import pytest

from parking.clock import TestClock
from parking.notices.inbox import INBOX_MESSAGES_MAX, LogAndInboxChannel, inbox_messages

pytestmark = pytest.mark.usefixtures("database")


async def test_a_message_is_logged_and_kept(
    clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "parking.notices")
    await LogAndInboxChannel(clock).send("+8613800138000", "Code", "123456 是验证码")
    (message,) = await inbox_messages()
    assert (message.recipient, message.text, message.at) == (
        "+8613800138000",
        "123456 是验证码",
        clock.now(),
    )
    assert "123456" in caplog.text


async def test_only_the_newest_are_kept(clock: TestClock) -> None:
    channel = LogAndInboxChannel(clock)
    for number in range(INBOX_MESSAGES_MAX + 3):
        await channel.send("ada@example.com", "Code", str(number))
    messages = await inbox_messages("ada@example.com")
    assert (messages[0].text, messages[-1].text) == (str(INBOX_MESSAGES_MAX + 2), "3")
    assert await inbox_messages("bob@example.com") == []


async def test_where_others_read_the_log_it_says_no_code(
    clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "parking.notices")
    await LogAndInboxChannel(clock, tells_text=False).send("ada@example.com", "Code", "123456")
    assert "BERTH_SMTP_URL" in caplog.text
    assert "123456" not in caplog.text
