"""The doctor looks at mail server, Twilio and WeChat where they are set, and sends nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from berth.doctoring import Finding, Level
from berth.doctoring_channels import look_at_channels
from berth.settings import Settings
from tests.parking.notices.test_smtp import Relay
from tests.support.notice_stand_ins import (
    TWILIO_SID,
    TWILIO_TOKEN,
    WECHAT_APP,
    WECHAT_SECRET,
    TwilioStandIn,
    WeChatStandIn,
    served,
)

NOWHERE = "http://127.0.0.1:1"


async def found(settings: Settings) -> list[Finding]:
    return [finding async for finding in look_at_channels(settings)]


async def test_what_is_not_set_is_not_looked_at() -> None:
    assert await found(Settings()) == []


@pytest.fixture
async def mail() -> AsyncIterator[tuple[Relay, int]]:
    """A mail server that takes no passwords."""
    relay = Relay()
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with server:
        yield relay, server.sockets[0].getsockname()[1]


async def test_a_mail_server_that_takes_us_is_well(mail: tuple[Relay, int]) -> None:
    relay, port = mail
    [finding] = await found(Settings(smtp_url=f"smtp+plain://127.0.0.1:{port}/p@example.com"))
    assert (finding.name, finding.level) == ("e-mail", Level.OK)
    assert finding.about == f"127.0.0.1:{port} takes us as p@example.com"
    assert relay.received == []


async def test_a_mail_server_that_is_away_or_wants_another_fails(mail: tuple[Relay, int]) -> None:
    _, port = mail
    for where in ("127.0.0.1:1", f"me:hush@127.0.0.1:{port}"):
        [finding] = await found(Settings(smtp_url=f"smtp+plain://{where}/p@example.com"))
        assert finding.level is Level.FAIL
        assert "BERTH_SMTP_URL" in finding.advice
        assert "hush" not in str(finding)


def twilio(api: str, token: str = TWILIO_TOKEN) -> Settings:
    return Settings(
        twilio_account_sid=TWILIO_SID, twilio_auth_token=token, twilio_sender="+15005550006",
        twilio_api_base=api,
    )  # fmt: skip


async def test_twilios_account_is_asked_for_and_no_message_sent() -> None:
    async with served(TwilioStandIn) as made:
        [finding] = await found(twilio(made.url))
        assert (finding.name, finding.level) == ("SMS", Level.OK)
        assert [each.method for each in made.asked] == ["GET"]
        [finding] = await found(twilio(made.url, "a" * 32))
        assert (finding.level, finding.about) == (Level.FAIL, "Twilio said 401, error 20003")
        assert "BERTH_TWILIO_AUTH_TOKEN" in finding.advice
        made.status = "suspended"
        [finding] = await found(twilio(made.url))
        assert (finding.level, finding.about) == (Level.FAIL, "the Twilio account is suspended")
    [finding] = await found(twilio(NOWHERE))
    assert finding.about == "Twilio gave no answer (ConnectError)"


def wechat(api: str, secret: str = WECHAT_SECRET) -> Settings:
    return Settings(wechat_app_id=WECHAT_APP, wechat_secret=secret, wechat_api_base=api)


async def test_wechat_gives_a_token_or_what_is_wrong_is_told() -> None:
    async with served(WeChatStandIn) as made:
        [finding] = await found(wechat(made.url))
        assert (finding.name, finding.level) == ("WeChat", Level.OK)
        assert made.messages == []
        [finding] = await found(wechat(made.url, "0" * 32))
        assert finding.about == "WeChat gave no access token: error 40125"
        assert "BERTH_WECHAT_SECRET" in finding.advice
    [finding] = await found(wechat(NOWHERE))
    assert finding.level is Level.FAIL
