"""What differs from the truth is found, each kind of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from berth.replay.cleaning import Span
from berth.replay.compare import (
    Aspect,
    compare_histories,
    compare_hours,
    compare_reports,
    compare_states,
    compare_stream,
    compare_versions,
    expected_hours,
)
from berth.replay.listener import Heard, Seen
from berth.replay.public import PublicBucket, PublicState
from berth.replay.story import Story, Timeline, Turn, tell
from parking.occupancy.models import Occupancy, SpaceStatus

DAY = datetime(2026, 1, 5, tzinfo=UTC)
FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED
AVAILABLE = SpaceStatus.AVAILABLE


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


@pytest.fixture
def story() -> Story:
    """A: 8 to 9 and from 20 on; B: 23.5 the day before to 0.5."""
    spans = {
        "A": [Span(at(8), at(9)), Span(at(20), None)],
        "B": [Span(at(-0.5), at(0.5))],
    }
    return tell(spans, "UTC", at(0), at(24))


@pytest.fixture
def public() -> PublicState:
    """As the story ends."""
    return PublicState(
        7,
        {
            "A": Seen(SpaceStatus.OCCUPIED, OCCUPIED, at(20)),
            "B": Seen(AVAILABLE, FREE, at(0.5)),
        },
    )


def found_of(story: Story) -> dict[str, Timeline]:
    return {space: list(turns) for space, turns in story.timelines.items()}


def test_the_truth_does_not_differ(story: Story, public: PublicState) -> None:
    heard = Heard(version=7, spaces=dict(public.spaces))
    hours = [PublicBucket(at, *hour) for at, hour in expected_hours(story).items()]
    assert not list(compare_states(story, public))
    assert not list(compare_histories(story, found_of(story)))
    assert not list(compare_hours(story, hours))
    assert not list(compare_stream("x", heard, public))
    assert not list(compare_versions(2, 5, 7))
    assert not list(compare_reports({}))


@pytest.mark.parametrize(
    "seen",
    [
        None,
        Seen(AVAILABLE, FREE, at(20)),
        Seen(SpaceStatus.OCCUPIED, OCCUPIED, at(20) + timedelta(seconds=1)),
        Seen(SpaceStatus.CLOSED, OCCUPIED, at(20)),
    ],
)
def test_a_wrong_state_differs(story: Story, public: PublicState, seen: Seen | None) -> None:
    spaces = {"B": public.spaces["B"]} if seen is None else {**public.spaces, "A": seen}
    [difference] = compare_states(story, replace(public, spaces=spaces))
    assert (difference.aspect, difference.space) == (Aspect.STATE, "A")


def test_a_missing_an_additional_and_a_shifted_change_differ(story: Story) -> None:
    found = found_of(story)
    found["A"] = [found["A"][0], *found["A"][2:]]
    found["B"] = [*found["B"], Turn(at(1), OCCUPIED)]
    told = {(d.space, d.expected, d.found) for d in compare_histories(story, found)}
    assert told == {
        ("A", "OCCUPIED at 2026-01-05T08:00:00Z", "no change"),
        ("B", "no change", "OCCUPIED at 2026-01-05T01:00:00Z"),
    }
    found = found_of(story)
    found["A"] = [*found["A"][:2], Turn(at(9.5), FREE), *found["A"][3:]]
    [shifted] = compare_histories(story, found)
    assert (shifted.at, shifted.found) == (at(9), "FREE at 2026-01-05T09:30:00Z")


def test_a_space_without_history_differs_in_all_of_it(story: Story) -> None:
    assert len(list(compare_histories(story, {}))) == story.changes


def test_hours_hold_seconds_and_arrivals(story: Story) -> None:
    hours = expected_hours(story)
    assert len(hours) == 24
    assert hours[at(0)] == (1800.0, 0), "it came before"
    assert hours[at(8)] == (3600.0, 1)
    assert [hours[at(hour)] for hour in (20, 23)] == [(3600.0, 1), (3600.0, 0)]


def test_an_hour_that_differs_or_lacks_is_told(story: Story) -> None:
    hours = [PublicBucket(at, *hour) for at, hour in expected_hours(story).items()]
    hours[8] = replace(hours[8], occupied_seconds=3599.0)
    assert [d.at for d in compare_hours(story, hours[:-1])] == [at(8), at(23)]


def test_a_subscriber_that_stands_elsewhere_differs(public: PublicState) -> None:
    assert [d.aspect for d in compare_stream("x", Heard(version=6), public)] == [Aspect.STREAM]
    heard = Heard(version=7, spaces={"A": public.spaces["A"]}, problems=["a gap"])
    told = [(d.space, d.found) for d in compare_stream("x", heard, public)]
    assert told == [(None, "a gap"), ("B", "nothing at x")]


def test_more_or_fewer_versions_than_changes_differ() -> None:
    [difference] = compare_versions(2, 5, 8)
    assert (difference.expected, difference.found) == ("5 changes", "6 versions")


def test_refused_reports_differ() -> None:
    [difference] = compare_reports({"4.01 from g:1": 2})
    assert difference.found == "4.01 from g:1, 2 times"
