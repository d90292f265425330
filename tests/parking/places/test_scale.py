"""Large estates: searches by area and by place read what they find, not all there is."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.geo import BoundingBox, Position
from parking.places.queries import places_by_id, spaces_by_place
from parking.places.search import Near, PlaceFilter, SpaceFilter, find_places, find_spaces
from parking.storage.sql import Sql, database
from tests.support.estate import OPENED
from tests.support.operators import make_organisation

PLACES = 1_000
SPACES_A_PLACE = 20
SMALL_BOX = BoundingBox(50.0, 8.0, 50.3, 8.5)
Search = Callable[[], Awaitable[Any]]


@pytest.fixture
async def large(database: str) -> None:
    """A thousand places on a grid over Germany, with spaces."""
    assert database
    organisation_id = await make_organisation()
    sql = open_database()
    await sql.execute_many(
        "INSERT INTO place (id, organisation_id, name, kind, time_zone, currency, latitude,"
        " longitude, created_at) VALUES ($1, $2, $3, 'LOT', 'UTC', 'EUR', $4, $5, $6)",
        [
            (i, organisation_id, f"P{i:05}", 47 + i % 40 * 0.2, 6 + i // 40 * 0.3, OPENED)
            for i in range(1, PLACES + 1)
        ],
    )
    await sql.execute_many(
        "INSERT INTO space (place_id, number) VALUES ($1, $2)",
        [(i, f"A-{n:03}") for i in range(1, PLACES + 1) for n in range(SPACES_A_PLACE)],
    )
    await sql.execute("ANALYZE")


def open_database() -> Sql:
    return database()


async def plans(search: Search, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the database would run each statement of a search."""
    said: list[tuple[str, tuple[Any, ...]]] = []
    fetch = Sql.fetch

    async def listening(sql: Sql, query: str, *args: Any) -> list[dict[str, Any]]:
        said.append((query, args))
        return await fetch(sql, query, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Sql, "fetch", listening)
        assert await search()
    sql = open_database()
    verb = "EXPLAIN QUERY PLAN" if sql.dialect == "sqlite" else "EXPLAIN"
    rows = [row for query, args in said for row in await sql.fetch(f"{verb} {query}", *args)]
    return "\n".join(str(list(row.values())) for row in rows)


def scans(plan: str) -> list[str]:
    """Tables that are read from one end to the other."""
    return re.findall(r"Seq Scan on (?:place|space)\b|\bSCAN (?:p|s)\b(?! USING)", plan)


SEARCHES: dict[str, tuple[Search, str]] = {
    "bbox": (
        lambda: find_places(ANONYMOUS, PlaceFilter(bbox=SMALL_BOX), limit=50),
        "place_latitude_longitude",
    ),
    "near": (
        lambda: find_places(
            ANONYMOUS, PlaceFilter(near=Near(Position(50.2, 9.0), 2_000)), limit=50
        ),
        "place_latitude_longitude",
    ),
    "by name": (lambda: find_places(ANONYMOUS, limit=50, after=("P00500", 500)), "place_name_id"),
    "by id": (lambda: places_by_id(ANONYMOUS, [1, 500]), ""),
    "spaces of a place": (lambda: find_spaces(ANONYMOUS, 500, limit=50), ""),
    "filtered spaces": (
        lambda: find_spaces(ANONYMOUS, 500, SpaceFilter(is_ev=False), limit=5, after=("A-003",)),
        "",
    ),
    "spaces in a batch": (lambda: spaces_by_place(ANONYMOUS, [1, 500]), ""),
}


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("name", SEARCHES)
async def test_no_table_is_read_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    search, index = SEARCHES[name]
    plan = await plans(search, monkeypatch)
    assert scans(plan) == [], plan
    assert index in plan


@pytest.mark.usefixtures("large")
async def test_without_the_index_a_box_reads_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the plan is seen to be bad when the index is not there."""
    await open_database().execute("DROP INDEX place_latitude_longitude")
    await open_database().execute("DROP INDEX place_name_id")
    plan = await plans(SEARCHES["bbox"][0], monkeypatch)
    assert scans(plan) != [], plan
