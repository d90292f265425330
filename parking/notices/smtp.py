"""E-mail by SMTP (RFC 5321), through the standard library."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from parking.notices.channel import NoticeNotSent, NoticeRefused

SMTP_TIMEOUT_SECONDS = 15
SMTP_PERMANENT = 500
"""Replies from here on mean that the same will never be taken."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where to hand e-mail over, and how. `security="none"` is for a relay on the same machine."""

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""


class SmtpChannel:
    """A `Channel` for e-mail addresses."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, to: str, subject: str, text: str, message_id: str = "") -> None:
        """Hand one e-mail over; `message_id` is the left part of its Message-ID.

        Raises `NoticeNotSent`, and `NoticeRefused` for a phone number or an address that the server
        refuses for good (5xx, RFC 5321 section 4.2.1).
        """
        if "@" not in to:
            raise NoticeRefused("this installation can write to e-mail addresses only")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, to, subject
        if message_id:
            message["Message-ID"] = f"<{message_id}@{self._server.sender.rpartition('@')[2]}>"
        message.set_content(text)
        try:
            await asyncio.to_thread(self._hand_over, message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next((code for code, _ in error.recipients.values()), 0)
            kind = NoticeRefused if code >= SMTP_PERMANENT else NoticeNotSent
            raise kind(f"the mail server refuses the address ({code})") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeNotSent("the e-mail could not be sent; try again in a minute") from error

    async def check(self) -> None:
        """Whether the server takes us: connected, secured and signed in, nothing sent.

        Raises `NoticeNotSent`; its message has no secret.
        """
        try:
            await asyncio.to_thread(self._greet)
        except smtplib.SMTPAuthenticationError as error:
            raise NoticeNotSent(f"it refuses user and password ({error.smtp_code})") from error
        except (smtplib.SMTPException, OSError) as error:
            told = type(error).__name__
            raise NoticeNotSent(f"no conversation was possible ({told})") from error

    def _greet(self) -> None:
        with self._connection() as smtp:
            smtp.ehlo_or_helo_if_needed()
            self._sign_in(smtp)
            smtp.noop()

    def _hand_over(self, message: EmailMessage) -> None:
        with self._connection() as smtp:
            self._sign_in(smtp)
            smtp.send_message(message)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self._server.user:
            smtp.login(self._server.user, self._server.password)

    def _connection(self) -> smtplib.SMTP:
        server, verified = self._server, ssl.create_default_context()
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=SMTP_TIMEOUT_SECONDS, context=verified
            )
        smtp = smtplib.SMTP(server.host, server.port, timeout=SMTP_TIMEOUT_SECONDS)
        if server.security == "starttls":
            smtp.starttls(context=verified)
        return smtp
