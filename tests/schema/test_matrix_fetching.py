"""The matrix of rights to fetch a car: every field, list, verb and stream, by every role (I11)."""

from parking.reservations.models import Reservation, ReservationState
from schema.ids import global_id, parse_id
from tests.schema.matrix_fetching import (
    CODES,
    DELEGATION_LISTS,
    DELEGATION_STREAMS,
    DELEGATIONS_SEEN,
    DELEGATIONS_TOLD,
    DOERS,
    FETCHING_ROLES,
    FETCHING_VERBS,
    NOTHING,
)
from tests.schema.selections import object_type, selection
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_subscriptions import first
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

REFUSED = {"NotFound", "NotPermitted"}
BY_TOKEN = "query ($t: String!) { it: delegatedExit(token: $t)"
SEE = f"{BY_TOKEN} {selection(object_type('DelegatedExit'))} }}"
NO_TOKEN = "a" * 28


async def test_who_may_not_see_a_right_finds_nothing(fetching_town: Town) -> None:
    town = fetching_town
    for role in FETCHING_ROLES:
        for name, seen_by in DELEGATIONS_SEEN.items():
            found = await read_node(town, role, town.ids[name])
            assert (found is not None) == (role in seen_by), f"{role} and {name}"
            for field, objects in DELEGATIONS_TOLD.items():
                if found is not None:
                    is_told = found[field] is not None
                    assert is_told == (role in objects[name]), f"{role}, {field} of {name}"


async def test_lists_hold_what_the_role_may_see(fetching_town: Town) -> None:
    for query, rows in DELEGATION_LISTS.items():
        for role in FETCHING_ROLES:
            expected = {fetching_town.ids[name] for name, seen in rows.items() if role in seen}
            assert await listed(fetching_town, role, query) == expected, f"{role}, {query}"


async def test_the_address_shows_it_to_everybody_who_has_it(fetching_town: Town) -> None:
    town = fetching_town
    for role in FETCHING_ROLES:
        for name in DELEGATIONS_SEEN:
            found = (await town.ask(role, SEE, t=town.texts[name]))["it"]
            assert found["label"] == "Freda", f"{role}, {name}"
        assert (await town.ask(role, SEE, t=NO_TOKEN))["it"] is None
        good = await first(
            town, role, f'delegatedExit(token: "{town.texts["right"]}")', "DelegatedExitUpdate"
        )
        assert good["__typename"] == "DelegatedExitUpdate"
        bad = await first(town, role, f'delegatedExit(token: "{NO_TOKEN}")', "DelegatedExitUpdate")
        assert bad["__typename"] == "NotFound"


async def test_a_code_is_for_who_pays_or_whoever_has_the_address(fetching_town: Town) -> None:
    town = fetching_town
    await Reservation.filter(id__in=[town.keys["booking"], town.keys["others"]]).update(
        state=ReservationState.ACTIVE
    )
    for role in FETCHING_ROLES:
        for name, readers in CODES.items():
            found = (await town.ask(role, SEE, t=town.texts[name]))["it"]
            is_theirs = role in readers
            told = found["hasCode"], found["hasCodeForFetcher"]
            assert told == (is_theirs, not is_theirs), f"{role}, {name}"
            given = f'token: "{town.texts[name]}"'
            expected = "DelegatedQrRefreshed" if is_theirs else "NotPermitted"
            got = await answer_to(town, role, "refreshDelegatedQr", given)
            assert got == expected, f"{role}, {name}"
            live = await first(town, role, f"delegatedExit({given})", "DelegatedExitUpdate")
            assert live["exit"]["hasCode"] == is_theirs, f"{role}, {name}"


async def test_a_verb_is_for_those_whom_its_row_names(fetching_town: Town) -> None:
    town = fetching_town
    for verb, (arguments, objects) in FETCHING_VERBS.items():
        tries = [("anonymous", NOTHING, "UNAUTHENTICATED")]
        pairs = [(role, thing, row[role]) for thing, row in objects.items() for role in DOERS]
        tries += [each for each in pairs if each[2] in REFUSED]
        tries += {
            thing: (role, thing, got) for role, thing, got in pairs if got not in REFUSED
        }.values()
        for role, thing, expected in tries:
            like = (parse_id(town.ids[next(iter(objects))]) or ("Reservation", 0))[0]
            given = town.ids.get(thing, global_id(like, 999_999))
            filled = arguments.format(id=given, **town.texts)
            assert await answer_to(town, role, verb, filled) == expected, f"{verb}, {role}, {thing}"


async def test_a_right_is_followed_by_those_it_is_for(fetching_town: Town) -> None:
    for field, readers in DELEGATION_STREAMS.items():
        for role in FETCHING_ROLES:
            asked = field.format(**fetching_town.ids)
            got = await first(fetching_town, role, asked, "ExitDelegationUpdate")
            update = "ExitDelegationUpdate" if role in readers else "NotFound"
            assert got["__typename"] == update, (role, field)
