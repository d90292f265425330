"""The channel to people that the settings ask for."""

from urllib.parse import unquote, urlsplit

from berth.setting_kinds import SMTP_PORTS
from berth.settings import Settings
from parking.clock import Clock
from parking.notices.channel import Channel
from parking.notices.inbox import LogAndInboxChannel
from parking.notices.smtp import SmtpChannel, SmtpServer

_SECURITY = {"smtp": "starttls", "smtps": "tls", "smtp+plain": "none"}


def make_channel(settings: Settings, clock: Clock) -> Channel:
    """The mail server, or, where none is set, log and inbox, which reach nobody."""
    if settings.smtp_url is not None:
        return SmtpChannel(smtp_server(settings.smtp_url))
    return LogAndInboxChannel(clock, tells_text=bool(settings.development))


def smtp_server(url: str) -> SmtpServer:
    """The server that a checked `BERTH_SMTP_URL` names."""
    parts = urlsplit(url)
    return SmtpServer(
        host=parts.hostname or "",
        port=parts.port or SMTP_PORTS[parts.scheme],
        sender=unquote(parts.path.lstrip("/")),
        security=_SECURITY[parts.scheme],  # type: ignore[arg-type]
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
