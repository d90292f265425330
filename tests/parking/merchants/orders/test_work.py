"""Few locks: an order locks where it has or seeks a bay, and more only where that is not enough."""

from collections.abc import Iterable
from typing import Any

import pytest

from parking.merchants.kinds import OrderState
from parking.merchants.orders import work
from parking.merchants.orders.bays import WAYS_KEPT_MAX, Plan, _ways, ways_of
from parking.merchants.queries import unit_by_id
from parking.merchants.records import NO_NEEDS
from parking.occupancy import change
from parking.places.models import Space
from parking.storage.locks import lock_places
from parking.storage.sql import Sql
from parking.storage.sql import database as sql_database
from tests.support.mall import Mall


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """What each transaction locks."""
    found: list[set[int]] = []

    async def noted(sql: Sql, ids: Iterable[int]) -> None:
        found.append(set(ids))
        await lock_places(sql, ids)

    monkeypatch.setattr(change, "lock_places", noted)
    return found


async def test_only_places_up_to_the_first_with_a_bay_are_locked(
    mall: Mall, locked: list[set[int]]
) -> None:
    garage, lot = mall.garage.place_id, mall.lot.place_id
    for number in range(4):
        await mall.take(mall.ordered(str(number)))
    assert locked == [{garage}] * 4
    await mall.take(mall.ordered("4"))
    assert locked[4:] == [{garage, lot}]
    mall.clock.advance(minutes=1)
    await mall.cancel("4")
    assert locked[5:] == [{lot}]


async def test_what_asks_for_nothing_locks_nothing(mall: Mall, locked: list[set[int]]) -> None:
    await mall.take(mall.ordered())
    await mall.take(mall.ordered())
    assert len(locked) == 1


async def test_where_the_bay_is_gone_meanwhile_all_are_locked(
    mall: Mall, locked: list[set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await mall.take(mall.ordered(str(number)))

    async def seems_idle(*_: Any) -> tuple[int, int]:
        return 1, 1

    monkeypatch.setattr(work, "first_idle", seems_idle)
    order = await mall.take(mall.ordered("4"))
    assert (order.state, order.place_id) == (OrderState.BOOKED, mall.lot.place_id)
    assert locked[-2:] == [{mall.garage.place_id}, {mall.garage.place_id, mall.lot.place_id}]


async def test_walks_are_kept_until_the_plan_is_another(mall: Mall) -> None:
    sql, [far, *_] = sql_database(), mall.garage.space_ids
    unit = await unit_by_id(sql, mall.unit_id)
    assert unit is not None
    [before] = await Plan(await ways_of(sql, unit, NO_NEEDS)).bays(sql, [far])
    hits = _ways.cache_info().hits
    await Space.filter(id=far).update(x_metres=100.0)
    [after] = await Plan(await ways_of(sql, unit, NO_NEEDS)).bays(sql, [far])
    assert _ways.cache_info().hits == hits + 1
    assert before.metres is not None
    assert before.metres - 12.0 == after.metres
    assert _ways.cache_info().maxsize == WAYS_KEPT_MAX
