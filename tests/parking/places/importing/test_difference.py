"""Which spaces an import makes, changes and leaves alone."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parking.places.importing.difference import Difference, HeldSpace, difference
from parking.places.importing.drafts import SpaceDraft
from parking.places.new import NewSpace

ANCHOR = (9.0, 48.0)


def held(space_id: int, number: str, **values: Any) -> HeldSpace:
    is_retired = values.pop("is_retired", False)
    return HeldSpace(space_id, NewSpace(number, **values), is_retired)


def written(found: Difference) -> tuple[list[str], dict[int, str]]:
    """(numbers made, number of each changed id)."""
    return [s.number for s in found.created], {i: s.number for i, s in found.updated}


def test_an_empty_place_gets_everything_with_its_spot() -> None:
    found = difference([SpaceDraft("1", is_ev=True), SpaceDraft("2", row="A")], [], {"A": 7})
    first, second = found.created
    assert (first.number, first.is_ev, first.width_metres) == ("1", True, 2.5)
    assert (first.x_metres, first.y_metres) != (second.x_metres, second.y_metres)


def test_what_is_not_said_stays() -> None:
    before = held(1, "1", x_metres=77.0, is_ev=True, latitude=48.0, longitude=9.0)
    found = difference([SpaceDraft("1", is_accessible=True)], [before], {}, ANCHOR)
    [(space_id, after)] = found.updated
    assert (space_id, after) == (1, replace(before.facts, is_accessible=True))


def test_the_external_id_is_stronger_than_the_number() -> None:
    found = difference([SpaceDraft("B", external_id="x")], [held(1, "A", external_id="x")], {})
    assert written(found) == ([], {1: "B"})
    assert found.renumbered == [1]


def test_numbers_may_change_hands() -> None:
    have = [held(1, "A", external_id="x"), held(2, "B", external_id="y")]
    drafts = [SpaceDraft("B", external_id="x"), SpaceDraft("A", external_id="y")]
    found = difference(drafts, have, {})
    assert written(found) == ([], {1: "B", 2: "A"})
    assert sorted(found.renumbered) == [1, 2]


def test_a_number_left_by_one_space_can_go_to_a_new_one() -> None:
    drafts = [SpaceDraft("B", external_id="x"), SpaceDraft("A", external_id="z")]
    found = difference(drafts, [held(1, "A", external_id="x")], {})
    assert written(found) == (["A"], {1: "B"})


def test_a_number_that_another_space_keeps_is_refused_and_so_is_what_hangs_on_it() -> None:
    have = [held(1, "A", external_id="x"), held(2, "B"), held(3, "C", external_id="z")]
    drafts = [SpaceDraft("B", external_id="x"), SpaceDraft("A", external_id="z")]
    found = difference(drafts, have, {})
    assert sorted(draft.number for draft in found.taken) == ["A", "B"]
    assert found.is_empty


def test_a_retired_space_comes_back() -> None:
    found = difference([SpaceDraft("A")], [held(1, "A", is_retired=True)], {})
    assert written(found) == ([], {1: "A"})
    assert found.renumbered == []


def test_spaces_that_are_only_counted_are_made_in_an_empty_place_only() -> None:
    counted = [SpaceDraft(str(i), is_numbered_here=True) for i in range(3)]
    assert len(difference(counted, [], {}).created) == 3
    assert difference(counted, [held(1, "A-1")], {}).is_empty
    assert len(difference(counted, [held(1, "A-1", is_retired=True)], {}).created) == 3


def test_new_spaces_are_drawn_below_the_plan_that_is_there() -> None:
    have = [held(1, "A", y_metres=30.0)]
    found = difference([SpaceDraft("A"), SpaceDraft("B")], have, {})
    assert found.unchanged_count == 1
    assert found.created[0].y_metres > 35


def test_an_edited_plan_stays_until_the_source_moves_the_space() -> None:
    edited = held(1, "A", x_metres=5.0, y_metres=6.0, latitude=48.0, longitude=9.0)
    same = SpaceDraft("A", latitude=48.0, longitude=9.0)
    assert difference([same], [edited], {}, ANCHOR).is_empty
    moved = difference([replace(same, latitude=48.001)], [edited], {}, ANCHOR)
    [(_, after)] = moved.updated
    assert (after.x_metres, round(after.y_metres)) == (0, -111)


drafts_strategy = st.lists(
    st.builds(
        SpaceDraft,
        number=st.sampled_from("ABCDEF"),
        external_id=st.sampled_from([None, "u", "v", "w"]),
        is_ev=st.sampled_from([None, True, False]),
    ),
    max_size=6,
    unique_by=(lambda d: d.number, lambda d: d.external_id or object()),
)
held_strategy = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.sampled_from([None, "u", "v", "w"]), st.booleans()),
    max_size=6,
    unique_by=(lambda row: row[0], lambda row: row[1] or object()),
).map(
    lambda rows: [
        held(i, number, external_id=external_id, is_retired=is_retired)
        for i, (number, external_id, is_retired) in enumerate(rows, start=1)
    ]
)


def applied(have: list[HeldSpace], found: Difference) -> list[HeldSpace]:
    """The spaces after the difference was written."""
    after = {space.id: space for space in have}
    for space_id, facts in found.updated:
        after[space_id] = HeldSpace(space_id, facts)
    made = [HeldSpace(100 + i, facts) for i, facts in enumerate(found.created)]
    return [*after.values(), *made]


@settings(max_examples=400, deadline=None)
@given(drafts_strategy, held_strategy)
def test_after_any_import_numbers_are_unique_and_a_second_import_changes_nothing(
    drafts: list[SpaceDraft], have: list[HeldSpace]
) -> None:
    found = difference(drafts, have, {})
    after = applied(have, found)
    numbers = [space.facts.number for space in after]
    assert len(numbers) == len(set(numbers))
    good = [draft for draft in drafts if draft not in found.taken]
    again = difference(good, after, {})
    assert again.is_empty
    assert again.unchanged_count == len(good)
