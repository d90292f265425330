"""Later versions by the sharer, and the end."""

import pytest

from parking.errors import Conflict, InvalidInput, NotFound
from parking.locations import limits
from parking.locations.kinds import PositionState, VersionKind, VersionSource
from parking.locations.models import ParkingPosition, PositionPhoto, PositionVersion
from parking.locations.positions import revise
from parking.locations.positions.end import end_position
from parking.locations.positions.revise import Revision, entitle_position, revise_position
from parking.places.models import Place
from tests.support.parked import Parked

REFINED, CORRECTED, MOVED = VersionKind.REFINED, VersionKind.CORRECTED, VersionKind.MOVED


async def test_each_is_a_version_and_none_is_edited(parked: Parked) -> None:
    made = await parked.parked()
    assert await parked.revise(made, REFINED, note="by the lift") == 2
    assert await parked.revise(made, CORRECTED, floor="Level 2") == 3
    assert await parked.revise(made, MOVED, floor="Level 3") == 4
    rows = await PositionVersion.filter(position_id=made).order_by("number")
    assert [(row.kind, row.floor, row.bay, row.note) for row in rows] == [
        (VersionKind.BASIC, "Level 1", "A-01", ""),
        (REFINED, "Level 1", "A-01", "by the lift"),
        (CORRECTED, "Level 2", "", "by the lift"),
        (MOVED, "Level 3", "", ""),
    ]
    position = await parked.position(made)
    assert (position.version, position.change, position.place_id) == (4, 4, None)
    assert {row.source for row in rows[1:]} == {VersionSource.SHARER}


async def test_only_the_sharer(parked: Parked) -> None:
    made = await parked.parked()
    await parked.bind()
    for viewer in (parked.friend, parked.other, parked.operator, parked.attendant):
        with pytest.raises(NotFound):
            await revise_position(
                viewer, Revision(made, REFINED, {"note": "x"}), clock=parked.clock, bus=parked.bus
            )
        with pytest.raises(NotFound):
            await end_position(viewer, made, clock=parked.clock, bus=parked.bus)
        with pytest.raises(NotFound):
            await entitle_position(viewer, made, "x", clock=parked.clock, bus=parked.bus)
    assert (await parked.position(made)).change == 1


async def test_what_has_ended_grows_no_more(parked: Parked) -> None:
    made = await parked.parked()
    await parked.end(made)
    await parked.end(made)
    position = await parked.position(made)
    assert (position.state, position.change) == (PositionState.ENDED, 2)
    with pytest.raises(Conflict) as refused:
        await parked.revise(made, REFINED, note="x")
    assert refused.value.code == "POSITION_ENDED"


async def test_a_first_version_is_not_a_later_one(parked: Parked) -> None:
    with pytest.raises(InvalidInput):
        await parked.revise(await parked.parked(), VersionKind.BASIC, note="x")


async def test_something_is_said_and_something_is_left(parked: Parked) -> None:
    made = await parked.record(floor="1")
    for given in ({}, {"floor": None}):
        with pytest.raises(InvalidInput):
            await parked.revise(made, CORRECTED, **given)


async def test_in_a_private_place_its_sharer_may_say_that_they_are_still_there(
    parked: Parked,
) -> None:
    made = await parked.parked()
    await Place.filter(id=parked.estate.place_id).update(is_public=False)
    await parked.revise(made, MOVED, place_id=parked.estate.place_id, floor="Level 2")
    [other] = await Place.exclude(id=parked.estate.place_id)
    await Place.filter(id=other.id).update(is_public=False)
    with pytest.raises(NotFound):
        await parked.revise(made, MOVED, place_id=other.id)


async def test_a_photo_of_this_position_only(parked: Parked) -> None:
    mine, another = await parked.parked(), await parked.record(floor="1")
    photos = [
        await PositionPhoto.create(
            position_id=each, key=f"key-{each}", bytes=1, width_pixels=1, height_pixels=1,
            created_by=parked.driver.person_id, created_at=parked.clock.now(),
        )
        for each in (mine, another)
    ]  # fmt: skip
    await parked.revise(mine, REFINED, photo_id=photos[0].id)
    assert (await parked.newest(mine)).photo_id == photos[0].id
    with pytest.raises(InvalidInput):
        await parked.revise(mine, REFINED, photo_id=photos[1].id)


async def test_so_many_versions(parked: Parked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revise, "VERSIONS_MAX", 2)
    assert limits.VERSIONS_MAX == 200
    made = await parked.parked()
    await parked.revise(made, REFINED, note="x")
    with pytest.raises(Conflict) as refused:
        await parked.revise(made, REFINED, note="y")
    assert refused.value.code == "TOO_MANY_VERSIONS"


async def test_a_title(parked: Parked) -> None:
    made = await parked.parked()
    await entitle_position(
        parked.driver, made, " The  red one ", clock=parked.clock, bus=parked.bus
    )
    row = await ParkingPosition.get(id=made)
    assert (row.title, row.change, row.version) == ("The red one", 2, 1)
