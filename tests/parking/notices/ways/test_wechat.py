"""Subscribe messages, against a server that answers as WeChat documents."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parking.clock import TestClock
from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.records import Letter
from parking.notices.ways.wechat import WeChatApp, WeChatTemplate, WeChatWay
from tests.parking.notices.post import letter
from tests.support.notice_stand_ins import (
    TOKEN_SECONDS,
    WECHAT_APP,
    WECHAT_SECRET,
    WeChatStandIn,
    served,
)

TEMPLATES = {
    NoticeTopic.PARKING_BOOKED: WeChatTemplate("tpl-1", {"thing1": "place", "time2": "starts"})
}


@pytest.fixture
async def wechat() -> AsyncIterator[WeChatStandIn]:
    async with served(WeChatStandIn) as made:
        yield made


@pytest.fixture
async def way(wechat: WeChatStandIn, clock: TestClock) -> AsyncIterator[WeChatWay]:
    made = WeChatWay(app(wechat), clock)
    yield made
    await made.close()


def app(wechat: WeChatStandIn, **more: Any) -> WeChatApp:
    given: dict[str, Any] = {"secret": WECHAT_SECRET, "templates": TEMPLATES, "api": wechat.url}
    return WeChatApp(WECHAT_APP, **{**given, **more})


def booked(place: str = "海港车库", **more: Any) -> Letter:
    fields = {"place": place, "starts": "2026-01-05 19:30", "link": "https://example.com/b/1"}
    given: dict[str, Any] = {
        "channel": NoticeChannel.WECHAT, "recipient": "open-1", "locale": "zh",
        "body": json.dumps(fields),
    }  # fmt: skip
    return letter(**{**given, **more})


async def test_a_message_shows_what_the_template_says(
    wechat: WeChatStandIn, way: WeChatWay
) -> None:
    await way.deliver(booked())
    await way.deliver(booked("一二三四五六七八九十一二三四五六七八九十一"))
    first, second = wechat.messages
    assert first == {
        "touser": "open-1", "template_id": "tpl-1", "lang": "zh_CN",
        "data": {"thing1": {"value": "海港车库"}, "time2": {"value": "2026-01-05 19:30"}},
    }  # fmt: skip
    assert len(second["data"]["thing1"]["value"]) == 20
    assert second["data"]["thing1"]["value"].endswith("…")


async def test_one_token_serves_until_it_ends(
    wechat: WeChatStandIn, way: WeChatWay, clock: TestClock
) -> None:
    await asyncio.gather(*(way.deliver(booked()) for _ in range(5)))
    assert wechat.tokens == 1
    clock.advance(seconds=TOKEN_SECONDS - 299)
    await way.deliver(booked())
    assert (wechat.tokens, len(wechat.messages)) == (2, 6)


async def test_a_token_that_was_ended_is_renewed_once(
    wechat: WeChatStandIn, way: WeChatWay
) -> None:
    await way.deliver(booked())
    wechat.ended |= {"token1"}
    await way.deliver(booked())
    assert wechat.tokens == 2
    wechat.ended |= {"token2", "token3"}
    with pytest.raises(NoticeNotSent, match="42001"):
        await way.deliver(booked())
    assert wechat.tokens == 3


@pytest.mark.parametrize("code", [-1, 45009])
async def test_some_errors_may_pass(wechat: WeChatStandIn, way: WeChatWay, code: int) -> None:
    wechat.codes.append(code)
    with pytest.raises(NoticeNotSent) as told:
        await way.deliver(booked())
    assert not isinstance(told.value, NoticeRefused)
    await way.deliver(booked())


@pytest.mark.parametrize(
    ("code", "why"),
    [(43101, "subscribed"), (40003, "open id"), (47003, "values"), (99999, "documentation")],
)
async def test_other_errors_are_for_good(
    wechat: WeChatStandIn, way: WeChatWay, code: int, why: str
) -> None:
    wechat.codes.append(code)
    with pytest.raises(NoticeRefused, match=why):
        await way.deliver(booked())


@pytest.mark.parametrize("fault", [WeChatStandIn.CUT, 500])
async def test_no_answer_may_pass_and_tells_no_token(
    wechat: WeChatStandIn, way: WeChatWay, fault: int
) -> None:
    await way.deliver(booked())
    wechat.faults.append(fault)
    with pytest.raises(NoticeNotSent) as told:
        await way.deliver(booked())
    assert "token1" not in told.value.message
    assert told.value.__cause__ is None


async def test_a_false_secret_is_ours_to_correct(wechat: WeChatStandIn, clock: TestClock) -> None:
    way = WeChatWay(app(wechat, secret="0" * 32), clock)
    with pytest.raises(NoticeNotSent, match="40125") as told:
        await way.deliver(booked())
    await way.close()
    assert not isinstance(told.value, NoticeRefused)


async def test_what_has_no_template_is_refused(wechat: WeChatStandIn, way: WeChatWay) -> None:
    with pytest.raises(NoticeRefused, match="BERTH_WECHAT_TEMPLATES"):
        await way.deliver(booked(topic=NoticeTopic.PARKING_MISSED))
    with pytest.raises(NoticeRefused, match="starts"):
        await way.deliver(booked(body='{"place": "x"}'))
    assert wechat.asked == []
