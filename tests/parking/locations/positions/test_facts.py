"""What the next version keeps of the one before: a table."""

from typing import Any

import pytest

from parking.errors import InvalidInput
from parking.locations.kinds import VersionKind
from parking.locations.positions.facts import (
    NOTHING,
    Facts,
    answers,
    checked_given,
    next_facts,
)

BAY = Facts(1, 7, 3, "Level 1", "Blue", "A-01", 48.0, 9.0)
"""What bay 7 brings."""
NEXT = Facts(1, 8, 4, "Level 2", "", "A-02", 48.1, 9.1)
KNOWN = BAY._replace(note="by the lift", photo_id=5)
TYPED = Facts(1, floor="Level 1", area="Blue", bay="12", latitude=48.5, longitude=9.5)
BASIC, REFINED = VersionKind.BASIC, VersionKind.REFINED
CORRECTED, MOVED = VersionKind.CORRECTED, VersionKind.MOVED

TABLE: list[tuple[VersionKind, Facts, dict[str, Any], Facts]] = [
    (BASIC, NOTHING, {"floor": "Level 1"}, Facts(floor="Level 1")),
    # What is not given is kept.
    (REFINED, TYPED, {"note": "x"}, TYPED._replace(note="x")),
    (CORRECTED, TYPED, {"bay": "13"}, TYPED._replace(bay="13")),
    (REFINED, KNOWN, {"note": "x"}, KNOWN._replace(note="x")),
    # The same again contradicts nothing.
    (REFINED, KNOWN, {"floor": "Level 1"}, KNOWN),
    # A known bay falls with what it had brought, once something else is said of floor, area or bay.
    (
        CORRECTED,
        KNOWN,
        {"floor": "Level 2"},
        Facts(1, floor="Level 2", note="by the lift", photo_id=5),
    ),
    (REFINED, KNOWN, {"bay": "12"}, Facts(1, bay="12", note="by the lift", photo_id=5)),
    # What somebody had typed meanwhile stays.
    (
        CORRECTED,
        KNOWN._replace(latitude=48.3, longitude=9.3, accuracy_metres=5.0),
        {"floor": "Level 2"},
        Facts(1, None, None, "Level 2", "", "", 48.3, 9.3, 5.0, "by the lift", 5),
    ),
    # Better coordinates do not contradict a bay.
    (
        REFINED,
        KNOWN,
        {"latitude": 48.2, "longitude": 9.2, "accuracy_metres": 3.0},
        KNOWN._replace(latitude=48.2, longitude=9.2, accuracy_metres=3.0),
    ),
    # Another bay brings its own.
    (CORRECTED, KNOWN, {"space_id": 8}, NEXT._replace(note="by the lift", photo_id=5)),
    # Another place keeps nothing of the former one's inside.
    (CORRECTED, TYPED, {"place_id": 2}, Facts(2, latitude=48.5, longitude=9.5)),
    # Taken away.
    (CORRECTED, TYPED, {"area": "", "bay": ""}, TYPED._replace(area="", bay="")),
    (
        CORRECTED,
        TYPED,
        {"latitude": None, "longitude": None, "accuracy_metres": None},
        TYPED._replace(latitude=None, longitude=None),
    ),
    # A car that was moved is nowhere else.
    (MOVED, KNOWN, {"floor": "Level 2"}, Facts(floor="Level 2")),
    (MOVED, KNOWN, {"space_id": 8}, NEXT),
]


@pytest.mark.parametrize(("kind", "before", "given", "wanted"), TABLE)
def test_next_facts(kind: VersionKind, before: Facts, given: dict[str, Any], wanted: Facts) -> None:
    space = NEXT if given.get("space_id") == 8 else NOTHING
    former = BAY if before.space_id == 7 else NOTHING
    assert next_facts(before, kind, given, space=space, former_space=former) == wanted


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"note": ""}, "note"),
        ({"space_id": None}, "space_id"),
        ({"latitude": None, "longitude": None}, "coordinates"),
    ],
)
def test_a_refinement_takes_nothing_away(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        next_facts(KNOWN, REFINED, given)
    assert refused.value.field == field


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"latitude": 91.0, "longitude": 0.0}, "coordinates"),
        ({"latitude": 0.0, "longitude": -181.0}, "coordinates"),
        ({"latitude": NAN, "longitude": 0.0}, "coordinates"),
        ({"latitude": 1.0}, "coordinates"),
        ({"latitude": 1.0, "longitude": 1.0, "accuracy_metres": -1.0}, "coordinates"),
        ({"latitude": 1.0, "longitude": 1.0, "accuracy_metres": INFINITE}, "coordinates"),
        ({"floor": "x" * 101}, "floor"),
        ({"bay": "x" * 41}, "bay"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_what_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_given(given)
    assert refused.value.field == field


def test_checked_texts_are_trimmed_and_coordinates_are_whole() -> None:
    given = {"floor": "  Level   2 ", "bay": None, "latitude": 1.0, "longitude": 2.0}
    assert checked_given(given) == {
        "floor": "Level 2", "bay": "", "latitude": 1.0, "longitude": 2.0, "accuracy_metres": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, False),
        ({"floor": ""}, False),
        ({"note": "x"}, False),
        ({"place_id": 1}, False),
        ({"accuracy_metres": 1.0}, False),
        ({"floor": "1"}, True),
        ({"area": "B"}, True),
        ({"bay": "3"}, True),
        ({"space_id": 3}, True),
        ({"latitude": 0.0, "longitude": 0.0}, True),
    ],
)
def test_an_answer_says_at_least_one_thing_of_where(given: dict[str, Any], wanted: bool) -> None:
    assert answers(given) is wanted
