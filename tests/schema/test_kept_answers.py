"""What may be kept by a place's version: nothing that changes without it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from strawberry.types.base import StrawberryObjectDefinition

from parking.accounts.models import Organisation
from parking.devices.models import Device, DeviceHealth
from parking.occupancy.models import SpaceState
from parking.places.models import Campus
from schema.execution import VERSIONED_BY, VOLATILE
from schema.ids import global_id
from schema.versions import NO_VERSION, PlaceVersions
from tests.schema.selections import object_type, selection
from tests.schema.town import SCHEMA, Town


def is_volatile(type_name: str, field_name: str) -> bool:
    """Whether the schema says that the field may change without its place's version."""
    definition = SCHEMA.get_type_by_name(type_name)
    assert isinstance(definition, StrawberryObjectDefinition)
    names = SCHEMA.config.name_converter
    (field,) = (f for f in definition.fields if names.get_graphql_name(f) == field_name)
    return bool(field.metadata.get(VOLATILE))


def kept(type_name: str) -> str:
    """All fields of the type that are not volatile."""
    return selection(object_type(type_name), leave_out=is_volatile)


QUERY = f"""query ($place: ID!, $space: ID!) {{
  place(id: $place) {{ {kept("Place")[1:-1]} organisation {kept("Organisation")}
    campus {kept("Campus")} subplaces {kept("Subplace")}
    spaces {{ nodes {kept("Space")} }} }}
  space(id: $space) {kept("Space")} }}"""


async def _rename(_: Town) -> None:
    await Organisation.all().update(name="Renamed")
    await Campus.all().update(name="Renamed")


async def _device_speaks(town: Town) -> None:
    await DeviceHealth.all().update(battery_percent=3, last_seen_at=town.clock.now())
    await Device.all().update(firmware="2.0")


async def _state_is_confirmed(town: Town) -> None:
    town.clock.advance(minutes=5)
    await SpaceState.all().update(observed_at=town.clock.now())


async def _time_passes(town: Town) -> None:
    town.clock.advance(hours=5)


UNVERSIONED = [_rename, _device_speaks, _state_is_confirmed, _time_passes]
"""What happens without a new version of the place."""


@pytest.mark.parametrize("happening", UNVERSIONED)
async def test_what_is_not_volatile_stays_as_long_as_the_version(
    town: Town, happening: Callable[[Town], Awaitable[None]]
) -> None:
    asked = {"place": town.ids["garage"], "space": town.ids["garage-1"]}
    before = await town.ask("operator", QUERY, **asked)
    await happening(town)
    assert await town.ask("operator", QUERY, **asked) == before


async def test_what_is_volatile_does_change(town: Town) -> None:
    """The control: with the volatile fields the answers differ."""
    query = f"query ($id: ID!) {{ place(id: $id) {{ devices {{ nodes {kept('Device')} }} }} }}"
    before = await town.ask("operator", query, id=town.ids["garage"])
    await _device_speaks(town)
    assert await town.ask("operator", query, id=town.ids["garage"]) != before


async def test_versions_of_tags_are_those_committed(town: Town) -> None:
    garage, space = town.keys["garage"], town.keys["garage-1"]
    tags = [f"place:{garage}", f"space:{space}", "place:999999", "space:999999"]
    reader = PlaceVersions()
    assert await reader.versions(tags) == [0, 0, NO_VERSION, NO_VERSION]
    await town.report("garage-2", "OCCUPIED", 1)
    assert await reader.versions(tags) == [1, 1, NO_VERSION, NO_VERSION]
    assert await reader.versions(tags[1:3]) == [1, NO_VERSION]


def _tags(field_name: str, arguments: dict[str, Any]) -> Any:
    definition = SCHEMA.get_type_by_name("Query")
    assert isinstance(definition, StrawberryObjectDefinition)
    (field,) = (f for f in definition.fields if f.python_name == field_name)
    return field.metadata[VERSIONED_BY](arguments)


def test_root_fields_name_their_tags() -> None:
    assert _tags("place", {"id": global_id("Place", 12)}) == ("place:12",)
    assert _tags("space", {"id": global_id("Space", 7)}) == ("space:7",)
    assert _tags("place", {"id": global_id("Space", 7)}) is None
    assert _tags("space", {"id": "garbage"}) is None
