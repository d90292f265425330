"""No offer is ACTIVE without title to its spaces, though it is published while it is revoked."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from parking.clock import TestClock
from parking.errors import Conflict
from parking.listings import guards, manage, titles
from parking.listings.manage import activate_listing
from parking.listings.models import Listing, ListingState, Title, TitleState
from parking.listings.titles import approve_titles, request_titles, revoke_titles
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from parking.storage.transactions import retried
from tests.parking.listings.offers import Quay, make_quay

ROUNDS = 10


async def publish_while_revoking(quay: Quay) -> None:
    """Both at once; whoever comes first, the other must see it."""
    made = await request_titles(
        quay.owner, quay.lessor_id, quay.spaces[:1], "Deed", clock=quay.clock
    )
    await approve_titles(quay.operator, made, clock=quay.clock)
    draft = await quay.draft(space_ids=quay.spaces[:1])

    async def publish() -> None:
        with suppress(Conflict):
            await retried(lambda: activate_listing(quay.owner, draft, clock=quay.clock))

    async def revoke() -> None:
        await retried(lambda: revoke_titles(quay.operator, made, "sold", clock=quay.clock))

    await asyncio.gather(publish(), revoke())
    assert await Title.filter(state=TitleState.APPROVED).count() == 0


async def test_an_offer_is_not_published_while_its_title_is_revoked(
    database: str, clock: TestClock
) -> None:
    quay = await make_quay(clock)
    for _ in range(ROUNDS):
        await publish_while_revoking(quay)
    assert await Listing.filter(state=ListingState.ACTIVE).count() == 0


async def test_control_without_the_lock_an_offer_is_left_without_title(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL only: a SQLite transaction is alone even without a row lock."""
    both_inside, both_done = asyncio.Barrier(2), asyncio.Barrier(2)
    await connect(postgres_url)
    try:
        quay = await make_quay(clock)

        async def no_lock(_sql: Sql, _ids: Any) -> None:
            if await Listing.exists():  # asking for and approving the title go on alone
                await both_inside.wait()

        async def then_wait(real: Any, *args: Any) -> None:
            await real(*args)
            if await Listing.exists():
                await both_done.wait()

        publishable, record = guards.require_publishable, titles._record
        monkeypatch.setattr(guards, "lock_places", no_lock)
        monkeypatch.setattr(titles, "lock_places", no_lock)
        monkeypatch.setattr(manage, "require_publishable", lambda *a: then_wait(publishable, *a))
        monkeypatch.setattr(titles, "_record", lambda *a: then_wait(record, *a))
        await publish_while_revoking(quay)
        assert await Listing.filter(state=ListingState.ACTIVE).count() == 1
    finally:
        await disconnect()
