"""The whole way of a guest, by car and on foot: the small cases by hand, and any by its length."""

from itertools import pairwise
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.merchants.kinds import ConnectorKind
from parking.merchants.route import Point, PointKind, by_car, measured, on_foot, to_bay
from parking.merchants.walking import Link, Spot, step, straight, walks_from
from tests.parking.merchants.test_walking import LINKS, SPOTS

LIFT, RAMP, ENTRANCE = ConnectorKind.LIFT, ConnectorKind.RAMP, ConnectorKind.ENTRANCE
GARAGE = 7
SHOP, BAY = Spot(None, 1, 40.0, 0.0), Spot(GARAGE, -2, 103.0, 100.0)
WAYS = [
    Link(LIFT, "A", Spot(None, 1, 0.0, 0.0)),
    Link(LIFT, "A", Spot(GARAGE, -2, 100.0, 100.0)),
    Link(ENTRANCE, "Gate", Spot(GARAGE, 0, 0.0, 0.0)),
    Link(ENTRANCE, "Far gate", Spot(GARAGE, 0, 900.0, 0.0)),
    Link(ENTRANCE, "East", Spot(GARAGE, 0, 1.0, 0.0)),
    Link(ENTRANCE, "East", Spot(None, 0, 1.0, 0.0)),
    Link(RAMP, "R", Spot(GARAGE, 0, 50.0, 0.0)),
    Link(RAMP, "R", Spot(GARAGE, -2, 50.0, 100.0)),
]


def told(points: list[Point]) -> list[tuple[str, str, float]]:
    return [(each.kind.value, each.name, round(each.metres)) for each in points]


def test_one_walks_from_the_bay_by_the_lift_to_the_shop() -> None:
    assert told(on_foot(walks_from(SHOP, WAYS), BAY, "12", "Tea room")) == [
        ("BAY", "12", 0), ("LIFT", "A", 3), ("LIFT", "A", 0), ("UNIT", "Tea room", 40),
    ]  # fmt: skip


def test_one_drives_in_where_no_other_plan_is_and_down_the_ramp() -> None:
    assert told(by_car(WAYS, BAY, "12")) == [
        ("ENTRANCE", "Gate", 0), ("RAMP", "R", 50), ("RAMP", "R", 0), ("BAY", "12", 53),
    ]  # fmt: skip


def test_one_walks_in_by_the_door_outdoors_that_is_nearest_to_the_bay() -> None:
    stairs = [Link(ConnectorKind.STAIRS, "S", Spot(GARAGE, level, 880.0, 0.0)) for level in (0, -2)]
    assert told(to_bay(WAYS, BAY, "12")) == [
        ("ENTRANCE", "Gate", 0), ("RAMP", "R", 50), ("RAMP", "R", 0), ("BAY", "12", 53),
    ]  # fmt: skip
    far = BAY._replace(x_metres=880.0, y_metres=3.0)
    assert told(to_bay([*WAYS, *stairs], far, "13")) == [
        ("ENTRANCE", "Far gate", 0), ("STAIRS", "S", 20), ("STAIRS", "S", 0), ("BAY", "13", 3),
    ]  # fmt: skip


def test_a_mall_that_is_entered_elsewhere_is_walked_through() -> None:
    door = Link(ENTRANCE, "Main", Spot(None, 1, 5.0, 0.0))
    inner = [each for each in WAYS if each.kind is LIFT]
    assert told(to_bay([*inner, door], BAY, "12")) == [
        ("ENTRANCE", "Main", 0), ("LIFT", "A", 5), ("LIFT", "A", 0), ("BAY", "12", 3),
    ]  # fmt: skip
    assert to_bay(inner, BAY, "12") == []
    assert to_bay([door], BAY, "12") == []


def test_nothing_is_said_of_driving_where_it_is_not_known() -> None:
    inner = [each for each in WAYS if each.name == "East" or each.kind is not ENTRANCE]
    assert by_car(inner, BAY, "12") == []
    assert by_car(WAYS, BAY._replace(plan=None), "12") == []
    assert by_car([each for each in WAYS if each.kind is not RAMP], BAY, "12") == []


def test_without_a_way_there_is_none() -> None:
    assert on_foot(walks_from(SHOP, []), BAY, "12", "Tea room") == []


@settings(max_examples=60, deadline=None)
@given(SPOTS, SPOTS, LINKS, st.booleans())
def test_the_way_is_as_long_as_the_walk(
    start: Spot, goal: Spot, links: list[Link], is_step_free: bool
) -> None:
    walks = walks_from(start, links, is_step_free=is_step_free)
    passed, metres = walks.links_to(goal), walks.metres_to(goal)
    assert (passed is None) == (metres is None)
    if passed is None or metres is None:
        return
    if not passed:
        assert isclose(straight(start, goal), metres)
        return
    far = straight(start, passed[0].spot) + straight(passed[-1].spot, goal)
    for one, other in pairwise(passed):
        far += step(one, other, is_step_free=is_step_free)
    assert isclose(far, metres)


def test_metres_are_those_on_one_level() -> None:
    spots = (Spot(1, 0, 0.0, 0.0), Spot(1, 0, 3.0, 4.0), Spot(1, 1, 3.0, 4.0))
    points = [Point(PointKind.LIFT, "A", spot, 0.0) for spot in spots]
    assert [each.metres for each in measured(points)] == [0.0, 5.0, 0.0]
