"""Webhooks reach a real server: signed, once more after a failure, never by a detour."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.notices.channel import NoticeNotSent, NoticePostponed, NoticeRefused
from parking.notices.kinds import EndpointState, NoticeChannel, NoticeTopic
from parking.notices.limits import NOTICES_AT_ONCE_MAX
from parking.notices.outbox import add_event
from parking.notices.records import Event, Letter
from parking.notices.sending import send_notices
from parking.notices.ways.webhook import WebhookWay
from parking.notices.webhooks.endpoints import (
    Endpoint,
    delete_endpoint,
    endpoint_by_id,
    insert_endpoint,
    rotate_secret,
    set_state,
)
from parking.notices.webhooks.signing import is_genuine
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.parking.notices.post import letter, rows, states
from tests.support.notice_stand_ins import StandIn, certified, served

pytestmark = pytest.mark.usefixtures("database")

SEALER = Sealer(b"a secret of the tests, long enough")
SECRET, FRESH = b"s" * 32, b"f" * 32
BOOKED = NoticeTopic.ORDER_BOOKED


@pytest.fixture
async def receiver() -> AsyncIterator[StandIn]:
    async with served(StandIn) as made:
        yield made


def way(clock: TestClock, *, is_development: bool = True, seconds_max: float = 15) -> WebhookWay:
    return WebhookWay(SEALER, clock, is_development=is_development, seconds_max=seconds_max)


async def listening(receiver: StandIn, clock: TestClock, path: str = "/hook?a=1") -> Endpoint:
    async with transaction() as sql:
        return await insert_endpoint(
            sql, 1, receiver.url + path, [BOOKED], SECRET, SEALER, created_by=None, at=clock.now()
        )


def to(endpoint: Endpoint) -> Letter:
    return letter(channel=NoticeChannel.WEBHOOK, webhook_id=endpoint.id, body='{"type":"预订"}')


async def test_an_event_arrives_signed(receiver: StandIn, clock: TestClock) -> None:
    endpoint = await listening(receiver, clock)
    assert await way(clock).deliver(to(endpoint)) == "HTTP 204"
    [asked] = receiver.asked
    assert (asked.method, asked.path, asked.json) == ("POST", "/hook?a=1", {"type": "预订"})
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["host"] == receiver.url.removeprefix("http://")
    assert is_genuine(headers, asked.body, SECRET, clock.now())


async def test_both_secrets_sign_for_a_day_after_a_rotation(
    receiver: StandIn, clock: TestClock
) -> None:
    endpoint = await listening(receiver, clock)
    async with transaction() as sql:
        await rotate_secret(sql, endpoint, FRESH, SEALER, clock.now())
    for is_former_good in (True, False):
        await way(clock).deliver(to(endpoint))
        headers = {name.lower(): value for name, value in receiver.asked[-1].headers.items()}
        body = receiver.asked[-1].body
        assert is_genuine(headers, body, FRESH, clock.now())
        assert is_genuine(headers, body, SECRET, clock.now()) == is_former_good
        clock.advance(days=1)


async def test_a_redirect_is_not_followed(receiver: StandIn, clock: TestClock) -> None:
    endpoint = await listening(receiver, clock)
    receiver.headers = {"location": f"{receiver.url}/inner"}
    receiver.faults.append(307)
    with pytest.raises(NoticeNotSent, match="307"):
        await way(clock).deliver(to(endpoint))
    assert len(receiver.asked) == 1


async def test_a_failure_may_pass(receiver: StandIn, clock: TestClock) -> None:
    endpoint = await listening(receiver, clock)
    for fault in (StandIn.CUT, 400, 404, 500):
        receiver.faults.append(fault)
        with pytest.raises(NoticeNotSent) as told:
            await way(clock).deliver(to(endpoint))
        assert not isinstance(told.value, NoticeRefused), fault
    assert await way(clock).deliver(to(endpoint)) == "HTTP 204"
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1


async def test_an_endpoint_that_hangs_is_not_waited_for(
    receiver: StandIn, clock: TestClock
) -> None:
    endpoint = await listening(receiver, clock)
    receiver.faults.append(StandIn.HANG)
    with pytest.raises(NoticeNotSent, match="time"):
        await way(clock, seconds_max=0.3).deliver(to(endpoint))


async def test_a_wanted_pause_is_heard(receiver: StandIn, clock: TestClock) -> None:
    endpoint = await listening(receiver, clock)
    wanted = {"120": 120, "Mon, 05 Jan 2026 08:10:00 GMT": 600, "soon": None, "-1": None}
    for told, seconds in wanted.items():
        receiver.headers = {"retry-after": told}
        receiver.faults.append(503)
        with pytest.raises(NoticeNotSent) as refused:
            await way(clock).deliver(to(endpoint))
        assert refused.value.wanted == (None if seconds is None else timedelta(seconds=seconds))


async def test_gone_pauses_the_endpoint(receiver: StandIn, clock: TestClock) -> None:
    endpoint = await listening(receiver, clock)
    receiver.faults.append(410)
    with pytest.raises(NoticeRefused):
        await way(clock).deliver(to(endpoint))
    now = await endpoint_by_id(database(), endpoint.id)
    assert now is not None
    assert (now.state, now.reason) == (EndpointState.PAUSED, "it answered 410 Gone")
    with pytest.raises(NoticePostponed):
        await way(clock).deliver(to(endpoint))
    assert len(receiver.asked) == 1


async def test_the_certificate_is_that_of_the_name_though_the_address_was_checked(
    clock: TestClock, tmp_path: Path
) -> None:
    shown, trusting = certified("hook.example", tmp_path)

    async def look_up(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with served(StandIn, shown) as receiver:
        port = receiver.url.rpartition(":")[2]
        for name, is_good in (("hook.example", True), ("other.example", False)):
            receiver.url = f"https://{name}:{port}"
            endpoint = await listening(receiver, clock)
            https = WebhookWay(SEALER, clock, is_development=True, look_up=look_up, tls=trusting)
            if is_good:
                assert await https.deliver(to(endpoint)) == "HTTP 204"
                assert receiver.asked[0].headers["Host"] == f"hook.example:{port}"
            else:
                with pytest.raises(NoticeNotSent, match="ConnectError"):
                    await https.deliver(to(endpoint))
        assert len(receiver.asked) == 1


async def test_outside_of_development_nothing_inside_is_reached(
    receiver: StandIn, clock: TestClock
) -> None:
    endpoint = await listening(receiver, clock)
    with pytest.raises(NoticeRefused, match="public"):
        await way(clock, is_development=False).deliver(to(endpoint))
    assert receiver.asked == []


async def test_a_paused_endpoint_loses_nothing_and_a_deleted_one_gets_nothing(
    receiver: StandIn, clock: TestClock
) -> None:
    endpoint, ways = await listening(receiver, clock), {NoticeChannel.WEBHOOK: way(clock)}

    async def run() -> int:
        return await send_notices(ways, clock, lambda: 0.0, [NoticeChannel.WEBHOOK])

    async with transaction() as sql:
        event = Event(key="e1", organisation_id=1, topic=BOOKED, data={})
        assert await add_event(sql, event, clock.now()) == 1
        await set_state(sql, endpoint.id, EndpointState.PAUSED, clock.now())
    await run()
    assert (await rows())[0]["attempts"] == 0
    await set_state(database(), endpoint.id, EndpointState.ACTIVE, clock.now())
    clock.advance(minutes=5)
    await run()
    assert (await states(), len(receiver.asked)) == (["SENT"], 1)
    async with transaction() as sql:
        await add_event(sql, Event(key="e2", organisation_id=1, topic=BOOKED, data={}), clock.now())
        await delete_endpoint(sql, endpoint.id, clock.now())
    await run()
    assert (await states(), len(receiver.asked)) == (["SENT", "DROPPED"], 1)


async def test_an_endpoint_that_fails_keeps_its_own_events_waiting_and_no_others(
    receiver: StandIn, clock: TestClock
) -> None:
    ways = {NoticeChannel.WEBHOOK: way(clock)}

    async def run() -> int:
        return await send_notices(ways, clock, lambda: 0.0, [NoticeChannel.WEBHOOK])

    async with served(StandIn) as other:
        await listening(receiver, clock)
        async with transaction() as sql:
            for number in range(NOTICES_AT_ONCE_MAX + 5):
                event = Event(key=f"e{number}", organisation_id=1, topic=BOOKED, data={})
                await add_event(sql, event, clock.now())
        await listening(other, clock)
        async with transaction() as sql:
            event = Event(key="last", organisation_id=1, topic=BOOKED, data={})
            await add_event(sql, event, clock.now())
        receiver.faults.extend([500] * NOTICES_AT_ONCE_MAX)
        assert await run() == NOTICES_AT_ONCE_MAX
        assert await run() == 1, "the others' turn"
        assert (len(receiver.asked), len(other.asked)) == (NOTICES_AT_ONCE_MAX, 1)
        clock.advance(seconds=5)
        while await run():
            pass
    assert set(await states()) == {"SENT"}
