"""Changing campuses, places, subplaces and spaces."""

import pytest

from parking.accounts.models import AuditEntry, Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.events.bus import InProcessBus
from parking.events.models import PlaceEvent
from parking.listings.models import Listing, ListingState
from parking.places.create import create_campus, create_place, create_subplace
from parking.places.edit import update_campus, update_place, update_space, update_subplace
from parking.places.edits import CampusEdit, PlaceEdit, SpaceEdit, SubplaceEdit
from parking.places.models import Campus, Place, PlaceKind, Space, Subplace, SubplaceKind
from parking.places.new import NewCampus, NewPlace, NewSubplace
from parking.reservations.cancel import cancel
from tests.parking.reservations.steps import booked
from tests.support.estate import Estate, make_estate
from tests.support.leasing import make_lease
from tests.support.operators import member, operator

pytestmark = pytest.mark.usefixtures("database")
BUS = InProcessBus()


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate()


@pytest.fixture
def viewer(estate: Estate) -> Viewer:
    return operator(estate.organisation_id)


async def test_only_what_is_given_changes(estate: Estate, viewer: Viewer, clock: TestClock) -> None:
    edit = PlaceEdit(estate.place_id, name=" Quay  garage ", latitude=None, longitude=None)
    await update_place(viewer, edit, clock=clock, bus=BUS)
    place = await Place.get(id=estate.place_id)
    assert (place.name, place.latitude, place.longitude) == ("Quay garage", None, None)
    assert (place.time_zone, place.kind, place.version) == ("Europe/Berlin", "GARAGE", 1)
    assert (await PlaceEvent.get()).kind == "place_changed"
    assert '"name": "Quay garage"' in (await AuditEntry.get()).detail


async def test_what_is_so_already_takes_no_version(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    same = PlaceEdit(estate.place_id, name="Harbour garage", kind=PlaceKind.GARAGE)
    await update_place(viewer, same, clock=clock, bus=BUS)
    await update_space(viewer, SpaceEdit(estate.space_ids[0], is_ev=False), clock=clock, bus=BUS)
    assert (await Place.get(id=estate.place_id)).version == 0
    assert await PlaceEvent.all().count() == await AuditEntry.all().count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"latitude": None}, "latitude"),
        ({"time_zone": "Nowhere"}, "timeZone"),
        ({"campus_id": 5}, "campusId"),
    ],
)
async def test_an_unsound_change_of_a_place_is_refused(
    estate: Estate, viewer: Viewer, clock: TestClock, change: dict[str, object], field: str
) -> None:
    edit = PlaceEdit(estate.place_id, **change)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        await update_place(viewer, edit, clock=clock, bus=BUS)
    assert refused.value.field == field
    assert (await Place.get(id=estate.place_id)).version == 0


async def test_another_places_external_id_is_refused(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    new = NewPlace(estate.organisation_id, "B", PlaceKind.LOT, "UTC", "EUR", external_id="b")
    await create_place(viewer, new, clock=clock)
    with pytest.raises(Conflict) as refused:
        edit = PlaceEdit(estate.place_id, external_id="b")
        await update_place(viewer, edit, clock=clock, bus=BUS)
    assert refused.value.code == "EXTERNAL_ID_TAKEN"
    assert (await Place.get(id=estate.place_id)).version == 0


async def test_a_space_changes_and_the_plan_is_told_to_be_out_of_date(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    edit = SpaceEdit(estate.space_ids[0], number="B-7", x_metres=12.5, height_max_metres=2.0)
    async with BUS.subscribe(f"place:{estate.place_id}") as messages:
        await update_space(viewer, edit, clock=clock, bus=BUS)
        message = await anext(messages)
    space = await Space.get(id=estate.space_ids[0])
    assert (space.number, space.x_metres, space.height_max_metres) == ("B-7", 12.5, 2.0)
    assert message.body is not None
    assert b'"inventory":true' in message.body


async def test_a_number_of_a_neighbour_is_refused(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    edit = SpaceEdit(estate.space_ids[0], number="A-02")
    with pytest.raises(Conflict) as refused:
        await update_space(viewer, edit, clock=clock, bus=BUS)
    assert refused.value.code == "NUMBER_TAKEN"
    assert (await Place.get(id=estate.place_id)).version == 0


async def test_a_subplace_cannot_come_to_lie_inside_itself(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    floor = NewSubplace(estate.place_id, "1", SubplaceKind.FLOOR_OR_LEVEL)
    top = await create_subplace(viewer, floor, clock=clock, bus=BUS)
    row = NewSubplace(estate.place_id, "A", SubplaceKind.ROW, parent_id=top)
    inner = await create_subplace(viewer, row, clock=clock, bus=BUS)
    for parent_id in (top, inner):
        with pytest.raises(Conflict) as refused:
            await update_subplace(
                viewer, SubplaceEdit(top, parent_id=parent_id), clock=clock, bus=BUS
            )
        assert refused.value.code == "PARENT_INSIDE"
    await update_subplace(
        viewer, SubplaceEdit(inner, parent_id=None, level=-1), clock=clock, bus=BUS
    )
    changed = await Subplace.get(id=inner)
    assert (changed.parent_id, changed.level) == (None, -1)


async def test_a_campus_is_renamed_by_its_operators_only(
    estate: Estate, viewer: Viewer, clock: TestClock
) -> None:
    new = NewCampus(estate.organisation_id, "Mall")
    campus_id = await create_campus(viewer, new, clock=clock)
    edit = CampusEdit(campus_id, name="Great mall")
    with pytest.raises(NotFound):
        await update_campus(operator(99), edit, clock=clock)
    with pytest.raises(NotPermitted):
        await update_campus(member(estate.organisation_id, Role.OWNER), edit, clock=clock)
    await update_campus(viewer, edit, clock=clock)
    assert (await Campus.get(id=campus_id)).name == "Great mall"


async def test_strangers_may_not_change_a_public_place_and_find_no_private_one(
    estate: Estate, clock: TestClock
) -> None:
    stranger = operator(estate.organisation_id + 1)
    space, place = SpaceEdit(estate.space_ids[0], number="X"), PlaceEdit(estate.place_id, name="X")
    for refusal in (NotPermitted, NotFound):
        with pytest.raises(refusal):
            await update_place(stranger, place, clock=clock, bus=BUS)
        with pytest.raises(refusal):
            await update_space(stranger, space, clock=clock, bus=BUS)
        await Place.filter(id=estate.place_id).update(is_public=False)


async def test_a_currency_stays_while_prices_are_in_it(database: str, clock: TestClock) -> None:
    lease = await make_lease()
    edit = PlaceEdit(lease.estate.place_id, currency="CHF")

    async def change() -> None:
        await update_place(lease.operator, edit, clock=clock, bus=BUS)

    made = await booked(lease, clock)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            await change()
        assert refused.value.code == "CURRENCY_IN_USE"
        await Listing.all().update(state=ListingState.PAUSED)
    await cancel(lease.driver, made, clock=clock, bus=BUS)
    await change()
    assert (await Place.get(id=lease.estate.place_id)).currency == "CHF"
