"""Sharing where a car is through the schema: invitations, secure links, and WeChat."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.idempotency import KEY_CHARACTERS_MAX
from parking.accounts.models import IdempotentAnswer
from parking.locations.models import PositionAccess, PositionLink
from parking.notices.models import Notice
from parking.notices.ways.wechat import WeChatApp
from parking.notices.ways.wechat_login import WeChatCodes
from schema.ids import global_id
from tests.schema.town import Town
from tests.support.notice_stand_ins import WECHAT_APP, WECHAT_SECRET, WeChatStandIn, served

REFUSED = "__typename ... on Refusal { code } ... on InvalidInput { field }"
ASK = f"""mutation ($input: AskBindingInput!, $key: String!) {{
  it: askBinding(input: $input, idempotencyKey: $key) {{ {REFUSED}
    ... on BindingAsked {{ invitationPath binding {{ id state side name }} }} }} }}"""
ACCEPT = f"""mutation ($token: String!, $key: String!, $reach: BindingReachInput) {{
  it: acceptBinding(token: $token, reach: $reach, idempotencyKey: $key) {{ {REFUSED}
    ... on BindingAccepted {{ binding {{ id state side name position {{ title }} }} }} }} }}"""
REVOKE = """mutation ($id: ID!, $key: String!) { it: revokeBinding(bindingId: $id,
  idempotencyKey: $key) { ... on BindingRevoked { binding { state endedBy } } } }"""
SHOWN = "{ viewer { shownPositions { id sharerName newest { floor note } } } }"
MAKE = f"""mutation ($input: NewPositionLinkInput!, $key: String!) {{
  it: makePositionLink(input: $input, idempotencyKey: $key) {{ {REFUSED}
    ... on PositionLinkMade {{ path link {{ id hasPasscode }} }} }} }}"""
OPEN = f"""mutation ($t: String!, $key: String!, $code: String! = "", $agent: String! = "") {{
  it: openPositionLink(token: $t, idempotencyKey: $key, passcode: $code, userAgent: $agent) {{
    {REFUSED} ... on WrongPasscode {{ triesLeft }}
    ... on PositionLinkOpened {{ position {{ version floor bay note photoUrl
      place {{ name timeZone }} bays {{ number isTheCar }} }} }} }} }}"""
CLOSE = """mutation ($id: ID!, $key: String!) { it: revokePositionLink(linkId: $id,
  idempotencyKey: $key) { ... on PositionLinkRevoked { link { isOpen revokedReason } } } }"""
FOLLOW = """subscription ($t: String!) { it: positionLink(token: $t) { __typename
  ... on PositionLinkUpdate { state } } }"""
SIGN_IN = """mutation ($code: String!, $key: String) {
  it: signInWithWeChat(code: $code, idempotencyKey: $key) { __typename
    ... on Refusal { code } ... on SignedIn { refreshToken person { id phone } } } }"""
BIND = """mutation ($code: String!, $key: String!) { it: bindWeChat(code: $code,
  idempotencyKey: $key) { __typename ... on Refusal { code }
    ... on WeChatBound { preference { hasWechat } } } }"""
UNBIND = """mutation ($key: String!) { it: unbindWeChat(idempotencyKey: $key) {
  ... on WeChatUnbound { preference { hasWechat } } } }"""


async def ask(town: Town, who: str, query: str, **given: Any) -> Any:
    """The only root field's value; with a fresh key unless one is given."""
    return (await town.ask(who, query, **{"key": town.fresh_key(), **given}))["it"]


def wish(**more: Any) -> dict[str, Any]:
    return {"side": "SHARER", "way": "LINK", "scope": "ALWAYS", "ownName": "Dora", **more}


def token_of(path: str) -> str:
    return path.rpartition("/")[2]


async def test_from_invitation_to_position_and_back(sharing: Town) -> None:
    asked = await ask(sharing, "driver", ASK, input=wish(theirName="Otto"), key="k")
    again = await ask(sharing, "driver", ASK, input=wish(theirName="Otto"), key="k")
    assert again == asked
    assert asked["binding"]["name"] == "Otto"
    token = token_of(asked["invitationPath"])
    done = await ask(sharing, "operator", ACCEPT, token=token)
    assert (done["binding"]["state"], done["binding"]["side"]) == ("ACTIVE", "RECEIVER")
    assert done["binding"]["name"] == "Dora"
    shown = (await sharing.ask("operator", SHOWN))["viewer"]["shownPositions"]
    assert [(each["id"], each["sharerName"]) for each in shown] == [(sharing.ids["spot"], "Dora")]
    later = await ask(sharing, "driver", ASK, input=wish(theirName="Otto"), key="k")
    assert later["invitationPath"] is None  # it was answered
    ended = await ask(sharing, "operator", REVOKE, id=done["binding"]["id"])
    assert ended["binding"] == {"state": "REVOKED", "endedBy": "RECEIVER"}
    assert (await sharing.ask("operator", SHOWN))["viewer"]["shownPositions"] == []


async def test_an_sms_names_the_page(sharing: Town) -> None:
    sharing.services = replace(sharing.services, base_url="https://berth.example")
    given = wish(way="PHONE", phone="+8613800138000")
    asked = await ask(sharing, "driver", ASK, input=given)
    sms = await Notice.get(topic="POSITION_INVITED")
    assert f"https://berth.example{asked['invitationPath']}" in sms.body
    refused = await ask(sharing, "operator", ACCEPT, token=token_of(asked["invitationPath"]))
    assert refused["__typename"] == "NotYourNumber"


async def test_a_sharer_who_is_asked_says_how_far(sharing: Town) -> None:
    given = wish(side="RECEIVER", scope="ONE_STAY", ownName="Otto")
    asked = await ask(sharing, "operator", ASK, input=given)
    token = token_of(asked["invitationPath"])
    for name in ("others-spot", "nothing"):
        other = sharing.ids.get(name, global_id("ParkingPosition", 999_999))
        reach = {"scope": "ONE_STAY", "positionId": other}
        refused = await ask(sharing, "driver", ACCEPT, token=token, reach=reach)
        assert refused["__typename"] == "NotFound"
    reach = {"scope": "ONE_STAY", "positionId": sharing.ids["spot"]}
    done = await ask(sharing, "driver", ACCEPT, token=token, reach=reach)
    assert (done["binding"]["side"], done["binding"]["name"]) == ("SHARER", "Otto")


async def test_a_link_is_opened_once_for_one_key(sharing: Town) -> None:
    given = {"positionId": sharing.ids["spot"], "viewsMax": 1}
    made = await ask(sharing, "driver", MAKE, input=given, key="m")
    assert await ask(sharing, "driver", MAKE, input=given, key="m") == made
    token, agent = token_of(made["path"]), "Mozilla/5.0 (iPhone) Mobile Safari"
    seen = await ask(sharing, "anonymous", OPEN, t=token, key="a", agent=agent)
    assert seen["position"]["place"] == {"name": "The garage", "timeZone": "Europe/Berlin"}
    assert (seen["position"]["floor"], seen["position"]["note"]) == ("Ground", "by the lift")
    assert await ask(sharing, "anonymous", OPEN, t=token, key="a", agent=agent) == seen
    used_up = await ask(sharing, "anonymous", OPEN, t=token, key="b")
    assert used_up == {"__typename": "NotFound", "code": "NOT_FOUND"}
    log = await PositionAccess.all().order_by("id")
    assert [(each.outcome, each.device) for each in log] == [
        ("SHOWN", "phone, Safari"), ("CLOSED", ""),
    ]  # fmt: skip
    await ask(sharing, "driver", CLOSE, id=made["link"]["id"])
    closed = await ask(sharing, "anonymous", OPEN, t=token, key="a", agent=agent)
    assert closed == used_up  # also for who has seen it


async def test_a_passcode_is_kept_nowhere(sharing: Town) -> None:
    given = {"positionId": sharing.ids["spot"], "passcode": "2718"}
    made = await ask(sharing, "driver", MAKE, input=given)
    token = token_of(made["path"])
    needed = await ask(sharing, "anonymous", OPEN, t=token)
    assert needed["__typename"] == "PasscodeNeeded"
    wrong = await ask(sharing, "anonymous", OPEN, t=token, code="0000")
    assert (wrong["__typename"], wrong["triesLeft"]) == ("WrongPasscode", 9)
    seen = await ask(sharing, "anonymous", OPEN, t=token, code="2718", key="k" * KEY_CHARACTERS_MAX)
    assert seen["__typename"] == "PositionLinkOpened"
    kept = [*await IdempotentAnswer.all().values(), *await PositionLink.all().values()]
    assert "2718" not in "".join(each.get("answer", "") for each in kept)
    assert token not in repr(kept)


async def test_an_open_page_is_told_when_it_is_closed(sharing: Town) -> None:
    results = await sharing.subscribe("anonymous", FOLLOW, t=sharing.texts["link"])
    assert (await anext(results)).data["it"]["state"] == "OPEN"
    ended = await ask(sharing, "driver", CLOSE, id=sharing.ids["link"])
    assert ended["link"] == {"isOpen": False, "revokedReason": "REVOKED"}
    assert [each.data["it"]["state"] async for each in results] == ["CLOSED"]


@pytest.fixture
async def wechat(sharing: Town) -> AsyncIterator[WeChatStandIn]:
    """The town has a mini program."""
    async with served(WeChatStandIn) as made:
        login = WeChatCodes(WeChatApp(WECHAT_APP, WECHAT_SECRET, {}, made.url))
        sharing.services = replace(sharing.services, wechat=login)
        made.logins = {"one": "open-1", "two": "open-1", "three": "open-2"}
        yield made
        await login.close()


async def test_from_wechat_to_a_binding(sharing: Town, wechat: WeChatStandIn) -> None:
    signed_in = await ask(sharing, "anonymous", SIGN_IN, code="one", key="k")
    again = await ask(sharing, "anonymous", SIGN_IN, code="one", key="k")
    assert again["refreshToken"] == signed_in["refreshToken"]
    refused = await ask(sharing, "anonymous", SIGN_IN, code="one")
    assert (refused["__typename"], refused["code"]) == ("Declined", "WECHAT_CODE_REJECTED")
    taken = await ask(sharing, "driver", BIND, code="two")
    assert (taken["__typename"], taken["code"]) == ("Conflict", "WECHAT_TAKEN")
    bound = await ask(sharing, "driver", BIND, code="three", key="b")
    assert bound["preference"] == {"hasWechat": True}
    assert await ask(sharing, "driver", BIND, code="three", key="b") == bound
    assert (await ask(sharing, "driver", UNBIND))["preference"] == {"hasWechat": False}
    assert len(wechat.asked) == 4  # a repeat asks nobody


async def test_the_sharer_sees_that_the_receiver_looked(sharing: Town) -> None:
    query = """query ($id: ID!) { node(id: $id) { ... on ParkingPosition {
      accesses { outcome version binding { name } link { id } } } } }"""
    follow = """subscription ($id: ID!) { sharedPosition(positionId: $id) {
      ... on SharedPositionUpdate { versions { floor } } } }"""
    spot = sharing.ids["spot"]
    for _ in range(2):  # noted once an hour
        results = await sharing.subscribe("friend", follow, id=spot)
        assert (await anext(results)).errors is None
        await results.aclose()
        await sharing.ask("friend", SHOWN)
    await sharing.ask("driver", "{ viewer { positions { nodes { newest { floor } } } } }")
    found = (await sharing.ask("driver", query, id=spot))["node"]["accesses"]
    told = {"outcome": "SHOWN", "version": 1, "binding": {"name": "Fred"}, "link": None}
    assert found == [told]


async def test_nobody_looks_at_a_version_by_its_id_unseen(sharing: Town) -> None:
    mine = "{ viewer { positions { nodes { newest { id } accesses { outcome } } } } }"
    [position] = (await sharing.ask("driver", mine))["viewer"]["positions"]["nodes"]
    assert position["accesses"] == []
    look = "query ($id: ID!) { node(id: $id) { ... on PositionVersion { floor } } }"
    assert (await sharing.ask("friend", look, id=position["newest"]["id"]))["node"] is not None
    [position] = (await sharing.ask("driver", mine))["viewer"]["positions"]["nodes"]
    assert position["accesses"] == [{"outcome": "SHOWN"}]


async def test_sharer_and_receiver_hear_of_both_ends_at_once(sharing: Town) -> None:
    follow = """subscription { sharedPositions { ... on SharedPositionsUpdate {
      kind positions { id receivers { name } } goneIds } } }"""
    streams = {who: await sharing.subscribe(who, follow) for who in ("driver", "operator")}
    for results in streams.values():
        assert (await anext(results)).data["sharedPositions"]["kind"] == "SNAPSHOT"
    asked = await ask(sharing, "driver", ASK, input=wish(theirName="Ophelia"))
    token = token_of(asked["invitationPath"])
    await ask(sharing, "operator", ACCEPT, token=token)
    mine = (await anext(streams["driver"])).data["sharedPositions"]["positions"]
    assert [each["name"] for each in mine[0]["receivers"]] == ["Fred", "Ophelia"]
    theirs = (await anext(streams["operator"])).data["sharedPositions"]["positions"]
    assert [each["id"] for each in theirs] == [sharing.ids["spot"]]
    await ask(sharing, "driver", REVOKE, id=asked["binding"]["id"])
    gone = (await anext(streams["operator"])).data["sharedPositions"]["goneIds"]
    assert gone == [sharing.ids["spot"]]
    left = (await anext(streams["driver"])).data["sharedPositions"]["positions"]
    assert [each["name"] for each in left[0]["receivers"]] == ["Fred"]
    for results in streams.values():
        await results.aclose()


async def test_broken_texts_are_refused(sharing: Town, wechat: WeChatStandIn) -> None:
    given = {"positionId": sharing.ids["spot"], "passcode": "2718"}
    token = token_of((await ask(sharing, "driver", MAKE, input=given))["path"])
    for text in ("\ud800", "\x00", "x" * 100_000, "２７１８", "27é18"):
        opened = await ask(sharing, "anonymous", OPEN, t=text, code=text, agent=text)
        assert opened["__typename"] == "NotFound"
        answer = await ask(sharing, "anonymous", OPEN, t=token, code=text, agent=text)
        is_right = text == "２７１８"
        assert answer["__typename"] == ("PositionLinkOpened" if is_right else "WrongPasscode")
        for query in (SIGN_IN, BIND):
            assert (await ask(sharing, "driver", query, code=text))["code"] == (
                "WECHAT_CODE_REJECTED"
            )
        assert (await ask(sharing, "driver", ACCEPT, token=text))["__typename"] == "NotFound"
        refused = await ask(sharing, "driver", ASK, input=wish(ownName=text, theirName=text))
        is_name = text in ("２７１８", "27é18")
        assert refused["__typename"] == ("BindingAsked" if is_name else "InvalidInput")
    assert wechat.asked == []
