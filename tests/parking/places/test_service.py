"""Opening, closing and retiring."""

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.events.bus import InProcessBus
from parking.occupancy.live import place_snapshot
from parking.occupancy.models import Axis, Service, SpaceState
from parking.occupancy.record import Report, record
from parking.places.create import create_subplace
from parking.places.edit import update_space
from parking.places.edits import SpaceEdit
from parking.places.models import Place, Space, Subplace, SubplaceKind
from parking.places.new import NewSubplace
from parking.places.queries import places_by_id, spaces_by_id
from parking.places.service import (
    close_place,
    open_place,
    retire_place,
    retire_space,
    retire_subplace,
    set_space_service,
)
from tests.support.estate import Estate, make_estate
from tests.support.operators import member, operator

pytestmark = pytest.mark.usefixtures("database")
BUS = InProcessBus()


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate()


@pytest.fixture
def viewer(estate: Estate) -> Viewer:
    return operator(estate.organisation_id)


def report(estate: Estate, value: str, clock: TestClock, sequence: int = 1) -> Report:
    """What the sensor of the first space says."""
    return Report(
        estate.space_ids[0], estate.place_id, Axis.OCCUPANCY, value, clock.now(), clock.now(),
        device_id=1, boot=1, sequence=sequence,
    )  # fmt: skip


async def test_a_closed_place_is_closed_whatever_its_spaces(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    await record([report(estate, "FREE", clock)], clock, BUS)
    await close_place(viewer, estate.place_id, clock=clock, bus=BUS)
    closed = await Place.get(id=estate.place_id)
    assert (closed.is_open, closed.state, closed.available_count) == (False, "CLOSED", 1)
    await close_place(viewer, estate.place_id, clock=clock, bus=BUS)
    assert (await Place.get(id=estate.place_id)).version == closed.version
    await open_place(viewer, estate.place_id, clock=clock, bus=BUS)
    opened = await Place.get(id=estate.place_id)
    assert (opened.is_open, opened.state != "CLOSED") == (True, True)


async def test_closed_spaces_count_as_closed_until_they_open(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    two = estate.space_ids[:2]
    await set_space_service(viewer, two, Service.CLOSED, clock=clock, bus=BUS)
    place = await Place.get(id=estate.place_id)
    assert (place.closed_count, place.unknown_count, place.version) == (2, 1, 2)
    assert await SpaceState.filter(space_id__in=two, status="CLOSED").count() == 2
    await set_space_service(viewer, two, Service.CLOSED, clock=clock, bus=BUS)
    assert (await Place.get(id=estate.place_id)).version == 2
    await set_space_service(viewer, two, Service.OPEN, clock=clock, bus=BUS)
    assert (await Place.get(id=estate.place_id)).closed_count == 0


async def test_spaces_of_a_foreign_place_close_with_none(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    other = await make_estate(name="Other")
    mixed = [estate.space_ids[0], other.space_ids[0]]
    with pytest.raises(NotPermitted):
        await set_space_service(viewer, mixed, Service.CLOSED, clock=clock, bus=BUS)
    with pytest.raises(InvalidInput):
        await set_space_service(viewer, [], Service.CLOSED, clock=clock, bus=BUS)
    assert await SpaceState.filter(service="CLOSED").count() == 0


async def test_a_retired_space_is_gone_from_plan_counts_and_reports(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    retired = estate.space_ids[0]
    await retire_space(viewer, retired, clock=clock, bus=BUS)
    await record([report(estate, "OCCUPIED", clock)], clock, BUS)
    place = await Place.get(id=estate.place_id)
    snapshot = await place_snapshot(estate.place_id, clock)
    assert (place.unknown_count, place.occupied_count, place.version) == (2, 0, 1)
    assert [space.space_id for space in snapshot.spaces] == estate.space_ids[1:]
    assert await spaces_by_id(viewer, estate.space_ids[:1]) == {}
    assert (await Space.get(id=retired)).retired_at == clock.now()
    with pytest.raises(NotFound):
        await retire_space(viewer, retired, clock=clock, bus=BUS)


async def test_a_subplace_is_removed_only_when_empty_and_takes_no_space_along(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    row = NewSubplace(estate.place_id, "A", SubplaceKind.ROW)
    row_id = await create_subplace(viewer, row, clock=clock, bus=BUS)
    edit = SpaceEdit(estate.space_ids[0], subplace_id=row_id)
    await update_space(viewer, edit, clock=clock, bus=BUS)
    with pytest.raises(Conflict) as refused:
        await retire_subplace(viewer, row_id, clock=clock, bus=BUS)
    assert refused.value.code == "NOT_EMPTY"
    await retire_space(viewer, estate.space_ids[0], clock=clock, bus=BUS)
    await retire_subplace(viewer, row_id, clock=clock, bus=BUS)
    assert (await Subplace.all().count(), await Space.all().count()) == (0, 3)


async def test_a_retired_place_is_found_by_nobody(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    await retire_place(viewer, estate.place_id, clock=clock, bus=BUS)
    assert await places_by_id(viewer, [estate.place_id]) == {}
    assert await spaces_by_id(viewer, estate.space_ids) == {}
    assert (await Place.get(id=estate.place_id)).state == "CLOSED"


async def test_attendants_neither_close_nor_retire(estate: Estate, clock: TestClock) -> None:
    attendant = member(estate.organisation_id, Role.ATTENDANT)
    with pytest.raises(NotPermitted):
        await close_place(attendant, estate.place_id, clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await retire_space(attendant, estate.space_ids[0], clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await retire_place(attendant, estate.place_id, clock=clock, bus=BUS)
