"""A large library: a search probes candidates in order and stops at the page; nothing is read
whole, and nothing is read for ten times the bookings that would not be read for one."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.geo import BoundingBox, Position
from parking.money import Money
from parking.places.search import Near
from parking.reservations.availability import Available, find_available
from parking.reservations.clusters import map_available
from parking.reservations.wanted import Sort, Wanted
from parking.storage.sql import Sql, database
from parking.windows import Window
from tests.support.estate import OPENED
from tests.support.leasing import HOURLY
from tests.support.library import CURRENCY, NOW, Bookings, fill_library
from tests.support.operators import make_organisation

PLACES, SPACES_A_PLACE = 300, 10
CENTRE = Position(50.2, 9.0)
WINDOW = Window(NOW + timedelta(hours=26), NOW + timedelta(hours=29))
BOX = BoundingBox(50.0, 8.0, 50.5, 9.5)


@pytest.fixture
async def library(database: str) -> None:
    """Places on a grid over Germany; every space is booked half of the time."""
    assert database
    organisation_id, sql = await make_organisation(), open_database()
    await sql.execute_many(
        "INSERT INTO place (id, organisation_id, name, kind, time_zone, currency, latitude,"
        " longitude, created_at) VALUES ($1, $2, $3, 'LOT', 'UTC', 'CHF', $4, $5, $6)",
        [
            (i, organisation_id, f"P{i:05}", 47 + i % 20 * 0.4, 6 + i // 20 * 0.6, OPENED)
            for i in range(1, PLACES + 1)
        ],
    )
    await sql.execute_many(
        "INSERT INTO space (place_id, number) VALUES ($1, $2)",
        [(i, f"A-{n:03}") for i in range(1, PLACES + 1) for n in range(SPACES_A_PLACE)],
    )
    await sql.execute(
        "INSERT INTO space_state (space_id, place_id, occupancy, source)"
        " SELECT id, place_id, 'FREE', 'DEVICE' FROM space"
    )
    document = json.dumps(dict(HOURLY, currency=CURRENCY))
    await fill_library(sql, Bookings(2, 4), document, organisation_id)


def open_database() -> Sql:
    return database()


async def search(**wanted: Any) -> list[Available]:
    asked = Wanted(wanted.pop("area", Near(CENTRE, 60_000)), WINDOW, **wanted)
    return await find_available(ANONYMOUS, asked, clock=TestClock(NOW), limit=20)


async def show_map() -> Any:
    return await map_available(ANONYMOUS, Wanted(BOX, WINDOW), clock=TestClock(NOW))


Search = Callable[[], Awaitable[Any]]
SEARCHES: dict[str, Search] = {
    "near": search,
    "box": lambda: search(area=BOX),
    "one place": lambda: search(area=150),
    "by price": lambda: search(sort=Sort.PRICE),
    "at most so dear": lambda: search(price_max=Money(600, CURRENCY)),
    "with filters": lambda: search(is_ev=False, height_metres=1.8, plate="SHB1"),
    "map": show_map,
}


async def plans(ask: Search, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the database would run each statement of a search."""
    said: list[tuple[str, tuple[Any, ...]]] = []
    fetch = Sql.fetch

    async def listening(sql: Sql, query: str, *args: Any) -> list[dict[str, Any]]:
        said.append((query, args))
        return await fetch(sql, query, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Sql, "fetch", listening)
        assert await ask()
    sql = open_database()
    verb = "EXPLAIN QUERY PLAN" if sql.dialect == "sqlite" else "EXPLAIN"
    rows = [row for query, args in said for row in await sql.fetch(f"{verb} {query}", *args)]
    return "\n".join(str(list(row.values())) for row in rows)


def scans(plan: str) -> list[str]:
    """Large tables that are read from one end to the other."""
    return re.findall(
        r"Seq Scan on (?:reservation|space|space_state|listing_space)\b|\bSCAN (?:r|s|st|ls|p)\b",
        plan,
    )


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", SEARCHES)
async def test_no_large_table_is_read_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = await plans(SEARCHES[name], monkeypatch)
    assert scans(plan) == [], plan
    assert "reservation_space_live" in plan or "reservation_no_overlap" in plan, plan


NAIVE = """
SELECT s.id FROM space s WHERE s.id NOT IN (
  SELECT r.space_id FROM reservation r WHERE r.starts_at < $1 AND r.blocked_until > $2)
"""


@pytest.mark.usefixtures("library")
async def test_a_naive_search_is_seen_to_read_every_booking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control."""

    async def naive() -> Any:
        return await open_database().fetch(NAIVE, WINDOW.ends_at, WINDOW.starts_at)

    plan = await plans(naive, monkeypatch)
    assert scans(plan) != [], plan


@pytest.mark.usefixtures("library")
async def test_rows_come_in_order_though_no_order_is_asked_of_the_outer_query() -> None:
    hits = await search()
    assert len(hits) == 20
    assert [hit.key for hit in hits] == sorted(hit.key for hit in hits)
    dear = await search(sort=Sort.PRICE)
    assert [hit.key for hit in dear] == sorted(hit.key for hit in dear)


@pytest.mark.usefixtures("library")
async def test_a_search_asks_one_statement_and_prices_what_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[str] = []
    fetch = Sql.fetch

    async def counting(sql: Sql, query: str, *args: Any) -> list[dict[str, Any]]:
        counted.append(query)
        return await fetch(sql, query, *args)

    await search(area=150)
    monkeypatch.setattr(Sql, "fetch", counting)
    assert await search(area=150)
    assert len(counted) == 1, counted
    assert "reservation r" in counted[0]
