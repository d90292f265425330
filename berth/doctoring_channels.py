"""The doctor's look at the channels to people that are set: nothing is sent to anybody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from berth.doctoring import Finding, fail, ok
from berth.mail import smtp_server
from berth.notice_ways import twilio_way, wechat_way
from berth.settings import Settings
from parking.clock import SystemClock
from parking.notices.channel import NoticeNotSent
from parking.notices.smtp import SmtpChannel

CHANNEL_SECONDS_MAX = 8.0
ACTIVE = "active"
"""The status of a Twilio account that can send."""


async def look_at_channels(settings: Settings) -> AsyncIterator[Finding]:
    """Mail server, Twilio and WeChat, each where it is set."""
    if settings.smtp_url is not None:
        yield await look_at_mail(settings.smtp_url)
    if settings.twilio_account_sid is not None:
        yield await look_at_twilio(settings)
    if settings.wechat_app_id is not None:
        yield await look_at_wechat(settings)


async def look_at_mail(url: str) -> Finding:
    """Whether the mail server takes us."""
    server = smtp_server(url)
    name = f"{server.host}:{server.port}"
    told = await _trouble(SmtpChannel(server).check)
    if told is not None:
        return fail("e-mail", f"{name}: {told}", "start the mail server, or correct BERTH_SMTP_URL")
    return ok("e-mail", f"{name} takes us as {server.sender}")


async def look_at_twilio(settings: Settings) -> Finding:
    """Whether the account answers to its token, and is active."""
    way, status = twilio_way(settings), ""

    async def ask() -> None:
        nonlocal status
        status = await way.check()

    try:
        told = await _trouble(ask)
    finally:
        await way.close()
    if told is not None:
        advice = "correct BERTH_TWILIO_ACCOUNT_SID and BERTH_TWILIO_AUTH_TOKEN (docs/notices.md)"
        return fail("SMS", told, advice)
    if status != ACTIVE:
        return fail("SMS", f"the Twilio account is {status}", "see to it at Twilio")
    return ok("SMS", "the Twilio account answers")


async def look_at_wechat(settings: Settings) -> Finding:
    """Whether WeChat gives an access token."""
    way = wechat_way(settings, SystemClock())
    try:
        told = await _trouble(way.check)
    finally:
        await way.close()
    if told is not None:
        advice = (
            "correct BERTH_WECHAT_APP_ID and BERTH_WECHAT_SECRET, and let this machine's address"
            " into the app's list at WeChat (docs/notices.md)"
        )
        return fail("WeChat", told, advice)
    return ok("WeChat", "an access token is given")


async def _trouble(check: Callable[[], Awaitable[None]]) -> str | None:
    """What is wrong; None where all is well."""
    try:
        async with asyncio.timeout(CHANNEL_SECONDS_MAX):
            await check()
    except NoticeNotSent as error:
        return error.message
    except TimeoutError:
        return f"no answer within {CHANNEL_SECONDS_MAX:g} s"
    return None
