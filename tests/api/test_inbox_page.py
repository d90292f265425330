"""The development inbox shows messages to developers, and exists for nobody else."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from api.inbox import inbox_routes
from parking.clock import TestClock
from parking.notices.inbox import LogAndInboxChannel


@pytest.fixture
async def browser(database: str, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    assert database
    channel = LogAndInboxChannel(clock)
    await channel.send("ada@example.com", "<b>Code</b>", "123456 是验证码")
    await channel.send("+8613800138000", "Code", "654321")
    transport = httpx.ASGITransport(Starlette(routes=inbox_routes(development=True)))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth.test") as client:
        yield client


async def test_the_page_shows_the_newest_first_and_escapes(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/dev/inbox")
    assert answer.text.index("654321") < answer.text.index("123456 是验证码")
    assert "<b>Code" not in answer.text
    assert "script" not in answer.headers["content-security-policy"]


async def test_the_json_is_the_same_for_programs(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/dev/inbox.json", params={"to": "+8613800138000"})
    (message,) = answer.json()
    assert (message["text"], message["at"]) == ("654321", "2026-01-05T08:00:00Z")


def test_outside_development_there_is_no_inbox() -> None:
    assert inbox_routes(development=False) == []
