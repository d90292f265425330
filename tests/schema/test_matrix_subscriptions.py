"""The matrix of following: every subscription, by every role, on own, other's and no object."""

from typing import Any

import pytest

from schema.ids import global_id
from tests.schema.matrix_fields import ROLES, SEEN_BY
from tests.schema.matrix_verbs import DEVICES_OF, PLACES, SPACES
from tests.schema.selections import PRINTED, object_type, selection
from tests.schema.town import Town

FOLLOWED: dict[str, tuple[str, tuple[str, ...], dict[str, set[str]]]] = {
    "placeOccupancy": ('placeId: "{id}"', PLACES, SEEN_BY),
    "spaceStatus": ('spaceIds: ["{id}"]', SPACES, SEEN_BY),
    "deviceHealth": ('placeId: "{id}"', PLACES, DEVICES_OF),
}
"""Arguments, objects, and to whom each object's updates go; the others get NotFound."""

AREA = "areaOccupancy(bbox: {south: 48, west: 9, north: 49, east: 10})"


def test_every_subscription_has_a_row() -> None:
    assert PRINTED.subscription_type is not None
    also = {"areaOccupancy", "bookingByLink", "reservation", "reservations"}
    also |= {"commands", "alarms"}  # in `test_matrix_locks`
    also |= {"sessions"}  # in `test_matrix_sessions`
    also |= {"settlements", "balance"}  # in `test_matrix_money`
    also |= {"rights", "issuedRights"}  # in `test_matrix_rights`
    also |= {"merchantOrders"}  # in `test_matrix_merchants`
    also |= {"notices"}  # in `test_matrix_notices`
    also |= {"exitDelegation", "delegatedExit"}  # in `test_matrix_fetching`
    also |= {"positionLink"}  # in `test_matrix_sharing`
    # In `test_matrix_positions`:
    also |= {"sharedPosition", "sharedPositions", "refinementQueue"}
    assert set(PRINTED.subscription_type.fields) == {*FOLLOWED, *also}


async def first(town: Town, role: str, field: str, update: str) -> dict[str, Any]:
    """The first value, with everything that can be selected of it."""
    told = f"__typename ... on {update} {selection(object_type(update))}"
    results = await town.subscribe(role, f"subscription {{ it: {field} {{ {told} }} }}")
    result = await anext(results)
    assert result.errors is None
    await results.aclose()
    value: dict[str, Any] = result.data["it"]
    return value


@pytest.mark.parametrize("field", FOLLOWED)
async def test_updates_go_to_those_who_may_see_the_object(town: Town, field: str) -> None:
    for role in ROLES:
        arguments, objects, seen = FOLLOWED[field]
        update = f"{field[0].upper()}{field[1:]}Update"
        for thing in objects:
            text = town.ids.get(thing, global_id("Place", 999_999))
            got = await first(town, role, f"{field}({arguments.format(id=text)})", update)
            assert got["__typename"] == (update if role in seen.get(thing, ()) else "NotFound")


async def test_an_area_holds_what_the_role_may_see(town: Town) -> None:
    for role in ROLES:
        got = await first(town, role, AREA, "AreaOccupancyUpdate")
        visible = {town.ids[p] for p in PLACES if role in SEEN_BY.get(p, ())}
        assert {place["placeId"] for place in got["places"]} == visible


async def test_spaces_seen_and_unseen_together_are_refused(town: Town) -> None:
    both = f'"{town.ids["garage-1"]}", "{town.ids["yard-1"]}"'
    got = await first(town, "driver", f"spaceStatus(spaceIds: [{both}])", "SpaceStatusUpdate")
    assert got["__typename"] == "NotFound"
