"""The matrix of sessions: every field, verb and stream of theirs, by every role (I11)."""

import asyncio
from datetime import timedelta

import pytest

from parking.reservations.models import Reservation
from parking.sessions.override import end_session, start_session
from schema.ids import global_id
from tests.schema.booked_town import TOMORROW, book
from tests.schema.matrix_fields import ROLES
from tests.schema.matrix_sessions import SEEN_STAYS, SESSION_VERBS
from tests.schema.test_matrix_bookings import LONG, first
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

DRIVER_LISTS = {
    "place": "place(id: {garage}) {{ it: sessions {{ nodes {{ id }} }} }}",
    "hilltop": "place(id: {hilltop}) {{ it: sessions {{ nodes {{ id }} }} }}",
    "viewer": "viewer {{ it: sessions {{ nodes {{ id }} }} }}",
    "reservation": "reservation(id: {booking}) {{ it: sessions {{ id }} }}",
}  # fmt: skip
LISTED = {
    "place": {"driver", "attendant", "operator"},
    "hilltop": set[str](),
    "viewer": {"driver"},
    "reservation": {"driver", "attendant", "operator"},
}
"""Whose lists have the driver's stay."""

STREAMS = {
    'sessions(placeId: "{garage}")': {"attendant", "operator"},
    'sessions(placeId: "{hilltop}")': {"stranger"},
    "sessions": {"driver", "attendant", "operator", "stranger"},
}


@pytest.fixture
async def used(booked: Town) -> Town:
    """Both bookings are in use; another of the driver's is to begin."""
    town = booked
    await Reservation.filter(id=town.keys["hold"]).delete()
    await book(town, "coming", "driver", "garage-offer", "garage-2", is_confirmed=True)
    town.clock.advance(hours=TOMORROW)
    for viewer in town.viewers.values():
        if viewer.valid_until is not None:
            object.__setattr__(viewer, "valid_until", viewer.valid_until + timedelta(days=3))
    for stay, booking, who in (
        ("stay", "booking", "operator"),
        ("others-stay", "others", "stranger"),
    ):
        made = await start_session(
            town.viewers[who], town.keys[booking], clock=town.clock, bus=town.bus
        )
        town.know(stay, "Session", made)
    return town


async def test_a_stay_is_found_by_those_who_may_see_it(used: Town) -> None:
    for role in ROLES:
        for name, seen_by in SEEN_STAYS.items():
            text = used.ids.get(name, global_id("Session", 999_999))
            query = "query ($id: ID!) { it: session(id: $id) { id } }"
            asked = (await used.ask(role, query, id=text))["it"]
            assert (asked is not None) == (role in seen_by), f"{role} asks for {name}"
            found = await read_node(used, role, text)
            assert (found is not None) == (role in seen_by), f"{role} and {name}"


async def test_lists_hold_what_the_role_may_see(used: Town) -> None:
    ids = {name: f'"{text}"' for name, text in used.ids.items()}
    for role in ROLES:
        for listed, query in DRIVER_LISTS.items():
            [outer] = (await used.ask(role, f"{{ {query.format(**ids)} }}")).values()
            it = (outer or {}).get("it") or []
            nodes = it["nodes"] if isinstance(it, dict) else it
            is_there = {"id": used.ids["stay"]} in nodes
            assert is_there == (role in LISTED[listed]), f"{role}, list of the {listed}"


@pytest.mark.parametrize("verb", SESSION_VERBS)
async def test_a_verb_on_sessions_is_for_who_works_there(used: Town, verb: str) -> None:
    arguments, objects = SESSION_VERBS[verb]
    for thing, row in objects.items():
        text = used.ids.get(thing, global_id("Session", 999_999))
        tries = {**row, "anonymous": "UNAUTHENTICATED", "key": "NotFound", "bare_key": "NotFound"}
        may = [role for role, answer in tries.items() if answer.startswith("Session")]
        for role in [each for each in tries if each not in may] + may[:1]:
            got = await answer_to(used, role, verb, arguments.format(id=text))
            assert got == tries[role], f"{role} on {thing}"


@pytest.mark.parametrize("field", STREAMS)
async def test_stays_are_followed_by_those_they_are_for(used: Town, field: str) -> None:
    for role in ROLES:
        got = await first(used, role, field.format(**used.ids), "SessionsUpdate")
        seen = role in STREAMS[field]
        assert got["__typename"] == ("SessionsUpdate" if seen else "NotFound"), role


async def test_a_follower_hears_of_the_end_and_its_price(used: Town) -> None:
    session = "id state version amount { amountMinor } lines { amountMinor }"
    told = f"... on SessionsUpdate {{ kind sessions {{ {session} }} }}"
    results = await used.subscribe("driver", f"subscription {{ it: sessions {{ {told} }} }}")
    state = await asyncio.wait_for(anext(results), LONG)
    assert [each["id"] for each in state.data["it"]["sessions"]] == [used.ids["stay"]]
    used.clock.advance(minutes=30)
    operator, stay = used.viewers["operator"], used.keys["stay"]
    await end_session(operator, stay, clock=used.clock, bus=used.bus)
    update = await asyncio.wait_for(anext(results), LONG)
    await results.aclose()
    [ended] = update.data["it"]["sessions"]
    assert (update.data["it"]["kind"], ended["state"]) == ("DELTA", "ENDED")
    assert ended["amount"]["amountMinor"] == sum(line["amountMinor"] for line in ended["lines"])
    assert int(ended["version"]) == 2
