"""Signing in by WeChat, and being told there."""

import asyncio
from dataclasses import dataclass, field

import pytest

from parking.accounts import wechat as verbs
from parking.accounts.models import ExternalIdentity, Person
from parking.accounts.sign_in_rules import REPEAT_GRACE
from parking.accounts.sign_ins import SignedIn
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.accounts.wechat import (
    CODES_PER_SOURCE,
    bind_wechat,
    sign_in_with_wechat,
    unbind_wechat,
)
from parking.clock import TestClock
from parking.errors import Conflict, NotPermitted, TooManyTries, Unauthenticated
from parking.notices.preferences import preference_of
from parking.notices.wechat_login import WeChatCodeRejected
from parking.storage.sql import database as db
from tests.support.people import Desk, make_desk, make_person


@dataclass
class Codes:
    """Login codes, each good once, as WeChat has them (`ways.test_wechat_login` asks its API)."""

    app_id: str = "wx1"
    logins: dict[str, str] = field(default_factory=dict)

    async def open_id_of(self, code: str) -> str:
        """Whose it is."""
        if code not in self.logins:
            raise WeChatCodeRejected("no")
        return self.logins.pop(code)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def codes() -> Codes:
    return Codes(logins={"a": "open-1", "b": "open-1", "c": "open-2", "d": "open-2"})


@pytest.fixture
def desk(database: str, clock: TestClock) -> Desk:
    del database
    return make_desk(clock)


async def sign_in(desk: Desk, codes: Codes, code: str, key: str | None = None) -> SignedIn:
    return await sign_in_with_wechat(
        code, "198.51.100.7", wechat=codes, clock=desk.clock, keys=desk.keys, locale="zh-CN",
        idempotency_key=key,
    )  # fmt: skip


async def open_id(person_id: int | None) -> str | None:
    assert person_id is not None
    return (await preference_of(db(), person_id)).wechat_open_id


async def test_who_is_new_is_made_and_known_again(desk: Desk, codes: Codes) -> None:
    first = await sign_in(desk, codes, "a")
    viewer = await desk.gate.authenticate(first.access_token)
    assert (viewer.person_id, first.person.locale) == (first.person.id, "zh")
    assert (first.person.phone, first.person.email) == (None, None)
    assert await open_id(first.person.id) == "open-1"
    assert (await sign_in(desk, codes, "b")).person.id == first.person.id
    assert (await sign_in(desk, codes, "c")).person.id != first.person.id
    with pytest.raises(WeChatCodeRejected):
        await sign_in(desk, codes, "a")


async def test_a_newcomer_who_comes_twice_at_once_is_one_person(desk: Desk, codes: Codes) -> None:
    both = await asyncio.gather(sign_in(desk, codes, "a"), sign_in(desk, codes, "b"))
    assert both[0].person.id == both[1].person.id
    assert await Person.all().count() == 1


async def test_an_answer_that_was_lost_is_given_again(desk: Desk, codes: Codes) -> None:
    first = await sign_in(desk, codes, "a", "key")
    again = await sign_in(desk, codes, "a", "key")
    assert again.refresh_token == first.refresh_token
    for code, key in (("a", "other"), ("a", None)):
        with pytest.raises(WeChatCodeRejected):
            await sign_in(desk, codes, code, key)
    desk.clock.advance(seconds=REPEAT_GRACE.total_seconds() + 1)
    with pytest.raises(WeChatCodeRejected):
        await sign_in(desk, codes, "a", "key")


async def test_codes_are_limited_by_source(
    desk: Desk, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "CODES_PER_SOURCE", type(CODES_PER_SOURCE)("few", 1))
    await sign_in(desk, codes, "a")
    with pytest.raises(TooManyTries):
        await sign_in(desk, codes, "b")


async def test_nobody_uses_up_what_wechat_allows_everybody(
    desk: Desk, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "CODES_PER_PERSON", type(CODES_PER_SOURCE)("few", 1))
    viewer = await make_person("Ann")
    await bind_wechat(viewer, "a", wechat=codes, clock=desk.clock)
    with pytest.raises(TooManyTries):
        await bind_wechat(viewer, "b", wechat=codes, clock=desk.clock)


async def test_a_person_is_bound_and_signs_in_by_it(desk: Desk, codes: Codes) -> None:
    viewer = await make_person("Dora")
    await bind_wechat(viewer, "a", wechat=codes, clock=desk.clock)
    assert await open_id(viewer.person_id) == "open-1"
    assert (await sign_in(desk, codes, "b")).person.id == viewer.person_id
    await bind_wechat(viewer, "c", wechat=codes, clock=desk.clock)  # another account of theirs
    assert await open_id(viewer.person_id) == "open-2"
    assert [each.subject for each in await ExternalIdentity.all()] == ["open-2"]


async def test_nobody_takes_anothers_account(desk: Desk, codes: Codes) -> None:
    first = await sign_in(desk, codes, "a")
    other = await make_person("Otto")
    with pytest.raises(Conflict) as refused:
        await bind_wechat(other, "b", wechat=codes, clock=desk.clock)
    assert refused.value.code == "WECHAT_TAKEN"
    assert await open_id(other.person_id) is None
    assert await open_id(first.person.id) == "open-1"


async def test_it_is_forgotten_where_there_is_another_way_to_sign_in(
    desk: Desk, codes: Codes
) -> None:
    viewer = await make_person("Dora")
    await bind_wechat(viewer, "a", wechat=codes, clock=desk.clock)
    await unbind_wechat(viewer, clock=desk.clock)
    assert await open_id(viewer.person_id) is None
    assert (await sign_in(desk, codes, "b")).person.id != viewer.person_id
    only = Viewer(person_id=(await sign_in(desk, codes, "c")).person.id)
    with pytest.raises(Conflict) as refused:
        await unbind_wechat(only, clock=desk.clock)
    assert refused.value.code == "ONLY_SIGN_IN"


async def test_it_is_for_people(desk: Desk, codes: Codes) -> None:
    viewers = (
        (ANONYMOUS, Unauthenticated),
        (Viewer(api_key_id=1), NotPermitted),
        (Viewer(person_id=1, link_of=1), NotPermitted),
    )
    for viewer, refusal in viewers:
        with pytest.raises(refusal):
            await bind_wechat(viewer, "a", wechat=codes, clock=desk.clock)
        with pytest.raises(refusal):
            await unbind_wechat(viewer, clock=desk.clock)
    assert len(codes.logins) == 4
