"""The ways of notices that the settings ask for."""

from random import SystemRandom
from typing import TYPE_CHECKING

from berth.settings import Settings
from parking.clock import Clock
from parking.notices.channel import Channel, Way, Ways
from parking.notices.inbox import LogAndInboxChannel
from parking.notices.kinds import PERSONAL, NoticeChannel, NoticeTopic
from parking.notices.smtp import SmtpChannel
from parking.notices.ways.plain import EmailWay, EmbeddedWay
from parking.notices.ways.webhook import WebhookWay
from parking.notices.ways.wechat import WeChatApp, WeChatTemplate, WeChatWay
from parking.notices.ways.wechat_login import WeChatCodes
from parking.notices.webhooks.endpoints import Sealing
from parking.notices.wechat_login import NoWeChat, WeChatLogin

if TYPE_CHECKING:
    from parking.notices.ways.twilio_sms import TwilioWay

chance = SystemRandom().random
"""By which retries spread."""


def make_ways(settings: Settings, channel: Channel, sealing: Sealing, clock: Clock) -> Ways:
    """What is set; in development log and inbox for the rest. Elsewhere what has no way becomes a
    dead letter, which says so, rather than a notice that reached nobody."""
    is_development = bool(settings.development)
    ways: dict[NoticeChannel, Way] = {
        NoticeChannel.WEBHOOK: WebhookWay(sealing, clock, is_development=is_development)
    }
    if is_development:
        ways |= dict.fromkeys(PERSONAL, EmbeddedWay(LogAndInboxChannel(clock)))
    if isinstance(channel, SmtpChannel):
        ways[NoticeChannel.EMAIL] = EmailWay(channel)
    if settings.wechat_app_id is not None:
        ways[NoticeChannel.WECHAT] = wechat_way(settings, clock)
    if settings.twilio_account_sid is not None:
        ways[NoticeChannel.SMS] = twilio_way(settings)
    return ways


async def close_ways(ways: Ways) -> None:
    """Let go of connections."""
    for way in ways.values():
        await way.close()


def twilio_way(settings: Settings) -> "TwilioWay":
    """SMS by the account that is set."""
    # The library takes long to load: only where it is used.
    from parking.notices.ways.twilio_sms import TwilioAccount, TwilioWay

    return TwilioWay(
        TwilioAccount(
            sid=settings.twilio_account_sid or "",
            token=settings.twilio_auth_token or "",
            sender=settings.twilio_sender or "",
            api=settings.twilio_api_base,
        )
    )


def wechat_way(settings: Settings, clock: Clock) -> WeChatWay:
    """Subscribe messages by the mini program that is set."""
    return WeChatWay(_wechat_app(settings), clock)


def make_wechat_login(settings: Settings) -> WeChatLogin:
    """Who signs in by the mini program that is set; without one nobody does."""
    return NoWeChat() if settings.wechat_app_id is None else WeChatCodes(_wechat_app(settings))


def _wechat_app(settings: Settings) -> WeChatApp:
    return WeChatApp(
        app_id=settings.wechat_app_id or "",
        secret=settings.wechat_secret or "",
        templates={
            NoticeTopic(topic): WeChatTemplate(template, dict(fields))
            for topic, template, fields in settings.wechat_templates
        },
        api=settings.wechat_api_base,
    )
