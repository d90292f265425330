"""How far one walks: against all ways tried one by one, and the small cases by hand."""

from itertools import pairwise, permutations
from math import hypot, inf, isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.merchants.kinds import ConnectorKind
from parking.merchants.walking import (
    LEVEL_METRES,
    LIFT_WAIT_METRES,
    Link,
    Spot,
    step,
    straight,
    walks_from,
)

LIFT, STAIRS, RAMP, ENTRANCE = (
    ConnectorKind.LIFT, ConnectorKind.STAIRS, ConnectorKind.RAMP, ConnectorKind.ENTRANCE,
)  # fmt: skip
SHOP = Spot(None, 1, 0.0, 0.0)


def walk(goal: Spot, links: list[Link], *, is_step_free: bool = False) -> float | None:
    return walks_from(SHOP, links, is_step_free=is_step_free).metres_to(goal)


def all_ways(start: Spot, goal: Spot, links: list[Link], is_step_free: bool) -> float:
    """The shortest of all ways that use each link at most once."""
    usable = [each for each in links if not is_step_free or each.kind is not STAIRS]
    best = straight(start, goal)
    for count in range(1, len(usable) + 1):
        for way in permutations(usable, count):
            far = straight(start, way[0].spot) + straight(way[-1].spot, goal)
            for one, other in pairwise(way):
                far += step(one, other, is_step_free=is_step_free)
            best = min(best, far)
    return best


COORDINATE = st.integers(-50, 50).map(float)
SPOTS = st.builds(Spot, st.sampled_from([None, 1, 2]), st.integers(-1, 1), COORDINATE, COORDINATE)
THINGS = st.sampled_from([(LIFT, "A"), (STAIRS, "B"), (RAMP, "C"), (ENTRANCE, "D")])
LINKS = st.lists(
    st.builds(lambda thing, spot: Link(thing[0], thing[1], spot), THINGS, SPOTS), max_size=6
)


@settings(max_examples=60, deadline=None)
@given(SPOTS, SPOTS, LINKS, st.booleans())
def test_no_way_is_shorter(start: Spot, goal: Spot, links: list[Link], is_step_free: bool) -> None:
    found = walks_from(start, links, is_step_free=is_step_free).metres_to(goal)
    wanted = all_ways(start, goal, links, is_step_free)
    assert (found is None) == (wanted == inf)
    assert found is None or isclose(found, wanted)


def test_on_one_level_one_walks_straight() -> None:
    assert walk(Spot(None, 1, 30.0, 40.0), []) == 50.0


def test_without_a_way_there_is_none() -> None:
    assert walk(Spot(None, 0, 0.0, 0.0), []) is None
    assert walk(Spot(7, 1, 0.0, 0.0), []) is None


def test_a_lift_leads_to_another_level_and_costs_its_wait() -> None:
    links = [Link(LIFT, "A", Spot(None, level, 10.0, 0.0)) for level in (-1, 0, 1)]
    found = walk(Spot(None, -1, 10.0, 5.0), links)
    assert found == 10.0 + LIFT_WAIT_METRES + 2 * LEVEL_METRES[LIFT] + 5.0


def test_stairs_are_nearer_by_one_level_and_not_for_a_wheelchair() -> None:
    links = [Link(LIFT, "A", Spot(None, level, 40.0, 0.0)) for level in (0, 1)]
    links += [Link(STAIRS, "B", Spot(None, level, 0.0, 1.0)) for level in (0, 1)]
    goal = Spot(None, 0, 0.0, 1.0)
    assert walk(goal, links) == 1.0 + LEVEL_METRES[STAIRS]
    by_lift = 40.0 + LIFT_WAIT_METRES + LEVEL_METRES[LIFT] + hypot(40.0, 1.0)
    assert walk(goal, links, is_step_free=True) == by_lift


def test_a_door_leads_from_one_plan_to_another() -> None:
    links = [
        Link(ENTRANCE, "West", Spot(None, 1, 20.0, 0.0)),
        Link(ENTRANCE, "West", Spot(7, 1, 500.0, 500.0)),
    ]
    assert walk(Spot(7, 1, 500.0, 510.0), links) == 30.0


def test_doors_of_two_names_do_not_meet() -> None:
    links = [
        Link(ENTRANCE, "West", Spot(None, 1, 20.0, 0.0)),
        Link(ENTRANCE, "East", Spot(7, 1, 500.0, 500.0)),
    ]
    assert walk(Spot(7, 1, 500.0, 510.0), links) is None


def test_a_door_with_steps_is_none_for_a_wheelchair() -> None:
    links = [Link(ENTRANCE, "West", Spot(None, level, 0.0, 0.0)) for level in (0, 1)]
    goal = Spot(None, 0, 0.0, 3.0)
    assert walk(goal, links) == LEVEL_METRES[ENTRANCE] + 3.0
    assert walk(goal, links, is_step_free=True) is None
