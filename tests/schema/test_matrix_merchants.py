"""The matrix of merchants: every field, list, verb and stream of them, by every role (I11)."""

from collections.abc import Iterator

from schema.ids import global_id, parse_id
from tests.schema.matrix_merchants import (
    DEMAND_TOLD,
    DOERS,
    GUEST_TOLD,
    MERCHANT_LISTS,
    MERCHANT_ROLES,
    MERCHANT_STREAMS,
    MERCHANT_VERBS,
    MERCHANTS_SEEN,
    MERCHANTS_TOLD,
    NOTHING,
)
from tests.schema.merchants_town import PHONE
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_subscriptions import first
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

DEMAND = """query ($id: ID!) { it: merchantDemand(placeId: $id,
  startsAt: "2026-01-05T08:00:00Z", endsAt: "2026-01-05T20:00:00Z") { booked } }"""
REFUSED = {"NotFound", "NotPermitted"}


async def test_who_may_not_see_units_and_orders_finds_nothing(ordering: Town) -> None:
    for role in MERCHANT_ROLES:
        for name, seen_by in MERCHANTS_SEEN.items():
            found = await read_node(ordering, role, ordering.ids[name]) or {}
            assert bool(found) == (role in seen_by), f"{role} and {name}"
            for field, objects in MERCHANTS_TOLD.items():
                told = field.partition(".")[2]
                if told in found and name in objects:
                    is_told = found[told] is not None
                    assert is_told == (role in objects[name]), f"{role}, {field} of {name}"


async def test_who_runs_the_place_knows_the_guest_by_the_plate_only(ordering: Town) -> None:
    for role in MERCHANTS_SEEN["order"]:
        found = await read_node(ordering, role, ordering.ids["order"]) or {}
        told = ("Li", PHONE) if role in GUEST_TOLD else ("", "")
        assert (found["guestName"], found["guestPhone"], found["plate"]) == (*told, "SLI1"), role


async def test_all_who_see_an_order_know_whose_it_is(ordering: Town) -> None:
    for role in MERCHANTS_SEEN["order"]:
        found = await read_node(ordering, role, ordering.ids["order"]) or {}
        assert (found["merchantName"], found["unitName"]) == ("Tea room", "Counter"), role


async def test_lists_hold_what_the_role_may_see(ordering: Town) -> None:
    for query, rows in MERCHANT_LISTS.items():
        for role in MERCHANT_ROLES:
            expected = {ordering.ids[name] for name, readers in rows.items() if role in readers}
            assert await listed(ordering, role, query) == expected, f"{role}, {query}"


async def test_demand_is_for_who_runs_the_place(ordering: Town) -> None:
    for role in MERCHANT_ROLES:
        for place, readers in DEMAND_TOLD.items():
            found = (await ordering.ask(role, DEMAND, id=ordering.ids[place]))["it"]
            assert (found is not None) == (role in readers), f"{role}, {place}"


def _tries() -> Iterator[tuple[str, str, str, str]]:
    """Verb, role, object, answer: of each verb those that are denied first, then one of each object
    who is allowed."""
    for verb, (_, objects) in MERCHANT_VERBS.items():
        allowed = dict[str, tuple[str, str, str, str]]()
        yield verb, "anonymous", NOTHING, "UNAUTHENTICATED"
        for thing, row in objects.items():
            for role in DOERS:
                if row[role] in REFUSED:
                    yield verb, role, thing, row[role]
                else:
                    allowed[thing] = (verb, role, thing, row[role])
        yield from allowed.values()


async def test_a_verb_on_merchants_is_for_those_whom_its_row_names(ordering: Town) -> None:
    for verb, role, thing, expected in _tries():
        arguments, objects = MERCHANT_VERBS[verb]
        type_name = (parse_id(ordering.ids[next(iter(objects))]) or ("MerchantUnit", 0))[0]
        given = ordering.ids.get(thing, global_id(type_name, 999_999))
        number = ordering.keys.get(thing, 0)
        filled = arguments.format(id=given, number=number, **ordering.ids, **ordering.texts)
        assert await answer_to(ordering, role, verb, filled) == expected, f"{verb}, {role}, {thing}"


async def test_orders_are_followed_by_those_they_are_for(ordering: Town) -> None:
    for field, readers in MERCHANT_STREAMS.items():
        for role in MERCHANT_ROLES:
            asked = field.format(**ordering.ids)
            got = await first(ordering, role, asked, "MerchantOrdersUpdate")
            update = "MerchantOrdersUpdate" if role in readers else "NotFound"
            assert got["__typename"] == update, (role, field)
