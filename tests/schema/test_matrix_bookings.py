"""The matrix of bookings: every field, verb and stream of theirs, by every role (I11)."""

import asyncio
from typing import Any

import pytest

from schema.ids import global_id
from tests.schema.matrix_bookings import BOOKING_VERBS, LISTED, NOTHING, SEEN, TOLD
from tests.schema.matrix_fields import ROLES
from tests.schema.selections import object_type, selection
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

LONG = 30.0


async def test_who_may_not_see_a_booking_finds_nothing(booked: Town) -> None:
    for role in ROLES:
        for name, seen_by in SEEN.items():
            found = await read_node(booked, role, booked.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"
            field = "quote" if name in {"quote", "extension"} else "reservation"
            query = f"query ($id: ID!) {{ it: {field}(id: $id) {{ id }} }}"
            asked = (await booked.ask(role, query, id=booked.ids[name]))["it"]
            assert (asked is not None) == (role in seen_by), f"{role} asks for {name}"


async def test_guarded_fields_of_bookings_are_null_to_the_others(booked: Town) -> None:
    for role in ROLES:
        for field, objects in TOLD.items():
            for name, readers in objects.items():
                found = await read_node(booked, role, booked.ids[name])
                if found is not None:
                    told = found[field] is not None
                    assert told == (role in readers), f"{role}, {field} of {name}"


LISTS = {
    "place": 'place(id: "{place}") {{ it: reservations {{ nodes {{ id }} }} }}',
    "organisation": 'node(id: "{organisation}") {{ ... on Organisation'
    " {{ it: reservations {{ nodes {{ id }} }} }} }}",
    "viewer": "viewer {{ it: reservations {{ nodes {{ id }} }} }}",
}  # fmt: skip
HOMES = {"booking": ("garage", "harbour"), "others": ("hilltop", "hill")}


@pytest.mark.parametrize("name", LISTED)
async def test_lists_hold_what_the_role_may_see(booked: Town, name: str) -> None:
    place, organisation = (booked.ids[each] for each in HOMES[name])
    for role in ROLES:
        for listed, query in LISTS.items():
            text = query.format(place=place, organisation=organisation)
            [outer] = (await booked.ask(role, f"{{ {text} }}")).values()
            nodes = outer["it"]["nodes"] if outer and "it" in outer else []
            is_there = {"id": booked.ids[name]} in nodes
            expected = role in LISTED[name][listed] or (
                listed == "organisation" and role == "attendant" and name == "booking"
            )
            assert is_there == expected, f"{role}, list of the {listed}"


def _tries(verb: str) -> list[tuple[str, str, str]]:
    """Role, object, answer: the denied first, and the first who is allowed last."""
    objects = BOOKING_VERBS[verb][1]
    rows = [("anonymous", thing, "UNAUTHENTICATED") for thing in objects]
    rows += [(role, thing, row[role]) for thing, row in objects.items() for role in row]
    refused = {"UNAUTHENTICATED", "NotFound", "NotPermitted", "Conflict"}
    denied = [row for row in rows if row[2] in refused]
    allowed = {row[1]: row for row in rows if row[2] not in refused}
    return denied + list(allowed.values())


@pytest.mark.parametrize("verb", BOOKING_VERBS)
async def test_a_verb_on_bookings_is_for_those_whom_its_row_names(booked: Town, verb: str) -> None:
    for role, thing, expected in _tries(verb):
        given = booked.ids.get(thing, global_id("Reservation", 999_999))
        arguments = BOOKING_VERBS[verb][0].format(id=given)
        assert await answer_to(booked, role, verb, arguments) == expected, f"{role} on {thing}"


@pytest.mark.parametrize("key", ["key", "bare_key"])
async def test_api_keys_have_no_bookings(booked: Town, key: str) -> None:
    """All in one town: what is refused changes nothing."""
    for verb, (words, objects) in BOOKING_VERBS.items():
        for thing in objects:
            given = booked.ids.get(thing, global_id("Reservation", 999_999))
            answer = await answer_to(booked, key, verb, words.format(id=given))
            assert answer in {"NotFound", "NotPermitted"}, f"{verb} on {thing}"


async def first(town: Town, role: str, field: str, update: str) -> dict[str, Any]:
    """The first value, with everything that can be selected of it."""
    told = f"__typename ... on {update} {selection(object_type(update))}"
    results = await town.subscribe(role, f"subscription {{ it: {field} {{ {told} }} }}")
    result = await asyncio.wait_for(anext(results), LONG)
    assert result.errors is None
    await results.aclose()
    value: dict[str, Any] = result.data["it"]
    return value


async def test_a_booking_is_followed_by_those_who_may_see_it(booked: Town) -> None:
    for role in ROLES:
        for thing in ("booking", "others", NOTHING):
            text = booked.ids.get(thing, global_id("Reservation", 999_999))
            got = await first(booked, role, f'reservation(id: "{text}")', "ReservationUpdate")
            seen = role in SEEN.get(thing, ())
            assert got["__typename"] == ("ReservationUpdate" if seen else "NotFound")


STREAMS = {
    'placeId: "{garage}"': {"attendant", "operator"},
    'placeId: "{hilltop}"': {"stranger"},
    'organisationId: "{harbour}"': {"operator"},
    'organisationId: "{hill}"': {"stranger"},
    "": {"driver", "attendant", "operator", "stranger"},
}
"""Arguments of `reservations`, and to whom it gives something."""


@pytest.mark.parametrize("arguments", STREAMS)
async def test_lists_are_followed_by_those_they_are_for(booked: Town, arguments: str) -> None:
    for role in ROLES:
        asked = f"reservations({arguments.format(**booked.ids)})" if arguments else "reservations"
        got = await first(booked, role, asked, "ReservationsUpdate")
        seen = role in STREAMS[arguments]
        assert got["__typename"] == ("ReservationsUpdate" if seen else "NotFound"), role


async def test_one_stream_is_of_one_thing(booked: Town) -> None:
    asked = 'reservations(placeId: "{garage}", organisationId: "{harbour}")'
    got = await first(booked, "operator", asked.format(**booked.ids), "ReservationsUpdate")
    assert got["__typename"] == "InvalidInput"
