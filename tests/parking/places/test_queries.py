"""Batch readers: what the viewer may see, in one statement."""

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import NotFound
from parking.places.create import create_campus
from parking.places.models import Place, PlaceKind, PlaceState, Space, Subplace, SubplaceKind
from parking.places.new import NewCampus
from parking.places.queries import (
    campuses_by_id,
    place_by_id,
    places_by_id,
    spaces_by_id,
    spaces_by_place,
    subplaces_by_id,
    subplaces_by_place,
)
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.operators import api_key, member, operator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate(is_public=False)


async def test_a_place_comes_with_typed_values(estate: Estate) -> None:
    place = await place_by_id(SYSTEM, estate.place_id)
    assert (place.kind, place.state) == (PlaceKind.GARAGE, PlaceState.UNKNOWN)
    assert (place.is_public, place.is_open, place.unknown_count) == (False, True, 3)
    assert place.created_at == OPENED


@pytest.mark.parametrize(
    ("sort", "sees"),
    [
        ("anonymous", False),
        ("system", True),
        ("member", True),
        ("stranger", False),
        ("key", True),
        ("device key", False),
        ("foreign key", False),
    ],
)
async def test_a_private_place_and_all_in_it_are_for_its_organisation(
    estate: Estate, sort: str, sees: bool
) -> None:
    ours, theirs = estate.organisation_id, estate.organisation_id + 1
    viewers: dict[str, Viewer] = {
        "anonymous": ANONYMOUS,
        "system": SYSTEM,
        "member": member(ours, Role.DRIVER),
        "stranger": operator(theirs),
        "key": api_key(ours, Scope.PLACES_READ),
        "device key": api_key(ours, Scope.DEVICES_READ),
        "foreign key": api_key(theirs, Scope.PLACES_READ),
    }
    subplace = await Subplace.create(place_id=estate.place_id, kind=SubplaceKind.ROW, name="A")
    viewer, place_ids = viewers[sort], [estate.place_id]
    assert (list(await places_by_id(viewer, place_ids)) == place_ids) is sees
    assert (list(await spaces_by_id(viewer, estate.space_ids)) == estate.space_ids) is sees
    assert bool((await spaces_by_place(viewer, place_ids))[estate.place_id]) is sees
    assert bool((await subplaces_by_place(viewer, place_ids))[estate.place_id]) is sees
    assert bool(await subplaces_by_id(viewer, [subplace.id])) is sees


async def test_missing_and_hidden_places_look_the_same(estate: Estate) -> None:
    for place_id in (estate.place_id, 10**12):
        with pytest.raises(NotFound, match="there is no such place"):
            await place_by_id(ANONYMOUS, place_id)


async def test_spaces_come_by_number_and_retired_ones_do_not_come(estate: Estate) -> None:
    await Space.filter(id=estate.space_ids[1]).update(number="A-99")
    await Space.filter(id=estate.space_ids[0]).update(retired_at=OPENED)
    other = await make_estate(2, name="Other")
    wanted = [estate.place_id, other.place_id, 10**12]
    found = await spaces_by_place(SYSTEM, wanted)
    numbers = [[space.number for space in found[place_id]] for place_id in wanted]
    assert numbers == [["A-03", "A-99"], ["A-01", "A-02"], []]


async def test_subplaces_come_from_the_ground_up(estate: Estate) -> None:
    for name, level, position in (("2", 2, 0), ("-1", -1, 0), ("0b", 0, 2), ("0a", 0, 1)):
        await Subplace.create(
            place_id=estate.place_id, kind=SubplaceKind.FLOOR_OR_LEVEL, name=name, level=level,
            position=position,
        )  # fmt: skip
    found = await subplaces_by_place(SYSTEM, [estate.place_id])
    assert [subplace.name for subplace in found[estate.place_id]] == ["-1", "0a", "0b", "2"]


async def test_a_campus_is_seen_by_its_members_and_through_its_visible_places(
    estate: Estate, clock: TestClock
) -> None:
    ours = estate.organisation_id
    campus_id = await create_campus(operator(ours), NewCampus(ours, "Mall"), clock=clock)
    await Place.filter(id=estate.place_id).update(campus_id=campus_id)
    assert await campuses_by_id(ANONYMOUS, [campus_id]) == {}
    assert (await campuses_by_id(operator(ours), [campus_id]))[campus_id].name == "Mall"
    await Place.filter(id=estate.place_id).update(is_public=True)
    assert list(await campuses_by_id(ANONYMOUS, [campus_id])) == [campus_id]


async def test_no_ids_give_nothing(estate: Estate) -> None:
    assert await places_by_id(SYSTEM, []) == {}
    assert await spaces_by_place(SYSTEM, []) == {}
    assert await campuses_by_id(SYSTEM, []) == {}
    assert estate.place_id
