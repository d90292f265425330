"""The matrix of vehicles: every list and verb of them, by every role (I11)."""

from collections.abc import Iterator

from schema.ids import global_id
from tests.schema.matrix_fields import ROLES
from tests.schema.matrix_vehicles import (
    NOTHING,
    VEHICLE_LISTS,
    VEHICLE_OF_ONES_OWN,
    VEHICLE_VERBS,
)
from tests.schema.test_matrix_money import listed
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

REFUSED = {"NotFound", "NotPermitted", "Conflict"}
KEYS = ("key", "bare_key")


def _tries(verb: str) -> Iterator[tuple[str, str, str]]:
    """Role, object, answer: all that are denied first, and one who is allowed last."""
    _, objects = VEHICLE_VERBS[verb]
    of_keys = "NotFound" if "Proofs" in verb else "NotPermitted"
    allowed = dict[str, tuple[str, str, str]]()
    for thing, row in objects.items():
        for role, answer in {
            "anonymous": "UNAUTHENTICATED",
            **dict.fromkeys(KEYS, of_keys),
            **row,
        }.items():
            if role == "anonymous" or answer in REFUSED:
                yield role, thing, answer
            else:
                allowed[thing] = (role, thing, answer)
    yield from allowed.values()


async def test_a_verb_on_vehicles_is_for_those_whom_its_row_names(town: Town) -> None:
    for verb, (arguments, _) in VEHICLE_VERBS.items():
        missing = global_id("VehicleProof" if "Proofs" in verb else "Vehicle", 999_999)
        for role, thing, expected in _tries(verb):
            given = missing if thing == NOTHING else town.ids[thing]
            asked = arguments.format(id=given, garage=town.ids["garage"])
            assert await answer_to(town, role, verb, asked) == expected, f"{verb}: {role}, {thing}"


async def test_vehicles_are_enrolled_by_people(town: Town) -> None:
    for verb, arguments in VEHICLE_OF_ONES_OWN.items():
        for role in ROLES:
            answers = {"anonymous": "UNAUTHENTICATED", **dict.fromkeys(KEYS, "NotPermitted")}
            expected = answers.get(role, "VehicleEnrolled")
            assert await answer_to(town, role, verb, arguments) == expected, role


async def test_lists_of_vehicles_hold_what_the_role_may_see(town: Town) -> None:
    for query, rows in VEHICLE_LISTS.items():
        for role in ROLES:
            expected = {town.ids[name] for name, readers in rows.items() if role in readers}
            assert await listed(town, role, query) == expected, f"{role}, {query}"
