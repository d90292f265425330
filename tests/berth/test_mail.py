"""The channel to people: a mail server where one is set, else the log."""

import pytest

from berth.mail import make_channel, smtp_server
from berth.settings import Settings
from parking.clock import TestClock
from parking.notices.inbox import LogAndInboxChannel
from parking.notices.smtp import SmtpChannel, SmtpServer

SENDER = "parking@example.com"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (f"smtp://mail.example/{SENDER}", SmtpServer("mail.example", 587, SENDER)),
        (f"smtps://me:a%40b@mail.example/{SENDER}",
         SmtpServer("mail.example", 465, SENDER, "tls", "me", "a@b")),
        (f"smtp+plain://localhost:2525/{SENDER}", SmtpServer("localhost", 2525, SENDER, "none")),
    ],
)  # fmt: skip
def test_a_url_names_a_mail_server(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


def test_a_mail_server_is_used_where_one_is_set(clock: TestClock) -> None:
    settings = Settings(smtp_url=f"smtp://mail.example/{SENDER}")
    assert isinstance(make_channel(settings, clock), SmtpChannel)


def test_without_one_messages_go_to_log_and_inbox(clock: TestClock) -> None:
    assert isinstance(make_channel(Settings(), clock), LogAndInboxChannel)
