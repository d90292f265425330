"""Refresh tokens rotate, and a copy of one ends the sign-in."""

import asyncio

import pytest

from parking.accounts.models import AuditEntry, RefreshToken
from parking.accounts.refresh import refresh
from parking.accounts.sign_in_rules import REFRESH_LIFETIME, REPEAT_GRACE
from parking.accounts.sign_ins import SignedIn
from parking.accounts.sign_out import sign_out, sign_out_everywhere, sign_out_with
from parking.errors import Unauthenticated
from tests.support.people import Desk, make_desk

ADA = "ada@example.com"


async def refreshed(desk: Desk, token: str) -> SignedIn:
    return await refresh(token, clock=desk.clock, keys=desk.keys, standings=desk.standings)


async def is_in(desk: Desk, signed_in: SignedIn) -> bool:
    """Whether the access token still opens the gate."""
    try:
        return not (await desk.gate.authenticate(signed_in.access_token)).is_anonymous
    except Unauthenticated:
        return False


async def test_a_refresh_token_gives_its_successor(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    desk.clock.advance(minutes=20)
    second = await refreshed(desk, first.refresh_token)
    third = await refreshed(desk, second.refresh_token)
    assert len({each.refresh_token for each in (first, second, third)}) == 3
    assert await is_in(desk, third)
    assert not await is_in(desk, first)


async def test_a_used_token_that_comes_back_ends_the_sign_in_everywhere(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    second = await refreshed(desk, first.refresh_token)
    desk.clock.advance(seconds=REPEAT_GRACE.total_seconds() + 1)
    assert await is_in(desk, second)
    with pytest.raises(Unauthenticated):
        await refreshed(desk, first.refresh_token)
    assert not await is_in(desk, second)
    with pytest.raises(Unauthenticated):
        await refreshed(desk, second.refresh_token)
    assert await AuditEntry.filter(verb="end_sign_in").count() == 1


async def test_a_thief_within_the_grace_is_found_once_the_chain_goes_on(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    second = await refreshed(desk, first.refresh_token)
    await refreshed(desk, second.refresh_token)
    with pytest.raises(Unauthenticated):
        await refreshed(desk, first.refresh_token)


async def test_a_lost_answer_is_given_again(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    lost = await refreshed(desk, first.refresh_token)
    desk.clock.advance(seconds=REPEAT_GRACE.total_seconds())
    again = await refreshed(desk, first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert again.refresh_expires_at == lost.refresh_expires_at
    assert await is_in(desk, again)


async def test_two_refreshes_at_once_get_one_successor(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    answers = await asyncio.gather(*(refreshed(desk, first.refresh_token) for _ in range(4)))
    assert len({answer.refresh_token for answer in answers}) == 1
    assert await RefreshToken.all().count() == 2


async def test_a_refresh_token_expires(desk: Desk) -> None:
    first = await desk.sign_in(ADA)
    desk.clock.advance(seconds=REFRESH_LIFETIME.total_seconds())
    with pytest.raises(Unauthenticated):
        await refreshed(desk, first.refresh_token)


@pytest.mark.parametrize("token", ["", "berth_refresh_unknown", "x" * 10_000])
async def test_an_unknown_token_is_refused(desk: Desk, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await refreshed(desk, token)


async def test_signing_out_ends_one_sign_in(desk: Desk) -> None:
    phone, laptop = await desk.sign_in(ADA), await desk.sign_in(ADA)
    viewer = await desk.gate.authenticate(phone.access_token)
    assert await sign_out(viewer, clock=desk.clock, standings=desk.standings) == 1
    assert not await is_in(desk, phone)
    assert await is_in(desk, laptop)
    with pytest.raises(Unauthenticated):
        await refreshed(desk, phone.refresh_token)


async def test_signing_out_everywhere_ends_all(desk: Desk) -> None:
    both = [await desk.sign_in(ADA), await desk.sign_in(ADA)]
    other = await desk.sign_in("bob@example.com")
    viewer = await desk.gate.authenticate(both[0].access_token)
    assert await sign_out_everywhere(viewer, clock=desk.clock, standings=desk.standings) == 2
    assert [await is_in(desk, each) for each in (*both, other)] == [False, False, True]


async def test_signing_out_works_with_the_refresh_token_alone(desk: Desk) -> None:
    signed_in = await desk.sign_in(ADA)
    for ended in (1, 0):
        answer = await sign_out_with(
            signed_in.refresh_token, clock=desk.clock, standings=desk.standings
        )
        assert answer == ended
    assert not await is_in(desk, signed_in)


async def test_another_process_notices_a_sign_out_within_seconds(desk: Desk) -> None:
    elsewhere = make_desk(desk.clock)
    signed_in = await desk.sign_in(ADA)
    assert await is_in(elsewhere, signed_in)
    viewer = await elsewhere.gate.authenticate(signed_in.access_token)
    await sign_out(viewer, clock=desk.clock, standings=desk.standings)
    desk.clock.advance(seconds=5)
    assert not await is_in(elsewhere, signed_in)
    assert not await elsewhere.gate.is_still_valid(viewer)
