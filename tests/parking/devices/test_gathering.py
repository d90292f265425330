"""Group commit: company without waiting, and nobody pays for another's mistake."""

import asyncio
from collections.abc import Sequence

import pytest

from parking.devices.gathering import Gathering, TooManyWaiting
from parking.storage.faults import Unreachable


class Commits:
    """Remembers groups; fails for the items it is told to."""

    def __init__(self, bad: frozenset[int] = frozenset(), is_away: bool = False) -> None:
        self.groups: list[list[int]] = []
        self.bad, self.is_away = bad, is_away
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def __call__(self, group: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(group))
        self.began.set()
        await self.may_end.wait()
        if self.is_away:
            raise Unreachable("nobody is there")
        if self.bad.intersection(group):
            raise ValueError("a poisoned group")
        return [item * 10 for item in group]


async def results(gathering: Gathering[int, int], items: Sequence[int]) -> list[object]:
    wanted = [gathering.result(item) for item in items]
    return await asyncio.gather(*wanted, return_exceptions=True)


async def test_what_comes_together_is_committed_together() -> None:
    commits = Commits()
    assert await results(Gathering(commits), [1, 2, 3]) == [10, 20, 30]
    assert commits.groups == [[1, 2, 3]]


async def test_the_next_group_gathers_while_one_is_committed() -> None:
    commits = Commits()
    commits.may_end.clear()
    gathering: Gathering[int, int] = Gathering(commits, gather_seconds=0)
    first = asyncio.ensure_future(gathering.result(1))
    await commits.began.wait()
    later = asyncio.gather(*(gathering.result(item) for item in (2, 3, 4)))
    await asyncio.sleep(0)
    assert commits.groups == [[1]]
    commits.may_end.set()
    assert (await first, await later) == (10, [20, 30, 40])
    assert commits.groups == [[1], [2, 3, 4]]


async def test_groups_are_bounded() -> None:
    commits = Commits()
    await results(Gathering(commits, group_max=2), [1, 2, 3, 4, 5])
    assert [len(group) for group in commits.groups] == [2, 2, 1]


@pytest.mark.parametrize("bad", [{3}, {1, 8}, {1, 2, 3, 4, 5, 6, 7, 8}])
async def test_a_poisoned_item_fails_alone(bad: set[int]) -> None:
    outcomes = await results(Gathering(Commits(frozenset(bad))), range(1, 9))
    for item, outcome in enumerate(outcomes, 1):
        assert isinstance(outcome, ValueError) if item in bad else outcome == item * 10


async def test_when_the_database_is_away_nobody_is_tried_alone() -> None:
    commits = Commits(is_away=True)
    outcomes = await results(Gathering(commits), [1, 2, 3])
    assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
    assert commits.groups == [[1, 2, 3]]


async def test_a_full_queue_says_so_and_takes_nothing() -> None:
    gathering: Gathering[int, int] = Gathering(Commits(), waiting_max=2)
    kept = [asyncio.ensure_future(gathering.result(item)) for item in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyWaiting):
        await gathering.result(3)
    assert await asyncio.gather(*kept) == [10, 20]


async def test_a_caller_that_goes_away_spoils_nothing() -> None:
    gathering: Gathering[int, int] = Gathering(Commits())
    gone, stays = (asyncio.ensure_future(gathering.result(item)) for item in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 20
    await gathering.drain()
    assert len(gathering) == 0
