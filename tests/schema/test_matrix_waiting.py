"""The matrix of searching and waiting: who finds what, by every role (I11)."""

from schema.ids import global_id
from tests.schema.matrix_bookings import SEEN_BESIDES
from tests.schema.matrix_fields import ROLES, SEEN_BY
from tests.schema.test_matrix_fields import read_node
from tests.schema.town import Town

WINDOW = 'window: {startsAt: "2026-02-02T08:00:00Z", endsAt: "2026-02-02T09:00:00Z"}'
BOX = "{south: 48, west: 9, north: 49, east: 10}"
OFFERED = {"garage": 3, "hilltop": 3}
"""How many pairs of listing and space each place offers; the third bay is in two listings."""


async def test_who_may_not_see_them_finds_no_entries_and_series(booked: Town) -> None:
    for role in ROLES:
        for name, seen_by in SEEN_BESIDES.items():
            found = await read_node(booked, role, booked.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"


async def test_a_place_is_searched_by_those_who_may_see_it(booked: Town) -> None:
    query = (
        "query ($id: ID!) { availableSpaces(area: {placeId: $id}, %s) { nodes { space { id } } } }"
    )
    for role in ROLES:
        for place, count in OFFERED.items():
            found = await booked.ask(role, query % WINDOW, id=booked.ids[place])
            nodes = found["availableSpaces"]["nodes"]
            expected = count if role in SEEN_BY[place] else 0
            assert len(nodes) == expected, f"{role} in {place}"
            assert all(node["space"] for node in nodes)


async def test_areas_and_maps_hold_what_the_role_may_see(booked: Town) -> None:
    areas = ("bbox: " + BOX, "near: {latitude: 48.77, longitude: 9.18}")
    for role in ROLES:
        expected = sum(n for place, n in OFFERED.items() if role in SEEN_BY[place])
        for area in areas:
            query = f"{{ availableSpaces(area: {{{area}}}, {WINDOW}) {{ nodes {{ listingId }} }} }}"
            found = await booked.ask(role, query)
            assert len(found["availableSpaces"]["nodes"]) == expected, role
        query = (
            f"{{ availabilityMap(bbox: {BOX}, {WINDOW}) {{ totalCount spaces {{ listingId }} }} }}"
        )
        shown = (await booked.ask(role, query))["availabilityMap"]
        assert (shown["totalCount"], len(shown["spaces"])) == (expected, expected)


async def test_waitlists_hold_what_the_role_may_see(booked: Town) -> None:
    homes = {"waiting": "garage", "others-waiting": "hilltop"}
    for role in ROLES:
        for name, place in homes.items():
            query = "query ($id: ID) { waitlist(placeId: $id) { nodes { id position } } }"
            found = await booked.ask(role, query, id=booked.ids[place])
            mine = [{"id": booked.ids[name], "position": 1}] if role in SEEN_BESIDES[name] else []
            assert found["waitlist"]["nodes"] == mine, f"{role} at {place}"
        everything = (await booked.ask(role, query))["waitlist"]["nodes"]
        assert len(everything) == sum(role in seen for seen in SEEN_BESIDES.values()) // 2


async def test_a_booking_moves_to_no_bay_of_others(booked: Town) -> None:
    call = 'reassignReservation(reservationId: "{}", spaceId: "{}", idempotencyKey: "{}")'
    for given in (booked.ids["hilltop-2"], global_id("Space", 999_999), "garbage"):
        asked = call.format(booked.ids["booking"], given, booked.fresh_key())
        found = await booked.ask("operator", f"mutation {{ it: {asked} {{ __typename }} }}")
        assert found["it"]["__typename"] == "NoReplacement"
