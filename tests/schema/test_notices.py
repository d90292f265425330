"""Wishes, webhook endpoints and dead letters, as a frontend has them."""

import base64
from typing import Any

from parking.notices.dead import dead_by_id
from parking.notices.kinds import NoticeTopic
from parking.notices.models import Notice
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.relay import NoticeRelay
from parking.notices.webhooks.endpoints import endpoint_by_id, secrets_of
from parking.storage.sql import database
from parking.storage.transactions import transaction
from schema.ids import global_id, key_of
from tests.schema.town import Town

WISH = """mutation ($input: SetNoticePreferenceInput!, $key: String!) {
  it: setNoticePreference(input: $input, idempotencyKey: $key) {
    ... on NoticePreferenceSet { preference { mutedTopics quietFrom quietUntil timeZone } }
    ... on InvalidInput { field } } }"""
CREATE = """mutation ($input: CreateWebhookEndpointInput!, $key: String!) {
  it: createWebhookEndpoint(input: $input, idempotencyKey: $key) { __typename
    ... on WebhookEndpointCreated { secret endpoint { id url topics state formerSecretUntil } }
    ... on Refusal { code } ... on InvalidInput { field } } }"""
ROTATE = """mutation ($id: ID!, $key: String!) {
  it: rotateWebhookSecret(endpointId: $id, idempotencyKey: $key) {
    ... on WebhookSecretRotated { secret endpoint { formerSecretUntil } } } }"""
DEAD = """query ($id: ID!, $after: String) { node(id: $id) { ... on Organisation {
  deadNotices(first: 2, after: $after) {
    nodes { id channel topic recipient attempts lastError } pageInfo { endCursor hasNextPage } }
} } }"""
REPLAY = """mutation ($ids: [ID!]!, $key: String!) {
  it: replayNotices(noticeIds: $ids, idempotencyKey: $key) { __typename
    ... on NoticesReplayed { noticeIds } } }"""


async def wish(town: Town, **wished: Any) -> Any:
    return (await town.ask("driver", WISH, input=wished, key=town.fresh_key()))["it"]


async def test_wishes_are_kept_and_replaced(town: Town) -> None:
    wished = {
        "mutedTopics": ["PARKING_REMINDER"], "quietFrom": "22:00", "quietUntil": "07:30",
        "timeZone": "Asia/Shanghai",
    }  # fmt: skip
    assert (await wish(town, **wished))["preference"] == wished
    assert (await wish(town))["preference"] == {
        "mutedTopics": [], "quietFrom": None, "quietUntil": None, "timeZone": "UTC",
    }  # fmt: skip


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"mutedTopics": ["PARKING_BOOKED"]}, "muted"),
    ({"quietFrom": "22:00"}, "quietUntil"),
    ({"quietFrom": "24:00", "quietUntil": "07:00"}, "quietFrom"),
    ({"quietFrom": "22:00", "quietUntil": "7 am"}, "quietUntil"),
    ({"quietFrom": "22:00", "quietUntil": "22:00"}, "quietUntil"),
)


async def test_what_cannot_be_wished_is_told(town: Town) -> None:
    for wished, field in IMPOSSIBLE:
        assert await wish(town, **wished) == {"field": field}, wished


async def create(town: Town, key: str = "", **more: Any) -> Any:
    given = {
        "organisationId": town.ids["harbour"], "url": "https://example.com/hook",
        "topics": ["ORDER_MISSED", "ORDER_BOOKED", "ORDER_BOOKED"], **more,
    }  # fmt: skip
    return (await town.ask("operator", CREATE, input=given, key=key or town.fresh_key()))["it"]


async def test_a_secret_is_shown_once_and_kept_sealed(town: Town) -> None:
    made = await create(town, "once")
    assert made["endpoint"]["topics"] == ["ORDER_BOOKED", "ORDER_MISSED"]
    again = await create(town, "once")
    assert again == {**made, "secret": None}
    endpoint = await endpoint_by_id(
        database(), key_of(made["endpoint"]["id"], "WebhookEndpoint") or 0
    )
    assert endpoint is not None
    [kept] = secrets_of(endpoint, town.services.sealer, town.clock.now())
    assert base64.b64decode(made["secret"].removeprefix("whsec_")) == kept
    for table in ("audit_entry", "idempotent_answer", "webhook_endpoint"):
        assert made["secret"][6:] not in repr(await database().fetch(f"SELECT * FROM {table}"))


async def test_a_rotation_leaves_the_former_secret_for_a_day(town: Town) -> None:
    made = await create(town)
    rotated = await town.ask("operator", ROTATE, id=made["endpoint"]["id"], key=town.fresh_key())
    assert rotated["it"]["secret"] not in (None, made["secret"])
    until = rotated["it"]["endpoint"]["formerSecretUntil"]
    assert (made["endpoint"]["formerSecretUntil"], until[:10]) == (None, "2026-01-06")


UNUSABLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"url": "http://example.com/"}, "url"),
    ({"url": "https://192.168.0.7/"}, "url"),
    ({"topics": []}, "topics"),
    ({"topics": ["PARKING_BOOKED"]}, "topics"),
)


async def test_an_endpoint_that_cannot_be_is_told(town: Town) -> None:
    for more, field in UNUSABLE:
        assert (await create(town, **more))["field"] == field, more


async def test_an_organisation_has_so_many_endpoints(town: Town) -> None:
    for _ in range(10):
        assert (await create(town))["__typename"] == "WebhookEndpointCreated"
    assert (await create(town))["code"] == "TOO_MANY_ENDPOINTS"


async def test_dead_letters_are_paged_and_replayed_all_or_none(town: Town) -> None:
    now = town.clock.now()
    keys = [
        (
            await Notice.create(
                key=f"n{number}", channel="EMAIL", state="DEAD", recipient="li@example.com",
                organisation_id=town.keys["harbour"], topic=NoticeTopic.ORDER_BOOKED, body="text",
                attempts=3, last_error="no", due_at=now, give_up_at=now, created_at=now,
                done_at=now,
            )
        ).id
        for number in range(3)
    ]  # fmt: skip
    first = (await town.ask("operator", DEAD, id=town.ids["harbour"]))["node"]["deadNotices"]
    after = first["pageInfo"]["endCursor"]
    rest = await town.ask("operator", DEAD, id=town.ids["harbour"], after=after)
    nodes = first["nodes"] + rest["node"]["deadNotices"]["nodes"]
    assert [key_of(each["id"], "DeadNotice") for each in nodes] == keys[::-1]
    assert {key: nodes[0][key] for key in nodes[0] if key != "id"} == {
        "channel": "EMAIL", "topic": "ORDER_BOOKED", "recipient": "l…@example.com",
        "attempts": 3, "lastError": "no",
    }  # fmt: skip

    async def replay(*ids: str) -> Any:
        return (await town.ask("operator", REPLAY, ids=ids, key=town.fresh_key()))["it"]

    ids = [each["id"] for each in nodes]
    assert (await replay(*ids, "garbage"))["__typename"] == "NotFound"
    assert len(await dead_by_id(database(), keys)) == 3
    assert sorted((await replay(*ids[:2]))["noticeIds"]) == sorted(ids[:2])
    assert (await replay(ids[0]))["__typename"] == "NotFound", "it is on its way"
    assert [each.id for each in await dead_by_id(database(), keys)] == [keys[0]]
    assert (await replay())["__typename"] == "InvalidInput"


FOLLOW = """subscription ($after: Version) { it: notices(after: $after) {
  ... on NoticesUpdate { kind version previousVersion notices { version text aboutId } }
  ... on DeadNoticesUpdate { kind } ... on Refusal { code } } }"""
OWN = """query ($after: String) { viewer { notices(first: 2, after: $after) {
  nodes { version topic subject } pageInfo { endCursor hasNextPage } } } }"""


async def told(town: Town, *keys: str) -> None:
    """The driver is told something, and followers hear that."""
    for key in keys:
        telling = Telling(
            key=key, topic=NoticeTopic.PARKING_REMINDER, person_id=town.keys["driver"],
            fields={"place": "Quay", "space": key, "starts": "12:00", "link": "https://x/b/key"},
            about="reservation:7",
        )  # fmt: skip
        async with transaction() as sql:
            await tell_person(sql, Reach(), telling, town.clock.now())


async def test_what_one_is_told_is_followed_and_resumed(town: Town) -> None:
    relay = NoticeRelay(town.bus, town.clock)
    await told(town, "A1")
    stream = await town.subscribe("driver", FOLLOW)
    first = (await anext(stream)).data["it"]
    assert (first["kind"], first["version"], first["previousVersion"]) == ("SNAPSHOT", 1, None)
    assert first["notices"] == [
        {
            "version": 1, "aboutId": global_id("Reservation", 7),
            "text": "Quay, space A1 is yours from 12:00. The way, and what opens it: …",
        }
    ]  # fmt: skip
    await told(town, "A2", "A3")
    await relay.run_once()
    then = (await anext(stream)).data["it"]
    assert (then["kind"], then["version"], then["previousVersion"]) == ("DELTA", 3, 1)
    await stream.aclose()
    again = await town.subscribe("driver", FOLLOW, after=2)
    resumed = (await anext(again)).data["it"]
    assert (resumed["kind"], [each["version"] for each in resumed["notices"]]) == ("DELTA", [3])
    await again.aclose()


async def test_dead_letters_know_no_version(town: Town) -> None:
    query = FOLLOW.replace(
        "(after: $after)", f'(organisationId: "{town.ids["harbour"]}", after: 1)'
    )
    stream = await town.subscribe("operator", query.replace("($after: Version)", ""))
    assert (await anext(stream)).data["it"]["code"] == "INVALID_INPUT"
    await stream.aclose()


async def test_ones_own_notices_are_paged_the_newest_first(town: Town) -> None:
    await told(town, "A1", "A2", "A3")
    page = (await town.ask("driver", OWN))["viewer"]["notices"]
    rest = (await town.ask("driver", OWN, after=page["pageInfo"]["endCursor"]))["viewer"]
    found = page["nodes"] + rest["notices"]["nodes"]
    assert [each["version"] for each in found] == [3, 2, 1]
    assert found[0]["subject"] == "Your parking at Quay begins soon"
    assert not rest["notices"]["pageInfo"]["hasNextPage"]
