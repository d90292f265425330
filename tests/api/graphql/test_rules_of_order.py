"""The pure decisions: which deltas lead on, what is kept, who is asked together."""

import asyncio
import itertools
from collections.abc import Sequence

import pytest

from api.graphql.close_codes import fitting
from api.graphql.coalescing import Coalescer
from api.graphql.group_call import GroupCall
from api.graphql.lru import Lru
from api.graphql.sequence import Broken, Position, parts
from schema.execution import Event


def chain(*versions: int) -> list[Event]:
    """Deltas from each version to the next."""
    return [Event(None, b, a) for a, b in itertools.pairwise(versions)]


def standing_at(version: int | None, retained_max: int = 10) -> Position:
    position = Position(retained_max)
    position.restart(version)
    return position


@pytest.mark.parametrize(
    ("at", "events", "fresh"),
    [
        (1, chain(1, 2, 3), [2, 3]),
        (1, [], []),
        (2, chain(1, 2, 3), [3]),
        (3, chain(1, 2, 3), []),
        (None, chain(4, 6, 7), [6, 7]),
        (1, [*chain(1, 2), *chain(1, 2, 3)], None),
        (1, chain(2, 3), None),
        (1, [*chain(1, 2), *chain(3, 4)], None),
        (2, chain(1, 3), None),
        (None, [*chain(1, 2), *chain(3, 4)], None),
    ],
)
def test_deltas_lead_on_or_break(
    at: int | None, events: list[Event], fresh: list[int] | None
) -> None:
    position = standing_at(at)
    if fresh is None:
        with pytest.raises(Broken):
            position.fresh(events)
    else:
        assert [event.version for event in position.fresh(events)] == fresh


@pytest.mark.parametrize(
    ("version", "since"), [(4, []), (3, [4]), (2, [3, 4]), (1, [2, 3, 4]), (0, None), (9, None)]
)
def test_what_happened_since_is_known_while_it_is_retained(
    version: int, since: list[int] | None
) -> None:
    position = standing_at(0, retained_max=3)
    position.advance(chain(0, 1, 2, 3, 4))
    found = position.since(version)
    assert [event.version for event in found or []] == (since or [])


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        ([], [[2, 3, 4]]),
        ([2], [[2], [3, 4]]),
        ([2, 3], [[2], [3], [4]]),
        ([4], [[2, 3, 4]]),
        ([9, 1], [[2, 3, 4]]),
    ],
)
def test_deltas_are_cut_where_somebody_stands(cuts: list[int], expected: list[list[int]]) -> None:
    found = parts(chain(1, 2, 3, 4), cuts)
    assert [[event.version for event in part] for part in found] == expected


def test_the_longest_unused_is_forgotten_first() -> None:
    store: Lru[str, str] = Lru(weight_max=10, entries_max=3)
    for key in "abc":
        store.put(key, key, 3)
    assert store.get("a") == "a"
    store.put("d", "d", 3)
    assert [store.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    store.put("huge", "x", 11)
    assert (store.get("huge"), len(store), store.weight) == (None, 3, 9)
    store.put("a", "A", 4)
    assert (store.get("a"), store.weight) == ("A", 10)
    store.put("e", "e", 1)
    assert (len(store), store.weight) == (3, 8)


async def test_who_asks_before_a_call_begins_shares_it_and_who_asks_later_does_not() -> None:
    calls: list[list[str]] = []
    gate = asyncio.Event()

    async def read(keys: list[str]) -> list[str]:
        calls.append(keys)
        await gate.wait()
        return [key.upper() for key in keys]

    group: GroupCall[str, str] = GroupCall(read)
    early = [asyncio.ensure_future(group.ask(key)) for key in "aab"]
    while not calls:  # noqa: ASYNC110 - one step of the loop at a time
        await asyncio.sleep(0)
    late = [asyncio.ensure_future(group.ask(key)) for key in "ac"]
    late[1].cancel()
    gate.set()
    assert await asyncio.gather(*early) == ["A", "A", "B"]
    assert await late[0] == "A"
    assert calls in ([["a", "b"], ["a"]], [["a", "b"], ["a", "c"]])


async def test_a_call_that_fails_fails_its_askers_only() -> None:
    fails = [True, False]

    async def read(keys: list[str]) -> list[str]:
        if fails.pop(0):
            raise OSError
        return keys

    group: GroupCall[str, str] = GroupCall(read)
    failed = await asyncio.gather(group.ask("a"), group.ask("b"), return_exceptions=True)
    assert [type(each) for each in failed] == [OSError, OSError]
    assert await group.ask("a") == "a"


async def test_what_gathers_while_the_taker_is_busy_is_taken_together() -> None:
    feed: asyncio.Queue[int | None] = asyncio.Queue()
    taken: list[list[int]] = []

    async def items() -> "Sequence[int]":  # type: ignore[misc]
        while (item := await feed.get()) is not None:
            yield item

    async def take(gathered: list[int]) -> None:
        taken.append(gathered)
        if len(taken) == 1:
            for item in (2, 3, None):
                feed.put_nowait(item)

    feed.put_nowait(1)
    await asyncio.wait_for(Coalescer(items(), take, 0.001).run(), 5)  # type: ignore[arg-type]
    assert taken == [[1], [2, 3]]


def test_a_close_reason_fits_its_frame_even_in_chinese() -> None:
    assert len(fitting("停车场" * 100).encode()) <= 123
    assert fitting("short") == "short"
