"""The matrix of positions and questions to terminals: every field, list, verb and stream, by every
role (I11)."""

import json
from collections.abc import Iterator

from schema.ids import global_id, parse_id
from tests.schema.matrix_positions import (
    DESK,
    HIDDEN,
    POSITION_LISTS,
    POSITION_SECOND_IDS,
    POSITION_STREAMS,
    POSITION_VERBS,
    POSITIONS_OF_ONES_OWN,
    POSITIONS_SEEN,
    POSITIONS_TOLD,
)
from tests.schema.matrix_sharing import DOERS, NOTHING, SHARING_ROLES
from tests.schema.sharing_town import ask_desk
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_subscriptions import first
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

REFUSED = {"NotFound", "NotPermitted"}


async def test_who_may_not_see_a_position_or_question_finds_nothing(sharing: Town) -> None:
    for role in SHARING_ROLES:
        for name, seen_by in POSITIONS_SEEN.items():
            found = await read_node(sharing, role, sharing.ids[name]) or {}
            assert bool(found) == (role in seen_by), f"{role} and {name}"
            for field, objects in POSITIONS_TOLD.items():
                told = field.partition(".")[2]
                if told in found and name in objects:
                    is_told = found[told] is not None
                    assert is_told == (role in objects[name]), f"{role}, {field} of {name}"


async def test_who_is_asked_learns_nothing_of_whose_car_it_is(sharing: Town) -> None:
    for role in DESK:
        found = json.dumps(await read_node(sharing, role, sharing.ids["question"]))
        assert "Ground" in found
        for hidden in HIDDEN:
            assert hidden not in found, f"{role}: {hidden}"


async def test_a_receiver_is_told_nothing_of_the_sharers_own(sharing: Town) -> None:
    found = await read_node(sharing, "friend", sharing.ids["spot"]) or {}
    assert (found["isOwn"], found["sharerName"]) == (False, "Dora")
    assert (found["reservation"], found["refinements"], found["receivers"]) == (None, [], [])
    private = await read_node(sharing, "friend", sharing.ids["others-spot"]) or {}
    assert (private["place"], private["placeName"]) == (None, "The hilltop")


async def test_lists_hold_what_the_role_may_see(sharing: Town) -> None:
    for query, rows in POSITION_LISTS.items():
        for role in SHARING_ROLES:
            expected = {sharing.ids[name] for name, seen in rows.items() if role in seen}
            assert await listed(sharing, role, query) == expected, f"{role}, {query}"


async def test_each_is_followed_by_those_who_may_see_it(sharing: Town) -> None:
    for asked, (update, readers) in POSITION_STREAMS.items():
        for role in SHARING_ROLES:
            got = await first(sharing, role, asked.format(**sharing.ids), update)
            expected = update if role in readers else "NotFound"
            assert got["__typename"] == expected, (role, asked)


def _tries(objects: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Role, object, answer: those that are denied first, then one of each object who may."""
    allowed = dict[str, tuple[str, str, str]]()
    for thing, row in objects.items():
        for role in DOERS:
            if row[role] in REFUSED:
                yield role, thing, row[role]
            else:
                allowed[thing] = (role, thing, row[role])
    yield from allowed.values()


async def test_a_verb_is_for_those_whom_its_row_names(sharing: Town) -> None:
    for verb, (arguments, objects) in POSITION_VERBS.items():
        nobody = await filled(sharing, arguments, NOTHING, objects)
        assert await answer_to(sharing, "anonymous", verb, nobody) in (
            "UNAUTHENTICATED",
            "NotFound",
        )
        for role, thing, expected in _tries(objects):
            asked = await filled(sharing, arguments, thing, objects)
            assert await answer_to(sharing, role, verb, asked) == expected, (verb, role, thing)
            if expected == "RefinementChanged" and verb == "takeRefinement":
                sharing.texts[f"{thing}-taker"] = role


async def filled(town: Town, arguments: str, thing: str, objects: dict[str, dict[str, str]]) -> str:
    """The arguments for an object; the questions of a position are those that it has now."""
    like = (parse_id(town.ids[next(iter(objects))]) or ("", 0))[0]
    prefix = "others-" if thing.startswith("others-") else ""
    named = {"id": town.ids.get(thing, global_id(like, 999_999)), "version": "1"}
    nothing = global_id("RefinementRequest", 999_999)
    named["map"] = named["fresh"] = nothing
    if thing != NOTHING:
        asked = await questions(town, prefix)
        if "{fresh}" in arguments and all(each["state"] != "OPEN" for each in asked):
            await ask_desk(town, f"{prefix}fresh", prefix)
            asked = await questions(town, prefix)
        for each in asked:
            named["map" if each["terminal"] == "MAP_SERVICE" else "fresh"] = each["id"]
            if each["id"] == named["id"]:
                named["version"] = each["version"]
    return arguments.format(**named)


async def questions(town: Town, prefix: str) -> list[dict[str, str]]:
    query = """query ($id: ID!) { node(id: $id) { ... on ParkingPosition {
      refinements { id terminal state version } } } }"""
    who = "stranger" if prefix else "driver"
    found = await town.ask(who, query, id=town.ids[f"{prefix}spot"])
    asked: list[dict[str, str]] = found["node"]["refinements"]
    return asked


async def test_everybody_who_signed_in_keeps_their_own(sharing: Town) -> None:
    for verb, (arguments, outcome) in POSITIONS_OF_ONES_OWN.items():
        for role in SHARING_ROLES:
            expected = "NotPermitted" if role in ("key", "bare_key") else outcome
            expected = "UNAUTHENTICATED" if role == "anonymous" else expected
            assert await answer_to(sharing, role, verb, arguments.format()) == expected, role


async def test_what_they_may_not_know_of_is_as_if_there_were_none(sharing: Town) -> None:
    things = {"placeId": "yard", "spaceId": "yard-1", "reservationId": NOTHING, "photoId": NOTHING}
    types = {"placeId": "Place", "spaceId": "Space", "reservationId": "Reservation"}
    for name, (verb, arguments) in POSITION_SECOND_IDS.items():
        field = name.partition(".")[2]
        nothing = global_id(types.get(field, "PositionPhoto"), 999_999)
        for given in (sharing.ids.get(things[field], nothing), nothing, "garbage"):
            asked = arguments.format(id=given, **sharing.ids)
            expected = "InvalidInput" if field == "photoId" else "NotFound"
            assert await answer_to(sharing, "driver", verb, asked) == expected, (name, given)


async def test_an_answer_names_a_space_of_the_place(sharing: Town) -> None:
    ids = (sharing.ids["yard-1"], global_id("Space", 999_999), "garbage")
    for given in ids:
        asked = f'input: {{requestId: "{sharing.ids["question"]}", version: 1, spaceId: "{given}"}}'
        assert await answer_to(sharing, "attendant", "answerRefinement", asked) == "InvalidInput"
