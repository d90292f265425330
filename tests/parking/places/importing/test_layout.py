"""Every space gets a believable spot on a plan."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, count, pairwise
from math import cos, hypot, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.places.importing import orientation
from parking.places.importing.drafts import Plan, SpaceDraft, Spot
from parking.places.importing.layout import draw_plan, natural_key
from parking.places.importing.orientation import bay_shape
from parking.places.importing.subplaces import level_number

METRES_A_DEGREE = 111_195.08


def bays(count: int, **values: object) -> list[SpaceDraft]:
    return [replace(SpaceDraft(f"A-{i + 1}"), **values) for i in range(count)]  # type: ignore[arg-type]


def spots(spaces: Sequence[SpaceDraft], anchor: tuple[float, float] | None = None) -> list[Spot]:
    """The spots drawn for the spaces, in their order."""
    return [space.spot for space in draw_plan(spaces, anchor) if space.spot is not None]


def overlapping(spaces: Sequence[SpaceDraft]) -> list[tuple[str, str]]:
    """Pairs of unturned bays on one level that cover the same ground."""
    found = []
    for one, other in combinations(spaces, 2):
        a, b = one.spot, other.spot
        assert a is not None
        assert b is not None
        apart_x = abs(a.x - b.x) >= (a.width + b.width) / 2 - 0.01
        apart_y = abs(a.y - b.y) >= (a.length + b.length) / 2 - 0.01
        if one.level == other.level and not apart_x and not apart_y:
            found.append((one.number, other.number))
    return found


def row_of_points(count: int, gap_metres: float, heading: float) -> list[SpaceDraft]:
    """Spaces along a line that runs `heading` degrees clockwise from east."""
    north = -sin(radians(heading)) * gap_metres / METRES_A_DEGREE
    east = cos(radians(heading)) * gap_metres / (METRES_A_DEGREE * cos(radians(48)))
    return [
        SpaceDraft(str(i), latitude=48 + i * north, longitude=9 + i * east) for i in range(count)
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["", "-1", "2"]), st.sampled_from(["", "A", "B"]), st.booleans()),
        max_size=60,
    )
)
def test_drawn_bays_never_overlap(labels: list[tuple[str, str, bool]]) -> None:
    spaces = [
        SpaceDraft(str(i), level=level, row=row, is_accessible=wide)
        for i, (level, row, wide) in enumerate(labels)
    ]
    drawn = draw_plan(spaces)
    assert [space.number for space in drawn] == [space.number for space in spaces]
    assert overlapping(drawn) == []
    assert all(space.spot and space.spot.plan is Plan.DRAWN for space in drawn)


def test_rows_face_an_aisle_in_pairs_and_stand_back_to_back() -> None:
    assert sorted({spot.y for spot in spots(bays(40))}) == [2.5, 13.5, 18.5, 29.5]


def test_numbers_run_along_the_row_in_the_order_people_count() -> None:
    numbers = ["A-10", "A-2", "A-1", "A-9"]
    found = spots([SpaceDraft(number) for number in numbers])
    along = sorted(zip(numbers, found, strict=True), key=lambda pair: pair[1].x)
    assert [number for number, _ in along] == ["A-1", "A-2", "A-9", "A-10"]
    assert natural_key("A-2") < natural_key("a-10")


def test_given_coordinates_are_kept_and_the_rest_is_drawn_below() -> None:
    *kept, below = spots([*bays(3, x=7.0, y=40.0, width=2.0), SpaceDraft("B")])
    assert kept == [Spot(7.0, 40.0, 2.0, 5.0, 0.0, Plan.GIVEN)] * 3
    assert (below.plan, below.y > 45) == (Plan.DRAWN, True)


@pytest.mark.parametrize("heading", [0, 30, 60, 90, 135, 170])
def test_a_row_of_points_becomes_bays_square_to_the_row(heading: int) -> None:
    found = spots(row_of_points(8, 2.4, heading))
    assert all(abs((spot.rotation - heading + 90) % 180 - 90) < 1 for spot in found)
    assert {spot.width for spot in found} == {2.4}
    gaps = [hypot(b.x - a.x, b.y - a.y) for a, b in pairwise(found)]
    assert gaps == pytest.approx([2.4] * 7, abs=0.03)


def test_bays_one_behind_another_lie_along_the_kerb() -> None:
    assert bay_shape((0, 0), (6, 0)) == (2.5, 90.0)
    assert bay_shape((0, 0), (2.5, 0)) == (2.5, 0.0)
    assert bay_shape((0, 0), None) == (2.5, 0.0)


def test_spaces_at_one_position_are_put_side_by_side() -> None:
    assert [spot.x for spot in spots(bays(4, latitude=48.0, longitude=9.0))] == [0, 2.5, 5, 7.5]


def test_the_anchor_is_plan_zero() -> None:
    [spot] = spots([SpaceDraft("1", latitude=48.0, longitude=9.0)], anchor=(9.0, 48.001))
    assert spot.x == 0
    assert spot.y == pytest.approx(111.2, abs=0.1)


def test_spaces_across_a_town_are_drawn_in_rows_instead_of_as_specks() -> None:
    spaces = [SpaceDraft(str(i), latitude=48 + i / 100, longitude=9.0) for i in range(5)]
    assert {spot.plan for spot in spots(spaces)} == {Plan.DRAWN}


def test_levels_have_their_own_planes() -> None:
    found = spots([SpaceDraft("1", level="1"), SpaceDraft("2", level="2")])
    assert [(spot.x, spot.y) for spot in found] == [(1.25, 2.5), (1.25, 2.5)]


def test_rows_can_begin_below_an_existing_plan() -> None:
    [space] = draw_plan([SpaceDraft("1")], top=100.0)
    assert space.spot is not None
    assert space.spot.y == 102.5


def test_a_crowd_of_points_is_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = count()
    monkeypatch.setattr(orientation, "hypot", lambda x, y: next(looks) and hypot(x, y))
    points = [(i % 100 * 0.03, i // 100 * 0.03) for i in range(4_000)]
    orientation.nearest_neighbours(points)
    assert next(looks) <= 4_000 * 9 * orientation.CELL_POINTS_MAX  # each with each: 16 million


@pytest.mark.parametrize(
    ("label", "storey"),
    [
        ("0", 0), ("1", 1), ("L3", 3), ("Level 2", 2), ("-1", -1), ("Level -2", -2), ("P-3", -3),
        ("B2", -2), ("UG1", -1), ("U2", -2), ("1. UG", -1), ("2. OG", 2), ("EG", 0), ("roof", 0),
        ("地下1", 1), ("\u22124", -4),
    ],
)  # fmt: skip
def test_the_storey_of_a_label(label: str, storey: int) -> None:
    assert level_number(label) == storey
