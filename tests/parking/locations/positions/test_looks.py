"""What goes with showing a position: the plan around the car, and the log of who looked."""

from datetime import timedelta

import pytest

from parking.locations.links.log import accesses_of_position
from parking.locations.models import PositionVersion
from parking.locations.positions import looks
from parking.locations.positions.looks import bays_around, looked_at
from parking.places.models import Place
from tests.support.parked import Parked


async def test_the_bays_of_the_level_are_drawn_also_of_a_private_place(parked: Parked) -> None:
    position = await parked.parked()
    await parked.bind()
    await Place.filter(id=parked.estate.place_id).update(is_public=False)
    version = await PositionVersion.get(position_id=position)
    now = parked.clock.now()
    for viewer in (parked.driver, parked.friend):
        drawn = await bays_around(viewer, [version.id], now)
        assert [each.number for each in drawn[version.id]] == ["A-01", "A-03"]
    for viewer in (parked.other, parked.attendant):
        assert await bays_around(viewer, [version.id], now) == {}


async def test_a_receivers_look_is_in_the_sharers_log_once_an_hour(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await parked.parked()
    binding = await parked.bind()
    now = parked.clock.now()
    for minutes in (0, 5, 61):
        for viewer in (parked.driver, parked.friend, parked.other):
            await looked_at(viewer, [position], now + timedelta(minutes=minutes))
    found = await accesses_of_position(parked.driver, position)
    assert found is not None
    assert [(each.binding_id, each.version_number) for each in found] == [(binding.id, 1)] * 2

    async def broken(*_: object) -> bool:
        raise RuntimeError("no log")

    monkeypatch.setattr(looks, "log_look", broken)
    assert await looked_at(parked.friend, [position], now) == {position: True}
