"""One delegated exit right at many gates at the same moment, each time with a code of its own: one
car is let out."""

import asyncio

import pytest

from parking.access import admit
from parking.access.check import Outcome
from parking.access.delegations.rows import delegation_by_id
from parking.access.models import DelegationState
from parking.clock import TestClock
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from tests.support.fetching import Fetching, make_fetching

GATES = 6


async def showings(clock: TestClock) -> tuple[Fetching, list[Outcome]]:
    """Every gate is shown another code of the one right."""
    fetching = await make_fetching(clock)
    made = await fetching.delegate()
    await fetching.park()
    gates = [await fetching.reader(None, f"gate-{number}") for number in range(GATES)]
    codes = [await fetching.code(made) for _ in gates]
    answers = await asyncio.gather(*map(fetching.show, codes, gates))
    assert await fetching.state(made) is DelegationState.USED
    return fetching, [answer.outcome for answer in answers]


async def test_one_car_is_let_out(database: str, clock: TestClock) -> None:
    del database
    _, outcomes = await showings(clock)
    assert sorted(outcomes) == [Outcome.GRANTED] + [Outcome.NOT_DELEGATED] * (GATES - 1)


async def test_control_where_each_decides_by_what_it_read_before_more_are(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right is read as it was before any of them, and written without looking."""
    await connect(postgres_url)
    try:
        stale: dict[int, object] = {}

        async def read_once(sql: Sql, delegation_id: int) -> object:
            if delegation_id not in stale:
                stale[delegation_id] = await delegation_by_id(sql, delegation_id)
            return stale[delegation_id]

        async def write(change: object, delegation: object, reader: object, at: object) -> None:
            await change.sql.execute(  # type: ignore[attr-defined]
                "UPDATE exit_delegation SET state = 'USED', opened_at = $1", at
            )

        monkeypatch.setattr(admit, "locked_delegation", read_once)
        monkeypatch.setattr(admit, "let_out", write)
        _, outcomes = await showings(clock)
        assert outcomes.count(Outcome.GRANTED) > 1
    finally:
        await disconnect()
