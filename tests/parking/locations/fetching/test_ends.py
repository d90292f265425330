"""A right to fetch a car ends with what it hangs on; and it is followed until then."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from berth.jobs import worker_jobs
from parking.access.check import Outcome
from parking.access.cose import parse_key_set
from parking.access.delegations.records import DelegationRecord
from parking.access.models import DelegationState as State
from parking.access.offline import Notebook
from parking.access.signing_keys import keys_in_force, published
from parking.clock import TestClock
from parking.errors import NotFound
from parking.events.bus import InProcessBus
from parking.events.held import HeldBus
from parking.locations.fetching.accept import accept_exit
from parking.locations.fetching.follow import end_delegations_in, revoke_of_binding_in
from parking.locations.fetching.keeping import (
    erase_delegations,
    exported_delegations,
    forget_delegations,
)
from parking.locations.fetching.live import follow_by_token, follow_delegation
from parking.locations.fetching.notices import tell_exits
from parking.locations.fetching.paying import settle_fetches
from parking.locations.fetching.queries import delegation_by_token
from parking.locations.fetching.revoke import revoke_exit
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.support.fetching import Fetching

WAIT_SECONDS_MAX = 30.0
KEPT = timedelta(days=30)


async def end_position(fetching: Fetching) -> None:
    """As the end of the booking's position does."""
    async with HeldBus(fetching.bus) as held, transaction() as sql:
        await end_delegations_in(sql, held, fetching.reservation_id, fetching.clock.now())


async def test_the_sharer_says_that_the_car_is_gone(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await end_position(fetching)
    assert await fetching.state(made) is State.REVOKED


async def test_the_positions_end_leaves_the_way_to_the_gate(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    await end_position(fetching)
    assert await fetching.state(made) is State.LEAVING
    assert await fetching.try_at(fetching.gate, made) is Outcome.GRANTED


async def of_binding(fetching: Fetching, state: str) -> int:
    """A right given by a binding, which then has this state, and what follows from it is done."""
    made, now = await fetching.delegate(), fetching.clock.now()
    row = await database().fetch_one(
        "INSERT INTO position_binding (sharer_id, receiver_id, state, scope, asked_by, way,"
        " asked_at, answer_until, answered_at)"
        " VALUES ($1, $2, $3, 'ALWAYS', 'SHARER', 'LINK', $4, $4, $4) RETURNING id",
        fetching.owner.person_id,
        fetching.friend.person_id,
        state,
        now,
    )
    assert row is not None
    await database().execute("UPDATE exit_delegation SET binding_id = $1", row["id"])
    return made


async def end_binding(fetching: Fetching) -> None:
    async with HeldBus(fetching.bus) as held, transaction() as sql:
        [row] = await sql.fetch("SELECT id FROM position_binding")
        await revoke_of_binding_in(sql, held, row["id"], fetching.clock.now())


@pytest.mark.parametrize(
    ("binding", "right"), [("REVOKED", State.REVOKED), ("EXPIRED", State.EXPIRED)]
)
async def test_the_binding_ends(fetching: Fetching, binding: str, right: State) -> None:
    made = await of_binding(fetching, binding)
    await end_binding(fetching)
    assert await fetching.state(made) is right


@pytest.mark.parametrize(
    ("binding", "right"), [("REVOKED", State.REVOKED), ("EXPIRED", State.LEAVING)]
)
async def test_a_binding_of_one_stay_lapses_on_the_way_to_the_gate(
    fetching: Fetching, binding: str, right: State
) -> None:
    made = await of_binding(fetching, binding)
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    await end_binding(fetching)
    assert await fetching.state(made) is right


async def next_of(stream: AsyncIterator[DelegationRecord]) -> DelegationRecord:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        return await anext(stream)


async def rest_of(stream: AsyncIterator[DelegationRecord]) -> list[DelegationRecord]:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        return [each async for each in stream]


async def test_both_follow_it_to_its_end(fetching: Fetching) -> None:
    made = await fetching.delegate()
    owner = follow_delegation(fetching.owner, made, **fetching.both)
    friend = follow_by_token(await fetching.token(made), **fetching.both)
    for stream in (owner, friend):
        assert (await next_of(stream)).state is State.ACTIVE
    await fetching.park()
    for stream in (owner, friend):
        assert (await next_of(stream)).stay_state == "ACTIVE"
    await fetching.try_at(fetching.bay, made)
    for stream in (owner, friend):
        assert (await next_of(stream)).state is State.LEAVING
    await revoke_exit(fetching.owner, made, **fetching.both)
    for stream in (owner, friend):
        assert [each.state for each in await rest_of(stream)] == [State.REVOKED]


async def test_time_ends_a_stream_by_itself(fetching: Fetching) -> None:
    until = fetching.clock.now() + timedelta(minutes=5)
    made = await fetching.delegate(fetching.wish(valid_until=until))
    stream = follow_by_token(await fetching.token(made), **fetching.both)
    assert (await next_of(stream)).state is State.ACTIVE
    rest = asyncio.create_task(rest_of(stream))
    fetching.clock.set(until)
    assert [each.state for each in await rest] == [State.EXPIRED]


async def test_who_follows_what_is_erased_hears_that_it_is_gone(fetching: Fetching) -> None:
    made = await fetching.delegate()
    stream = follow_by_token(await fetching.token(made), **fetching.both)
    assert (await next_of(stream)).state is State.ACTIVE
    assert fetching.owner.person_id is not None
    await erase_delegations(fetching.owner.person_id, **fetching.both)
    with pytest.raises(NotFound):
        await next_of(stream)


async def test_strangers_follow_nothing(fetching: Fetching) -> None:
    made = await fetching.delegate()
    for stream in (
        follow_delegation(fetching.friend, made, **fetching.both),
        follow_by_token("a" * 28, **fetching.both),
    ):
        with pytest.raises(NotFound):
            await next_of(stream)


async def alarms() -> int:
    return len(await database().fetch("SELECT id FROM alarm WHERE cleared_at IS NULL"))


async def test_a_gate_that_decided_alone_has_let_out(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    token, other = await fetching.code(made), await fetching.code(made)
    fetching.clock.advance(minutes=10)
    assert (await fetching.tell(token, fetching.gate, 10)).outcome is Outcome.GRANTED
    right = await fetching.right(made)
    assert (right.state, right.used_at) == (
        State.USED, fetching.clock.now() - timedelta(minutes=10),
    )  # fmt: skip
    second = await fetching.reader(None, "gate-2")
    assert (await fetching.tell(other, second, 10)).outcome is Outcome.NOT_DELEGATED
    assert await alarms() == 1


async def test_alone_after_it_was_taken_back_is_an_alarm_and_before_it_is_not(
    fetching: Fetching,
) -> None:
    made = await fetching.delegate()
    await fetching.park()
    before, after = await fetching.code(made), await fetching.code(made)
    fetching.clock.advance(seconds=30)
    await revoke_exit(fetching.owner, made, **fetching.both)
    fetching.clock.advance(seconds=30)
    told = [(before, 0.75, Outcome.GRANTED), (after, 0.25, Outcome.NOT_DELEGATED)]
    for token, minutes_ago, outcome in told:
        assert (await fetching.tell(token, fetching.bay, minutes_ago)).outcome is outcome
    assert await alarms() == 1
    assert await fetching.state(made) is State.REVOKED


async def test_a_gate_that_asked_and_heard_nothing_is_no_second_exit(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    token = await fetching.code(made)
    assert (await fetching.show(token, fetching.gate)).outcome is Outcome.GRANTED
    fetching.clock.advance(seconds=3)
    assert (await fetching.tell(token, fetching.gate, 0)).outcome is Outcome.GRANTED
    assert await alarms() == 0


async def test_a_cut_off_gate_lets_out_once(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    tokens, now = [await fetching.code(made) for _ in range(2)], fetching.clock.now()
    keys = parse_key_set(published(await keys_in_force(database(), now)))
    gate = Notebook(fetching.gate.audience, keys)
    assert [gate.decide(each, now) for each in tokens] == [Outcome.GRANTED, Outcome.NOT_DELEGATED]
    bay = Notebook(fetching.bay.audience, keys)
    assert [bay.decide(each, now) for each in tokens] == [Outcome.GRANTED] * 2


async def test_what_has_ended_is_forgotten_in_time(fetching: Fetching) -> None:
    made = await fetching.delegate()
    token = await fetching.token(made)
    await revoke_exit(fetching.owner, made, **fetching.both)
    fetching.clock.advance(days=30)
    assert await forget_delegations(KEPT, clock=fetching.clock) == 0
    fetching.clock.advance(seconds=1)
    assert await forget_delegations(KEPT, clock=fetching.clock) == 1
    with pytest.raises(NotFound):
        await delegation_by_token(token, fetching.clock.now())
    rows = await database().fetch("SELECT label FROM exit_delegation")
    assert rows == [{"label": ""}]


async def test_a_person_has_their_own_erased_and_handed_out(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.paid_by_friend())
    await accept_exit(fetching.friend, made, **fetching.both)
    for who, side in ((fetching.owner, "OWNER"), (fetching.friend, "FETCHER")):
        assert who.person_id is not None
        [told] = await exported_delegations(database(), who.person_id)
        assert (told["side"], told["label"], told["state"]) == (side, "Freda", "ACTIVE")
    assert fetching.owner.person_id is not None
    await erase_delegations(fetching.owner.person_id, **fetching.both)
    row = await database().fetch_one("SELECT label, state, token_hash FROM exit_delegation")
    assert row == {"label": "", "state": "REVOKED", "token_hash": None}
    assert await settle_fetches(**fetching.both) == 1  # the friend's money is free again


async def test_with_it_goes_what_anybody_was_told(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.wish(phone="+8613800138000"))
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    await tell_exits(**fetching.both)
    tables = ("notice", "own_notice", "exit_delegation")

    async def kept() -> str:
        return "".join([str(await database().fetch(f"SELECT * FROM {each}")) for each in tables])

    assert "13800138000" in await kept()
    assert "Freda" in await kept()
    assert fetching.owner.person_id is not None
    await erase_delegations(fetching.owner.person_id, **fetching.both)
    assert "13800138000" not in await kept()
    assert "Freda" not in await kept()


async def test_who_drives_off_does_not_end_it_by_being_erased(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.paid_by_friend())
    await accept_exit(fetching.friend, made, **fetching.both)
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    assert fetching.friend.person_id is not None
    await erase_delegations(fetching.friend.person_id, **fetching.both)
    assert await fetching.state(made) is State.LEAVING


def test_the_worker_sees_to_it(clock: TestClock) -> None:
    jobs = {each.name: each.every_seconds for each in worker_jobs(clock, InProcessBus())}
    assert all(jobs[name] <= 1 for name in ("delegations", "exits", "fetch_payments"))
