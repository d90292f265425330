"""One-time codes: asked for, given back, limited."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from parking.accounts.models import Person, SignIn, SignInCode
from parking.accounts.redeem_code import REDEMPTIONS_PER_SOURCE, CodeRejected
from parking.accounts.request_code import (
    REQUESTS_PER_ADDRESS,
    REQUESTS_PER_SOURCE,
    CodeSent,
    request_code,
)
from parking.accounts.sign_in_rules import CODE_LIFETIME, REPEAT_GRACE, TRIES_MAX
from parking.errors import InvalidInput, TooManyTries
from parking.notices.channel import NoticeNotSent
from parking.notices.inbox import inbox_messages
from tests.support.people import Desk, newest_code

ADA = "ada@example.com"
PHONE = "+8613800138000"
ELSEWHERE = "203.0.113.9"


def other_than(code: str) -> str:
    """A wrong code."""
    return f"{(int(code) + 1) % 10**6:06}"


async def ask(
    desk: Desk, address: str, source: str = ELSEWHERE, key: str | None = None
) -> CodeSent:
    return await request_code(
        address, source, clock=desk.clock, keys=desk.keys, channel=desk.channel, idempotency_key=key
    )


@pytest.mark.parametrize(("address", "column"), [(ADA, "email"), (PHONE, "phone")])
async def test_a_person_is_made_at_the_first_redemption(
    desk: Desk, address: str, column: str
) -> None:
    code = await desk.code_for(address)
    assert await Person.all().count() == 0
    first = await desk.redeem(address, code, locale="zh-CN")
    again = await desk.sign_in(address)
    assert getattr(first.person, column) == address
    assert (first.person.locale, again.person.id) == ("zh", first.person.id)


async def test_the_answer_does_not_tell_whether_an_address_is_known(desk: Desk) -> None:
    await desk.sign_in(ADA)
    known, unknown = await ask(desk, ADA), await ask(desk, "bob@example.com")
    assert known.expires_at == unknown.expires_at


async def test_neither_code_nor_source_is_readable_in_the_database(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    row = await SignInCode.get(address=ADA)
    assert code not in row.code_hash
    assert len(row.code_hash) == 64


async def test_a_code_works_once(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    await desk.redeem(ADA, code)
    with pytest.raises(CodeRejected):
        await desk.redeem(ADA, code)


async def test_a_code_works_for_its_address_only(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    await desk.code_for(PHONE)
    with pytest.raises(CodeRejected):
        await desk.redeem(PHONE, other_than(code) if code == await newest_code(PHONE) else code)


async def test_a_code_expires(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    desk.clock.advance(seconds=CODE_LIFETIME.total_seconds())
    with pytest.raises(CodeRejected):
        await desk.redeem(ADA, code)


async def test_only_the_newest_code_works(desk: Desk) -> None:
    old = await desk.code_for(ADA)
    new = await desk.code_for(ADA)
    if old != new:
        with pytest.raises(CodeRejected):
            await desk.redeem(ADA, old)
    assert (await desk.redeem(ADA, new)).person.email == ADA


async def test_the_right_code_is_refused_after_so_many_wrong_tries(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    for _ in range(TRIES_MAX):
        with pytest.raises(CodeRejected):
            await desk.redeem(ADA, other_than(code))
    with pytest.raises(CodeRejected):
        await desk.redeem(ADA, code)


async def test_the_last_try_still_counts(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    for _ in range(TRIES_MAX - 1):
        with pytest.raises(CodeRejected):
            await desk.redeem(ADA, other_than(code))
    assert (await desk.redeem(ADA, f" {code[:3]}-{code[3:]} ")).person.email == ADA


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５"])
async def test_what_is_no_code_costs_no_try(desk: Desk, code: str) -> None:
    await desk.code_for(ADA)
    with pytest.raises(InvalidInput):
        await desk.redeem(ADA, code)
    assert (await SignInCode.get(address=ADA)).tries == 0


async def test_requests_for_an_address_are_limited_for_an_hour(desk: Desk) -> None:
    for number in range(REQUESTS_PER_ADDRESS.count_max):
        await ask(desk, ADA, f"203.0.113.{number}")
    with pytest.raises(TooManyTries) as refused:
        await ask(desk, ADA)
    assert refused.value.retry_after_seconds == 3600
    desk.clock.advance(seconds=3600)
    assert (await ask(desk, ADA)).address == ADA


async def test_requests_from_a_source_are_limited(desk: Desk) -> None:
    for number in range(REQUESTS_PER_SOURCE.count_max):
        await ask(desk, f"person{number}@example.com", f"2001:db8::{number:x}")
    with pytest.raises(TooManyTries):
        await ask(desk, ADA, "2001:db8::ffff:1")
    assert (await ask(desk, ADA, "2001:db8:0:1::1")).address == ADA


async def test_redemptions_from_a_source_are_limited(desk: Desk) -> None:
    for _ in range(REDEMPTIONS_PER_SOURCE.count_max):
        with pytest.raises(CodeRejected):
            await desk.redeem(ADA, "000000")
    with pytest.raises(TooManyTries):
        await desk.redeem(ADA, "000000")


async def test_a_limit_holds_when_all_come_at_once(desk: Desk) -> None:
    asked = [ask(desk, ADA, f"203.0.113.{number}") for number in range(12)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    sent = [answer for answer in answers if isinstance(answer, CodeSent)]
    assert len(sent) == REQUESTS_PER_ADDRESS.count_max == len(await inbox_messages(ADA))


async def test_a_request_repeated_with_its_key_sends_nothing_again(desk: Desk) -> None:
    answers = await asyncio.gather(*(ask(desk, ADA, key="k1") for _ in range(3)))
    desk.clock.advance(seconds=5)
    assert {*answers, await ask(desk, ADA, key="k1")} == {answers[0]}
    assert len(await inbox_messages(ADA)) == 1


class BrokenChannel:
    """A way out that is blocked."""

    async def send(self, to: str, subject: str, text: str) -> None:
        raise NoticeNotSent("not now")


async def test_a_code_that_could_not_be_sent_is_sent_by_the_repeat(desk: Desk) -> None:
    with pytest.raises(NoticeNotSent):
        await ask(replace(desk, channel=BrokenChannel()), ADA, key="k1")
    assert await SignInCode.all().count() == 0
    await ask(desk, ADA, key="k1")
    assert len(await inbox_messages(ADA)) == 1


async def test_a_redemption_repeated_with_its_key_is_the_same_sign_in(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    first = await desk.redeem(ADA, code, idempotency_key="k1")
    again = await desk.redeem(ADA, code, idempotency_key="k1")
    assert again.refresh_token == first.refresh_token
    assert await SignIn.all().count() == 1


async def test_a_redemption_is_not_repeated_by_a_stranger_or_too_late(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    await desk.redeem(ADA, code, idempotency_key="k1")
    with pytest.raises(CodeRejected):
        await desk.redeem(ADA, code, idempotency_key="k2")
    desk.clock.advance(seconds=REPEAT_GRACE.total_seconds() + 1)
    with pytest.raises(CodeRejected):
        await desk.redeem(ADA, code, idempotency_key="k1")


async def test_of_two_redemptions_at_once_exactly_one_wins(desk: Desk) -> None:
    code = await desk.code_for(ADA)
    answers = await asyncio.gather(
        *(desk.redeem(ADA, code) for _ in range(4)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(CodeRejected) == 3
    assert await SignIn.all().count() == 1


async def test_control_looking_before_writing_lets_both_win(desk: Desk) -> None:
    """The same race with the guard left out: read, then write what was read to be unused."""
    await desk.code_for(ADA)
    both_have_looked = asyncio.Barrier(2)

    async def redeem_without_guard(now: datetime) -> bool:
        row = await SignInCode.get(address=ADA)
        await both_have_looked.wait()
        if row.used_at is not None:
            return False
        await SignInCode.filter(id=row.id).update(used_at=now)
        return True

    now = desk.clock.now()
    wins = await asyncio.gather(*(redeem_without_guard(now) for _ in range(2)))
    assert wins == [True, True]
