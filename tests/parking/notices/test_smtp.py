"""E-mail is handed over to a real SMTP conversation, or the caller is told."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy

import pytest

from parking.notices.channel import NoticeNotSent
from parking.notices.smtp import SmtpChannel, SmtpServer

ADA = "ada@example.com"


class Relay:
    """A small SMTP server (RFC 5321) that keeps what it is given; refuses `nobody@`."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.received.append(await reader.readuntil(b"\r\n.\r\n"))
            refused = verb == b"RCPT" and b"nobody@" in line
            bye = verb == b"QUIT"
            writer.write(
                b"550 unknown\r\n" if refused else b"221 bye\r\n" if bye else b"250 ok\r\n"
            )
        writer.close()


@pytest.fixture
async def relay() -> AsyncIterator[tuple[Relay, SmtpChannel]]:
    kept = Relay()
    server = await asyncio.start_server(kept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield kept, SmtpChannel(SmtpServer("127.0.0.1", port, "berth@example.com", "none"))


async def test_a_message_arrives_whole(relay: tuple[Relay, SmtpChannel]) -> None:
    kept, channel = relay
    await channel.send(ADA, "登录验证码", "123456 是验证码")
    message = message_from_bytes(kept.received[0], policy=policy.default)
    assert (message["To"], message["Subject"]) == (ADA, "登录验证码")
    body = message.get_body()
    assert body is not None
    assert "123456 是验证码" in body.get_content()


@pytest.mark.parametrize("to", ["nobody@example.com", "+8613800138000"])
async def test_what_cannot_be_sent_is_told(relay: tuple[Relay, SmtpChannel], to: str) -> None:
    with pytest.raises(NoticeNotSent):
        await relay[1].send(to, "Code", "123456")


async def test_a_server_that_is_not_there_is_told() -> None:
    server = await asyncio.start_server(Relay(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(NoticeNotSent):
        await SmtpChannel(SmtpServer("127.0.0.1", port, ADA, "none")).send(ADA, "Code", "1")


async def test_a_subject_cannot_smuggle_a_header(relay: tuple[Relay, SmtpChannel]) -> None:
    with pytest.raises(ValueError, match="line"):
        await relay[1].send(ADA, "Code\r\nBcc: all@example.com", "123456")
