"""A map: single spaces while they are few, else clusters with counts and the cheapest price."""

from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.errors import InvalidInput
from parking.geo import BoundingBox, Position
from parking.money import Money
from parking.reservations import clusters
from parking.reservations.clusters import GRID_CELLS, Map, Spot, clustered, map_available
from parking.reservations.pricing import Rate
from parking.reservations.wanted import Wanted
from tests.support.estate import make_estate
from tests.support.leasing import hours, make_listing

BOX = BoundingBox(48.0, 9.0, 49.2, 10.2)


def spot(latitude: float, longitude: float, count: int, amount: int = 100) -> Spot:
    rate = Rate(1, 1, "EUR", "Europe/Berlin")
    return Spot(Position(latitude, longitude), count, rate, Money(amount, "EUR"))


def test_spots_of_a_cell_are_one_cluster() -> None:
    [one] = clustered(BOX, [spot(48.51, 9.51, 3, 250), spot(48.55, 9.55, 1, 200)])
    assert one.bbox == BoundingBox(48.51, 9.51, 48.55, 9.55)
    assert one.position.latitude == pytest.approx(48.52)
    assert one.position.longitude == pytest.approx(9.52)
    assert (one.space_count, one.place_count, one.cheapest) == (4, 2, Money(200, "EUR"))


def test_spots_of_different_cells_are_not() -> None:
    corners = [spot(48.0, 9.0, 1), spot(49.2, 10.2, 1), spot(48.0, 10.2, 1), spot(49.2, 9.0, 1)]
    assert len(clustered(BOX, corners)) == 4
    everywhere = [
        spot(48.0 + row / 30, 9.0 + column / 30, 1) for row in range(37) for column in range(37)
    ]
    found = clustered(BOX, everywhere)
    assert len(found) == GRID_CELLS**2
    assert sum(each.space_count for each in found) == 37**2


def test_a_cluster_over_the_date_line_is_whole() -> None:
    box = BoundingBox(-18, 179, -16, -179)
    [one] = clustered(box, [spot(-17.0, 180.0, 1), spot(-17.0, -179.99, 1)])
    assert one.bbox.crosses_antimeridian
    assert one.position.longitude == pytest.approx(-179.995)


async def a_map(clock: TestClock, **wanted: Any) -> Map:
    asked = Wanted(BOX, hours(clock.now(), 1, 3), **wanted)
    return await map_available(ANONYMOUS, asked, clock=clock)


async def test_few_are_shown_singly_and_many_as_clusters(
    database: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, east in (("west", 9.05), ("middle", 9.6), ("close", 9.61)):
        estate = await make_estate(3, name, latitude=48.6, longitude=east)
        await make_listing(estate, estate.organisation_id)
    shown = await a_map(clock)
    assert (shown.total_count, len(shown.spaces), shown.clusters) == (9, 9, ())
    monkeypatch.setattr(clusters, "SINGLE_MAX", 8)
    shown = await a_map(clock)
    assert (shown.total_count, shown.spaces) == (9, ())
    assert [each.space_count for each in shown.clusters] == [3, 6]
    assert [each.cheapest for each in shown.clusters] == [Money(400, "EUR")] * 2
    assert (await a_map(clock, price_max=Money(399, "EUR"))).total_count == 0


async def test_too_many_places_are_refused(
    database: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        estate = await make_estate(1, name, latitude=48.6, longitude=9.5)
        await make_listing(estate, estate.organisation_id)
    monkeypatch.setattr(clusters, "PLACES_MAX", 1)
    with pytest.raises(InvalidInput) as refused:
        await a_map(clock)
    assert refused.value.code == "AREA_TOO_LARGE"


async def test_a_map_shows_a_box(clock: TestClock) -> None:
    asked = Wanted(1, hours(clock.now(), 1, 3))
    with pytest.raises(InvalidInput):
        await map_available(ANONYMOUS, asked, clock=clock)
