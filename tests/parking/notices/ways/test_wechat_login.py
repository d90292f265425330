"""Login codes of mini programs, against a server that answers as WeChat documents."""

import logging
from collections.abc import AsyncIterator

import pytest

from parking.errors import Refusal
from parking.notices.ways.wechat import WeChatApp
from parking.notices.ways.wechat_login import WeChatCodes
from parking.notices.wechat_login import NoWeChat, WeChatCodeRejected, WeChatNotConfigured
from tests.support.notice_stand_ins import WECHAT_APP, WECHAT_SECRET, WeChatStandIn, served


@pytest.fixture
async def wechat() -> AsyncIterator[WeChatStandIn]:
    async with served(WeChatStandIn) as made:
        made.logins = {"code-1": "open-1", "odd": "open\n1"}
        yield made


@pytest.fixture
async def login(wechat: WeChatStandIn) -> AsyncIterator[WeChatCodes]:
    made = WeChatCodes(WeChatApp(WECHAT_APP, WECHAT_SECRET, {}, wechat.url))
    yield made
    await made.close()


async def test_a_code_is_somebodys_once(
    wechat: WeChatStandIn, login: WeChatCodes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await login.open_id_of("code-1") == "open-1"
        with pytest.raises(WeChatCodeRejected):
            await login.open_id_of("code-1")
    assert wechat.asked[0].method == "GET"
    assert caplog.text == ""


async def test_what_cannot_be_a_code_is_not_asked_for(
    wechat: WeChatStandIn, login: WeChatCodes
) -> None:
    for text in ("", "x" * 129, "码"):
        with pytest.raises(WeChatCodeRejected):
            await login.open_id_of(text)
    assert wechat.asked == []


async def test_what_wechat_says_is_told(wechat: WeChatStandIn, login: WeChatCodes) -> None:
    said = {
        40029: "WECHAT_CODE_REJECTED", 40163: "WECHAT_CODE_REJECTED", 40226: "WECHAT_BLOCKED",
        45011: "WECHAT_BUSY", -1: "WECHAT_BUSY", 40013: "WECHAT_NOT_CONFIGURED",
        99999: "WECHAT_BUSY",
    }  # fmt: skip
    for errcode, expected in said.items():
        wechat.login_errors.append(errcode)
        with pytest.raises(Refusal) as refused:
            await login.open_id_of("code-1")
        assert refused.value.code == expected
        assert "code-1" not in str(refused.value)
    assert await login.open_id_of("code-1") == "open-1"


async def test_what_is_no_answer_is_busy(wechat: WeChatStandIn, login: WeChatCodes) -> None:
    wechat.faults.extend([500, WeChatStandIn.CUT])
    for code in ("code-1", "code-1", "odd"):
        with pytest.raises(Refusal) as refused:
            await login.open_id_of(code)
        assert refused.value.code == "WECHAT_BUSY"
        assert WECHAT_SECRET not in str(refused.value)


async def test_a_false_secret_is_ours_to_mend(wechat: WeChatStandIn) -> None:
    login = WeChatCodes(WeChatApp(WECHAT_APP, "false", {}, wechat.url))
    with pytest.raises(WeChatNotConfigured):
        await login.open_id_of("code-1")
    await login.close()


async def test_without_a_mini_program_nobody_signs_in() -> None:
    with pytest.raises(WeChatNotConfigured):
        await NoWeChat().open_id_of("code-1")
