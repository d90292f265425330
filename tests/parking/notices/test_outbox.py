"""A notice exists exactly when its cause does, and once."""

import json

import pytest

from parking.clock import TestClock
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.outbox import add_event, add_notices
from parking.notices.reach import Reach, Telling, notices_to
from parking.notices.records import Event
from parking.notices.webhooks.endpoints import insert_endpoint
from parking.storage.transactions import transaction
from tests.parking.notices.post import WAITLISTED, notice, put, rows

pytestmark = pytest.mark.usefixtures("database")

BOOKED = NoticeTopic.ORDER_BOOKED


class Sealing:
    """Seals nothing: what is sealed has tests of its own."""

    def seal(self, secret: bytes, label: str) -> str:
        return label + secret.hex()

    def open(self, sealed: str, label: str) -> bytes:
        return bytes.fromhex(sealed.removeprefix(label))


async def test_a_notice_goes_with_its_cause(clock: TestClock) -> None:
    with pytest.raises(RuntimeError):
        async with transaction() as sql:
            await add_notices(sql, [notice()], clock.now())
            raise RuntimeError("the order failed")
    assert await rows() == []


async def test_the_same_key_is_one_notice(clock: TestClock) -> None:
    assert await put(notice("a"), clock.now())
    assert not await put(notice("a", recipient="+4915112345678"), clock.now())
    assert [row["key"] for row in await rows()] == ["a"]


async def test_a_person_is_told_by_every_way_in_their_language(clock: TestClock) -> None:
    reach = Reach(phone="+8613800138000", email="li@example.com", wechat_open_id="o-1")
    telling = Telling(
        key="order:1/waitlisted", topic=NoticeTopic.PARKING_WAITLISTED, fields=WAITLISTED,
        locale="zh-CN", person_id=5,
    )  # fmt: skip
    async with transaction() as sql:
        assert await add_notices(sql, notices_to(reach, telling), clock.now()) == 2
    wechat, sms = await rows()
    assert (wechat["channel"], json.loads(wechat["body"])) == ("WECHAT", WAITLISTED)
    assert (sms["channel"], sms["locale"], sms["person_id"]) == ("SMS", "zh", 5)
    assert "候补名单" in sms["body"]


async def test_who_has_no_address_is_told_nothing() -> None:
    assert notices_to(Reach(), Telling(key="k", topic=BOOKED, fields={})) == []


async def test_long_values_never_fail_an_order(clock: TestClock) -> None:
    long = dict.fromkeys(("order", "place", "space", "starts", "ends"), "长" * 5_000)
    given = notice(topic=BOOKED, fields=long, channel=NoticeChannel.EMAIL, about="x" * 100)
    assert await put(given, clock.now())
    event = Event(key="e", organisation_id=1, topic=BOOKED, data=long, about="order:1")
    async with transaction() as sql:
        await insert_endpoint(
            sql, 1, "https://example.com/", [BOOKED], b"secret", Sealing(),
            created_by=None, at=clock.now(),
        )  # fmt: skip
        assert await add_event(sql, event, clock.now()) == 1
    payload = json.loads((await rows())[1]["body"])
    assert payload["data"] == {"about": "order:1", "isCut": True}


async def test_an_event_goes_to_those_endpoints_that_want_it(clock: TestClock) -> None:
    wanted = {
        "https://a.example/": (1, [BOOKED]),
        "https://b.example/": (1, [NoticeTopic.ORDER_MISSED]),
        "https://c.example/": (1, [BOOKED, NoticeTopic.ORDER_MISSED]),
        "https://d.example/": (2, [BOOKED]),
    }
    event = Event(key="order:1:2", organisation_id=1, topic=BOOKED, data={"order": "A-1"})
    async with transaction() as sql:
        for url, (organisation, topics) in wanted.items():
            await insert_endpoint(
                sql, organisation, url, topics, b"s", Sealing(), created_by=None, at=clock.now()
            )
        assert await add_event(sql, event, clock.now()) == 2
        assert await add_event(sql, event, clock.now()) == 0, "it was told before"
    told = await rows()
    assert [row["recipient"] for row in told] == ["https://a.example/", "https://c.example/"]
    assert json.loads(told[0]["body"]) == {
        "type": "order.booked", "timestamp": "2026-01-05T08:00:00Z", "data": {"order": "A-1"},
    }  # fmt: skip
