"""Signals of fraud: said once an hour to both sides, and marked when somebody has looked."""

import asyncio
from dataclasses import replace

import pytest

from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound, NotPermitted, Unauthenticated
from parking.events.held import HeldBus
from parking.rights.kinds import SignalKind
from parking.rights.queries import RightsFilter, find_signals, grant_codes_by_id
from parking.rights.signals import mark_signals_seen, raise_signal
from parking.rights.topics import organisation_rights_topic
from parking.storage.locks import lock_grant_codes
from parking.storage.transactions import detached, transaction
from tests.support.issuing import Issuing, make_issuing
from tests.support.operators import api_key

_K = SignalKind


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def raised(issuing: Issuing, code_id: int, kind: SignalKind = _K.FAR_AWAY) -> int | None:
    code = (await grant_codes_by_id(issuing.merchant, [code_id]))[code_id]
    async with HeldBus(issuing.bus) as held, transaction() as sql:
        return await raise_signal(sql, held, code, kind, {"metres": 9_000}, issuing.clock.now())


async def unseen(issuing: Issuing) -> list[int]:
    found = await find_signals(issuing.merchant, RightsFilter(is_seen=False), limit=9)
    return [each.id for each in found]


async def test_the_same_is_said_once_an_hour(issuing: Issuing) -> None:
    code, other = await issuing.codes(2)
    assert await raised(issuing, code) is not None
    issuing.clock.advance(minutes=59)
    assert await raised(issuing, code) is None
    assert await raised(issuing, code, _K.GUESSING) is not None
    assert await raised(issuing, other) is not None
    issuing.clock.advance(minutes=1)
    assert await raised(issuing, code) is not None
    assert len(await unseen(issuing)) == 4


async def test_what_was_said_already_waits_for_nobody(issuing: Issuing) -> None:
    """Who is refused again and again does not stand in the way of who is granted something."""
    code = await issuing.code()
    assert await raised(issuing, code) is not None
    async with transaction() as sql:
        await lock_grant_codes(sql, [code])
        if sql.dialect == "postgres":  # on SQLite whoever writes waits for all
            async with asyncio.timeout(20):
                assert await detached(raised(issuing, code)) is None


async def test_ten_at_once_are_one(issuing: Issuing) -> None:
    code = await issuing.code()
    results = await asyncio.gather(*(raised(issuing, code) for _ in range(10)))
    assert sum(each is not None for each in results) == 1


async def test_both_sides_hear_of_it_and_mark_it(issuing: Issuing) -> None:
    code = await issuing.code()
    topics = [organisation_rights_topic(each) for each in (issuing.issuer_id, issuing.operator_id)]
    async with issuing.bus.subscribe(*topics) as told:
        first = await raised(issuing, code)
        assert {(await anext(aiter(told))).topic for _ in topics} == set(topics)
    second = await raised(issuing, code, _K.STALE_PICTURE)
    assert first is not None
    assert second is not None
    for viewer, ids in ((issuing.merchant, [first]), (issuing.operator, [first, second])):
        await mark_signals_seen(viewer, ids, **issuing.with_bus)
        issuing.clock.advance(minutes=1)
    late, early = await find_signals(issuing.operator, limit=9)
    assert (early.seen_by, late.seen_by) == (issuing.merchant.person_id, issuing.operator.person_id)
    assert early.seen_at is not None
    assert late.seen_at is not None
    assert early.seen_at < late.seen_at
    assert (early.detail, await unseen(issuing)) == ('{"metres":9000}', [])


async def test_nobody_else_marks_it(issuing: Issuing) -> None:
    made = await raised(issuing, await issuing.code())
    assert made is not None
    for viewer, ids, why in (
        (issuing.driver, [made], NotFound), (issuing.attendant, [made], NotFound),
        (replace(issuing.merchant, roles={}), [made], NotFound),
        (api_key(issuing.issuer_id, Scope.RIGHTS_WRITE), [made], NotPermitted),
        (ANONYMOUS, [made], Unauthenticated), (issuing.merchant, [made, 999], NotFound),
        (issuing.merchant, [], InvalidInput),
    ):  # fmt: skip
        with pytest.raises(why):
            await mark_signals_seen(viewer, ids, **issuing.with_bus)
    assert await unseen(issuing) == [made]
