"""From stays to the truth that a replay is compared with."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from berth.replay.cleaning import OPEN, OVERLAPPING, TOUCHING, ZERO_LENGTH, Span, clean
from berth.replay.story import Story, Turn, tell
from berth.replay.trace import Stay
from parking.occupancy.models import Occupancy

DAY = datetime(2026, 1, 5, tzinfo=UTC)
FREE, OCCUPIED = Occupancy.FREE, Occupancy.OCCUPIED


def at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def stays(*hours: tuple[float, float | None], space: str = "A") -> list[Stay]:
    return [
        Stay(space, at(start), None if end is None else at(end), line)
        for line, (start, end) in enumerate(hours, start=2)
    ]


def spans(*hours: tuple[float, float | None]) -> list[Span]:
    return [Span(at(start), None if end is None else at(end)) for start, end in hours]


@pytest.mark.parametrize(
    ("recorded", "true", "notes"),
    [
        ([(8, 9), (10, 11)], [(8, 9), (10, 11)], {}),
        ([(10, 11), (8, 9)], [(8, 9), (10, 11)], {}),
        ([(8, 8), (9, 10)], [(9, 10)], {ZERO_LENGTH: 1}),
        ([(8, 10), (9, 11)], [(8, 11)], {OVERLAPPING: 1}),
        ([(8, 12), (9, 10), (11, 13)], [(8, 13)], {OVERLAPPING: 2}),
        ([(8, 9), (8, 9)], [(8, 9)], {OVERLAPPING: 1}),
        ([(8, 9), (9, 10)], [(8, 10)], {TOUCHING: 1}),
        ([(8, None)], [(8, None)], {}),
        ([(8, None), (9, 10)], [(8, 10)], {OPEN: 1}),
        ([(8, 10), (9, None)], [(8, None)], {OVERLAPPING: 1}),
    ],
)
def test_a_space_holds_one_vehicle_at_a_time(
    recorded: Sequence[tuple[float, float | None]],
    true: Sequence[tuple[float, float | None]],
    notes: dict[str, int],
) -> None:
    cleaned = clean(stays(*recorded))
    assert list(cleaned.spans["A"]) == spans(*true)
    assert dict(cleaned.notes) == notes


def test_spaces_do_not_mix() -> None:
    cleaned = clean([*stays((8, 10)), *stays((9, 11), space="B")])
    assert not cleaned.notes
    assert cleaned.count == 2


def story(*hours: tuple[float, float | None], **bounds: object) -> Story:
    return tell({"A": spans(*hours)}, "UTC", **bounds)  # type: ignore[arg-type]


def test_a_story_begins_free_at_the_midnight_before() -> None:
    told = story((8, 9))
    assert list(told.timelines["A"]) == [
        Turn(at(0), FREE), Turn(at(8), OCCUPIED), Turn(at(9), FREE),
    ]  # fmt: skip
    assert (told.window.starts_at, told.window.ends_at) == (at(0), at(24))


def test_an_arrival_at_midnight_has_a_beginning_before_it() -> None:
    assert story((0, 9)).window.starts_at == at(-24)


@pytest.mark.parametrize(
    ("hours", "turns"),
    [
        ([(5, 9)], [(5, OCCUPIED), (9, FREE)]),
        ([(6, 9)], [(6, OCCUPIED), (9, FREE)]),
        ([(7, 13)], [(6, FREE), (7, OCCUPIED)]),
        ([(7, 12)], [(6, FREE), (7, OCCUPIED)]),
        ([(5, 13)], [(5, OCCUPIED)]),
        ([(7, None)], [(6, FREE), (7, OCCUPIED)]),
        ([(4, 5), (7, 8), (12, 13)], [(6, FREE), (7, OCCUPIED), (8, FREE)]),
    ],
)
def test_a_window_keeps_what_touches_it(
    hours: Sequence[tuple[float, float | None]], turns: Sequence[tuple[float, Occupancy]]
) -> None:
    """From 6 to 12: who is there at 6 came before, who is there at 12 stays."""
    told = story(*hours, starts_at=at(6), ends_at=at(12))
    expected = [Turn(at(hour), occupancy) for hour, occupancy in turns]
    assert list(told.timelines["A"]) == expected
    assert told.earliest == min(at(6), expected[0].at)


def test_a_window_without_a_stay_is_empty() -> None:
    assert not story((4, 5), starts_at=at(6), ends_at=at(12)).timelines


def test_a_limit_takes_the_first_stays_of_all_spaces() -> None:
    both = {"A": spans((8, 9), (12, 13)), "B": spans((10, 11))}
    told = tell(both, "UTC", limit=2)
    assert {space: len(turns) for space, turns in told.timelines.items()} == {"A": 3, "B": 3}
    assert told.stays == 2
