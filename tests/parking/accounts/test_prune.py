"""What has served is forgotten, what is needed is not."""

import pytest

from parking.accounts.models import AttemptWindow, RefreshToken, SignIn, SignInCode
from parking.accounts.prune import prune
from parking.accounts.refresh import refresh
from parking.errors import Unauthenticated
from tests.support.people import Desk

ADA = "ada@example.com"


async def test_a_used_refresh_token_is_kept_because_its_reuse_must_be_known(desk: Desk) -> None:
    signed_in = await desk.sign_in(ADA)
    wanted = {"clock": desk.clock, "keys": desk.keys, "standings": desk.standings}
    await refresh(signed_in.refresh_token, **wanted)  # type: ignore[arg-type]
    desk.clock.advance(days=3)
    deleted = await prune(desk.clock.now())
    assert (deleted["sign_in_code"], deleted["refresh_token"], deleted["sign_in"]) == (1, 0, 0)
    with pytest.raises(Unauthenticated):
        await refresh(signed_in.refresh_token, **wanted)  # type: ignore[arg-type]
    assert (await SignIn.get()).ended_at is not None


async def test_after_the_end_nothing_is_left(desk: Desk) -> None:
    await desk.sign_in(ADA)
    desk.clock.advance(days=32)
    await prune(desk.clock.now())
    for table in (SignInCode, AttemptWindow, RefreshToken, SignIn):
        assert await table.all().count() == 0
