"""From recorded stays to visits that can be booked."""

from datetime import UTC, datetime, timedelta

from berth.replay import declared
from berth.replay.declared import visits_of
from berth.replay.reading import read_trace
from berth.replay.trace import Stay

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def stay(
    arrival: float, departure: float | None, until: float | None = 600, space: str = "A"
) -> Stay:
    return Stay(
        space, at(arrival), None if departure is None else at(departure), 1,
        None if until is None else at(until),
    )  # fmt: skip


def test_visits_are_numbered_by_their_arrival() -> None:
    visits, notes = visits_of([stay(30, 60, space="B"), stay(0, 20)], None, None, None)
    assert [(v.number, v.space, v.arrival) for v in visits] == [(1, "A", at(0)), (2, "B", at(30))]
    assert not notes


def test_a_window_takes_what_arrives_in_it_and_a_limit_the_first_of_these() -> None:
    stays = [stay(minutes, minutes + 10) for minutes in (0, 30, 60, 90)]
    visits, _ = visits_of(stays, at(30), at(90), 1)
    assert [v.arrival for v in visits] == [at(30)]


def test_what_cannot_be_true_is_left_out_and_said() -> None:
    stays = [stay(0, 60), stay(30, 90), stay(100, 100), stay(200, None)]
    visits, notes = visits_of(stays, None, None, None)
    assert [(v.arrival, v.departure) for v in visits] == [(at(0), at(60))]
    assert notes == {declared.OVERLAPPING: 1, declared.ZERO_LENGTH: 1, declared.OPEN: 1}


def test_a_bay_that_is_free_for_less_than_a_minute_was_not_left() -> None:
    """A sensor could have blinked: the platform takes both for one stay, and so does the truth."""
    visits, notes = visits_of([stay(0, 60, 50), stay(60.5, 90, 80)], None, None, None)
    assert [(v.departure, v.declared) for v in visits] == [(at(90), at(50))]
    assert notes == {declared.TOO_CLOSE: 1}
    visits, notes = visits_of([stay(0, 60), stay(61, 90)], None, None, None)
    assert (len(visits), len(notes)) == (2, 0)


def test_a_declaration_before_the_arrival_declares_nothing() -> None:
    stays = [stay(0, 60, -10), stay(100, 160, None), stay(200, 260, 200.5)]
    visits, _ = visits_of(stays, None, None, None)
    assert [v.declared for v in visits] == [None, None, None]


def test_the_recorded_file_says_what_was_declared() -> None:
    text = (
        "arrival,departure,station_id,session_id,estimated_departure\n"
        "2019-10-01 08:00:00-07:00,2019-10-01 09:00:00-07:00,CA-1,x,2019-10-01 10:00:00-07:00\n"
        "2019-10-01 11:00:00-07:00,2019-10-01 12:00:00-07:00,CA-1,y,\n"
    )
    trace = read_trace(text.encode(), "trace.csv")
    assert [each.declared for each in trace.stays] == [
        datetime(2019, 10, 1, 17, 0, tzinfo=UTC),
        None,
    ]
