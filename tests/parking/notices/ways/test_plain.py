"""Notices by e-mail and, in development, by log and inbox."""

import asyncio
from email import message_from_bytes, policy

import pytest

from parking.clock import TestClock
from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.inbox import LogAndInboxChannel, inbox_messages
from parking.notices.kinds import NoticeChannel
from parking.notices.smtp import SmtpChannel, SmtpServer
from parking.notices.ways.plain import EmailWay, EmbeddedWay
from tests.parking.notices.post import letter
from tests.parking.notices.test_smtp import Relay


async def test_a_repeated_e_mail_has_the_same_message_id() -> None:
    relay = Relay()
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        way = EmailWay(SmtpChannel(SmtpServer("127.0.0.1", port, "berth@example.com", "none")))
        given = letter(channel=NoticeChannel.EMAIL, recipient="ada@example.com")
        for _ in range(2):
            reference = await way.deliver(given)
        with pytest.raises(NoticeRefused, match="550"):
            await way.deliver(letter(recipient="nobody@example.com"))
    first, second = (message_from_bytes(each, policy=policy.default) for each in relay.received)
    assert first["Message-ID"] == second["Message-ID"] == f"<{reference}@example.com>"
    assert first["Subject"] == given.subject


async def test_a_server_that_is_away_may_come_back() -> None:
    server = await asyncio.start_server(Relay(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    way = EmailWay(SmtpChannel(SmtpServer("127.0.0.1", port, "berth@example.com", "none")))
    with pytest.raises(NoticeNotSent) as told:
        await way.deliver(letter(recipient="ada@example.com"))
    assert not isinstance(told.value, NoticeRefused)


@pytest.mark.usefixtures("database")
async def test_in_development_every_channel_leads_to_the_inbox(clock: TestClock) -> None:
    way = EmbeddedWay(LogAndInboxChannel(clock))
    for channel in (NoticeChannel.SMS, NoticeChannel.WECHAT):
        await way.deliver(letter(channel=channel))
    assert [each.text for each in await inbox_messages("+8613800138000")] == [letter().body] * 2
