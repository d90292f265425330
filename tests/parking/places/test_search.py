"""Finding places and spaces."""

from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM
from parking.errors import InvalidInput
from parking.geo import BoundingBox, Position
from parking.occupancy.models import SpaceState
from parking.places.models import Place, PlaceKind, PlaceState, Space, Subplace, SubplaceKind
from parking.places.search import (
    Key,
    Near,
    PlaceFilter,
    SpaceFilter,
    find_places,
    find_spaces,
    space_key,
)
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.operators import make_organisation, member, operator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def organisation_id(database: str) -> int:
    return await make_organisation()


async def add(
    organisation_id: int, name: str, at: tuple[float, float] | None, **values: Any
) -> int:
    """A place at (latitude, longitude); its id."""
    position = {"latitude": at[0], "longitude": at[1]} if at else {}
    facts = {"kind": PlaceKind.LOT, "time_zone": "UTC", "currency": "EUR", "created_at": OPENED}
    place = await Place.create(
        organisation_id=organisation_id, name=name, **{**facts, **position, **values}
    )
    return int(place.id)


async def names(wanted: PlaceFilter, limit: int = 50, viewer: Any = ANONYMOUS) -> list[str]:
    return [hit.place.name for hit in await find_places(viewer, wanted, limit=limit)]


@pytest.mark.parametrize(
    ("box", "found"),
    [
        (BoundingBox(47, 8, 49, 10), ["edge", "inside"]),
        (BoundingBox(-20, 175, -10, -175), ["fiji east", "fiji west"]),
        (BoundingBox(80, -180, 90, 180), ["north"]),
        (BoundingBox(-1, -1, 1, 1), []),
    ],
)
async def test_a_box_finds_what_lies_in_it(
    organisation_id: int, box: BoundingBox, found: list[str]
) -> None:
    for name, at in {
        "inside": (48.0, 9.0), "edge": (47.0, 10.0), "outside": (48.0, 10.1),
        "fiji west": (-17.0, 179.0), "fiji east": (-17.0, -179.0), "samoa": (-14.0, -171.0),
        "north": (89.9, 33.0),
    }.items():  # fmt: skip
        await add(organisation_id, name, at)
    await add(organisation_id, "nowhere", None)
    assert await names(PlaceFilter(bbox=box)) == found


@pytest.mark.parametrize(
    ("centre", "radius", "found"),
    [
        (Position(48.0, 9.0), 2_000, ["b", "a"]),
        (Position(48.0, 9.0), 500, ["b"]),
        (Position(0.0, 180.0), 3_000, ["date line east", "date line west"]),
        (Position(90.0, 0.0), 20_000, ["pole two", "pole one"]),
    ],
)
async def test_near_is_by_distance_also_over_pole_and_date_line(
    organisation_id: int, centre: Position, radius: float, found: list[str]
) -> None:
    for name, at in {
        "a": (48.01, 9.0), "b": (48.001, 9.0), "far": (48.1, 9.0),
        "date line west": (0.0, 179.98), "date line east": (0.0, -179.99),
        "pole one": (89.9, 100.0), "pole two": (89.95, -100.0),
    }.items():  # fmt: skip
        await add(organisation_id, name, at)
    hits = await find_places(ANONYMOUS, PlaceFilter(near=Near(centre, radius)), limit=50)
    assert [hit.place.name for hit in hits] == found
    metres = [hit.distance_metres or 0 for hit in hits]
    assert metres == sorted(metres)
    assert metres[-1] <= radius


@pytest.mark.parametrize("radius", [0, -1, 100_001, float("nan"), float("inf")])
async def test_a_radius_has_bounds(radius: float) -> None:
    with pytest.raises(InvalidInput, match="radius"):
        await find_places(ANONYMOUS, PlaceFilter(near=Near(Position(0, 0), radius)), limit=1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("garage", ["Garage Süd 100%", "Hafen"]),
        ("GARAGE", ["Garage Süd 100%", "Hafen"]),
        ("süd", ["Garage Süd 100%"]),
        ("SÜD", ["Garage Süd 100%"]),
        ("0%", ["Garage Süd 100%"]),
        ("%", ["Garage Süd 100%"]),
        ("_", ["a_b"]),
        ("\\", ["back\\slash"]),
        ("停车", ["停车场"]),
        ("'; DROP TABLE place; --", []),
    ],
)
async def test_text_is_found_in_name_and_address_and_means_itself(
    organisation_id: int, text: str, found: list[str]
) -> None:
    for name in ("Garage Süd 100%", "a_b", "back\\slash", "停车场"):
        await add(organisation_id, name, None)
    await add(organisation_id, "Hafen", None, address="Garagenweg 1")
    assert await names(PlaceFilter(text=text)) == found


async def test_a_text_that_postgresql_cannot_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="NUL"):
        await find_places(ANONYMOUS, PlaceFilter(text="a\0b"), limit=1)


async def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 100"):
        await find_places(ANONYMOUS, PlaceFilter(text="x" * 101), limit=1)


FILTERS: dict[str, tuple[PlaceFilter, list[str]]] = {
    "kinds": (PlaceFilter(kinds=[PlaceKind.GARAGE]), ["full"]),
    "no kinds": (PlaceFilter(kinds=[]), []),
    "states": (PlaceFilter(states=[PlaceState.FULL, PlaceState.CLOSED]), ["closed", "full"]),
    "available": (PlaceFilter(has_available=True), ["free"]),
    "not available": (PlaceFilter(has_available=False), ["closed", "full"]),
    "open": (PlaceFilter(is_open=True), ["free", "full"]),
    "closed": (PlaceFilter(is_open=False), ["closed"]),
    "ev": (PlaceFilter(has_ev=True), ["free"]),
    "no accessible": (PlaceFilter(has_accessible=False), ["closed", "free", "full"]),
    "foreign organisation": (PlaceFilter(organisation_id=10**9), []),
    "campus": (PlaceFilter(campus_id=10**9), []),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_filters(organisation_id: int, name: str) -> None:
    free = await add(organisation_id, "free", None, available_count=3)
    await add(organisation_id, "full", None, kind=PlaceKind.GARAGE, state=PlaceState.FULL)
    await add(organisation_id, "closed", None, is_open=False, state=PlaceState.CLOSED)
    await Space.create(place_id=free, number="1", is_ev=True)
    await Space.create(place_id=free, number="2", is_accessible=True, retired_at=OPENED)
    wanted, found = FILTERS[name]
    assert await names(wanted) == found


async def test_private_and_retired_places_are_left_out(organisation_id: int) -> None:
    await add(organisation_id, "private", (1.0, 1.0), is_public=False)
    await add(organisation_id, "retired", (1.0, 1.0), retired_at=OPENED)
    ours, theirs = member(organisation_id, Role.DRIVER), operator(organisation_id + 1)
    near = PlaceFilter(near=Near(Position(1, 1), 10))
    for wanted in (PlaceFilter(), near, PlaceFilter(bbox=BoundingBox(0, 0, 2, 2))):
        found = [await names(wanted, viewer=viewer) for viewer in (ANONYMOUS, theirs, ours, SYSTEM)]
        assert found == [[], [], ["private"], ["private"]]


async def test_an_operator_finds_the_places_they_operate(organisation_id: int) -> None:
    await add(organisation_id, "ours", None)
    await add(await make_organisation("Other"), "theirs", None)
    wanted = PlaceFilter(is_operated=True)
    assert await names(wanted, viewer=operator(organisation_id)) == ["ours"]
    assert await names(wanted, viewer=member(organisation_id, Role.ATTENDANT)) == []
    assert await names(wanted, viewer=SYSTEM) == ["ours", "theirs"]


@pytest.mark.parametrize("near", [None, Near(Position(0, 0), 50_000)])
@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_tell_everything_once_though_rows_come_and_go(
    organisation_id: int, near: Near | None, size: int
) -> None:
    for i in range(20):
        await add(organisation_id, f"P{i % 4}", (0.0, i % 5 * 0.01))
    seen: list[int] = []
    after: Key | None = None
    while hits := await find_places(ANONYMOUS, PlaceFilter(near=near), limit=size, after=after):
        seen += [hit.place.id for hit in hits]
        after = hits[-1].key
        if len(seen) < 10:
            await Place.filter(id=seen[0]).update(retired_at=OPENED)
    assert len(seen) == len(set(seen)) == 20


@pytest.mark.parametrize("key", [(), ("x",), (1, 2), ("a", "b"), ("a", 1, 2), (None, 1)])
async def test_the_key_of_another_list_is_refused(key: Key) -> None:
    with pytest.raises(InvalidInput) as refused:
        await find_places(ANONYMOUS, limit=5, after=key)
    assert refused.value.field == "after"


@pytest.mark.parametrize("limit", [0, -1, 10_002])
async def test_a_page_has_bounds(limit: int) -> None:
    with pytest.raises(InvalidInput, match="rows are asked for"):
        await find_places(ANONYMOUS, limit=limit)


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate(6)


SPACE_FILTERS: dict[str, tuple[SpaceFilter, list[str]]] = {
    "none": (SpaceFilter(), ["A-01", "A-02", "A-03", "A-04", "A-05"]),
    "status": (SpaceFilter(statuses=["OCCUPIED", "CLOSED"]), ["A-02"]),
    "ev": (SpaceFilter(is_ev=True), ["A-03"]),
    "not accessible": (SpaceFilter(is_accessible=False), ["A-01", "A-02", "A-03", "A-05"]),
    "level with its rows": (SpaceFilter(subplace_id=1), ["A-01", "A-05"]),
    "row": (SpaceFilter(subplace_id=2), ["A-05"]),
}


@pytest.mark.parametrize("name", SPACE_FILTERS)
async def test_spaces_of_a_place_are_filtered(estate: Estate, name: str) -> None:
    ids = estate.space_ids
    await SpaceState.filter(space_id=ids[1]).update(status="OCCUPIED")
    await Space.filter(id=ids[2]).update(is_ev=True)
    await Space.filter(id=ids[3]).update(is_accessible=True)
    await Space.filter(id=ids[5]).update(retired_at=OPENED)
    floor = await Subplace.create(place_id=estate.place_id, kind=SubplaceKind.ROW, name="1")
    row = await Subplace.create(
        place_id=estate.place_id, kind=SubplaceKind.ROW, name="A", parent_id=floor.id
    )
    await Space.filter(id=ids[0]).update(subplace_id=floor.id)
    await Space.filter(id=ids[4]).update(subplace_id=row.id)
    wanted, found = SPACE_FILTERS[name]
    spaces = await find_spaces(ANONYMOUS, estate.place_id, wanted, limit=50)
    assert [space.number for space in spaces] == found


async def test_spaces_come_in_pages_and_only_to_those_who_see_the_place(estate: Estate) -> None:
    first = await find_spaces(ANONYMOUS, estate.place_id, limit=4)
    rest = await find_spaces(ANONYMOUS, estate.place_id, limit=4, after=space_key(first[-1]))
    assert [space.id for space in first + rest] == estate.space_ids
    await Place.filter(id=estate.place_id).update(is_public=False)
    assert await find_spaces(ANONYMOUS, estate.place_id, limit=4) == []
    with pytest.raises(InvalidInput, match="another list"):
        await find_spaces(ANONYMOUS, estate.place_id, limit=4, after=(1, 2))
