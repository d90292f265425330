"""E-mail by SMTP (RFC 5321), through the standard library."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal

from parking.notices.channel import NoticeNotSent

SMTP_TIMEOUT_SECONDS = 15


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

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand one e-mail over. Raises `NoticeNotSent`, also for a phone number."""
        if "@" not in to:
            raise NoticeNotSent("this installation can write to e-mail addresses only")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, to, subject
        message.set_content(text)
        try:
            await asyncio.to_thread(self._hand_over, message)
        except (smtplib.SMTPException, OSError) as error:
            raise NoticeNotSent("the e-mail could not be sent; try again in a minute") from error

    def _hand_over(self, message: EmailMessage) -> None:
        with self._connection() as smtp:
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            smtp.send_message(message)

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
