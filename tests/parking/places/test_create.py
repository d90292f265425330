"""Making campuses, places, subplaces and spaces."""

from dataclasses import replace

import pytest

from parking.accounts.models import AuditEntry, Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal
from parking.events.bus import InProcessBus
from parking.events.models import PlaceEvent
from parking.occupancy.models import SpaceState
from parking.places.create import create_campus, create_place, create_spaces, create_subplace
from parking.places.models import Place, PlaceKind, Space, SubplaceKind
from parking.places.new import NewCampus, NewPlace, NewSpace, NewSubplace
from parking.places.service import retire_space
from tests.support.operators import make_organisation, member, operator

pytestmark = pytest.mark.usefixtures("database")
BUS = InProcessBus()


@pytest.fixture
async def organisation_id(database: str) -> int:
    return await make_organisation()


@pytest.fixture
async def place_id(organisation_id: int, clock: TestClock) -> int:
    return await create_place(operator(organisation_id), garage(organisation_id), clock=clock)


@pytest.fixture
def viewer(organisation_id: int) -> Viewer:
    return operator(organisation_id)


def garage(organisation_id: int) -> NewPlace:
    return NewPlace(organisation_id, "Harbour", PlaceKind.GARAGE, "Europe/Berlin", "EUR")


async def test_a_place_is_made_with_an_audit_entry(
    place_id: int, organisation_id: int, clock: TestClock
) -> None:
    place = await Place.get(id=place_id)
    assert (place.name, place.kind, place.organisation_id) == ("Harbour", "GARAGE", organisation_id)
    assert (place.version, place.is_public, place.created_at) == (0, True, clock.now())
    entry = await AuditEntry.get()
    assert (entry.actor, entry.verb, entry.subject) == (
        "person:1", "create_place", f"place:{place_id}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"time_zone": "Mars/Base"}, "timeZone"),
        ({"currency": "EURO"}, "currency"),
        ({"latitude": 1.0}, "longitude"),
        ({"campus_id": 17}, "campusId"),
        ({"address": "x" * 301}, "address"),
    ],
)
async def test_an_unsound_place_names_its_field(
    organisation_id: int, clock: TestClock, change: dict[str, object], field: str
) -> None:
    place = replace(garage(organisation_id), **change)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        await create_place(operator(organisation_id), place, clock=clock)
    assert refused.value.field == field
    assert await Place.all().count() == 0


@pytest.mark.parametrize(
    ("roles", "refusal"),
    [((), NotFound), ((Role.ATTENDANT,), NotPermitted), ((Role.DRIVER,), NotPermitted)],
)
async def test_only_operators_make_places(
    organisation_id: int, clock: TestClock, roles: tuple[Role, ...], refusal: type[Refusal]
) -> None:
    viewer = member(organisation_id, *roles) if roles else ANONYMOUS
    with pytest.raises(refusal):
        await create_place(viewer, garage(organisation_id), clock=clock)


async def test_a_campus_of_another_organisation_is_refused(
    organisation_id: int, clock: TestClock
) -> None:
    other = await make_organisation("Other")
    campus_id = await create_campus(operator(other), NewCampus(other, "Mall"), clock=clock)
    place = replace(garage(organisation_id), campus_id=campus_id)
    with pytest.raises(InvalidInput, match="no such campus"):
        await create_place(operator(organisation_id), place, clock=clock)


async def test_an_external_id_is_unique_in_its_organisation(
    organisation_id: int, clock: TestClock
) -> None:
    viewer, place = operator(organisation_id), replace(garage(organisation_id), external_id="h-1")
    await create_place(viewer, place, clock=clock)
    with pytest.raises(Conflict) as refused:
        await create_place(viewer, place, clock=clock)
    assert refused.value.code == "EXTERNAL_ID_TAKEN"


async def test_new_spaces_are_unknown_counted_and_told(
    viewer: Viewer, place_id: int, clock: TestClock
) -> None:
    new = [NewSpace("A-1", is_ev=True), NewSpace("A-2", x_metres=2.5)]
    ids = await create_spaces(viewer, place_id, new, clock=clock, bus=BUS)
    place = await Place.get(id=place_id)
    assert [s.number for s in await Space.filter(id__in=ids).order_by("id")] == ["A-1", "A-2"]
    assert (place.version, place.unknown_count, place.state) == (1, 2, "UNKNOWN")
    assert await SpaceState.filter(place_id=place_id, status="UNKNOWN").count() == 2
    event = await PlaceEvent.get(place_id=place_id)
    assert (event.version, event.kind) == (1, "inventory_changed")


@pytest.mark.parametrize(
    ("spaces", "field"),
    [
        ([], "spaces"),
        ([NewSpace("A"), NewSpace(" A ")], "spaces.1.number"),
        ([NewSpace("A"), NewSpace("B", width_metres=0)], "spaces.1.widthMetres"),
        ([NewSpace("A", latitude=48)], "spaces.0.longitude"),
        ([NewSpace("A", height_max_metres=0.5)], "spaces.0.heightMaxMetres"),
        ([NewSpace("A", subplace_id=99)], "subplaceId"),
        ([NewSpace("A", x_metres=float("nan"))], "spaces.0.xMetres"),
    ],
)
async def test_an_unsound_space_means_none_is_made(
    viewer: Viewer, place_id: int, clock: TestClock, spaces: list[NewSpace], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_spaces(viewer, place_id, spaces, clock=clock, bus=BUS)
    assert refused.value.field == field
    assert await Space.all().count() == 0


async def test_a_number_in_use_is_refused_and_a_retired_one_is_put_in_use_again(
    viewer: Viewer, place_id: int, clock: TestClock
) -> None:
    [first] = await create_spaces(viewer, place_id, [NewSpace("A-1")], clock=clock, bus=BUS)
    with pytest.raises(Conflict) as refused:
        await create_spaces(viewer, place_id, [NewSpace("A-1")], clock=clock, bus=BUS)
    assert refused.value.code == "NUMBER_TAKEN"
    await retire_space(viewer, first, clock=clock, bus=BUS)
    ids = await create_spaces(viewer, place_id, [NewSpace("A-1")], clock=clock, bus=BUS)
    assert (ids, (await Place.get(id=place_id)).unknown_count) == ([first], 1)


async def test_a_row_lies_in_its_level(viewer: Viewer, place_id: int, clock: TestClock) -> None:
    floor = NewSubplace(place_id, "Level 1", SubplaceKind.FLOOR_OR_LEVEL, level=1)
    floor_id = await create_subplace(viewer, floor, clock=clock, bus=BUS)
    row = NewSubplace(place_id, "Row A", SubplaceKind.ROW, parent_id=floor_id, level=1)
    assert await create_subplace(viewer, row, clock=clock, bus=BUS) > floor_id
    with pytest.raises(Conflict) as refused:
        await create_subplace(viewer, row, clock=clock, bus=BUS)
    assert refused.value.code == "NAME_TAKEN"
    with pytest.raises(InvalidInput, match="no such subplace"):
        await create_subplace(viewer, replace(row, name="B", parent_id=999), clock=clock, bus=BUS)


async def test_strangers_find_no_private_place_to_add_to(place_id: int, clock: TestClock) -> None:
    await Place.filter(id=place_id).update(is_public=False)
    with pytest.raises(NotFound):
        await create_spaces(
            member(99, Role.OPERATOR), place_id, [NewSpace("A")], clock=clock, bus=BUS
        )
