"""From the command line's words to a plan, or to one sentence."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from berth.replay.planning import Asked, RowsBad, api_of, plan_of, speed_of
from berth.replay.run import Plan
from berth.replay.trace import TraceUnreadable
from berth.simulate.links import Link, gateway_of
from parking.errors import InvalidInput

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROWS = "space,arrival,departure\nA,2026-01-05T08:00:00Z,2026-01-05T09:00:00Z\n"


def plan(asked: Asked) -> Plan:
    return plan_of(asked, Link([("127.0.0.1", 1)]), ["http://x"], NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "yard.csv"
    path.write_text(ROWS)
    return path


def test_a_month_begins_and_ends_where_the_garage_is(october: Path) -> None:
    made = plan(Asked(october, month="2019-10"))
    window = made.story.window
    assert window.starts_at == datetime(2019, 10, 1, 7, tzinfo=UTC)
    assert window.ends_at == datetime(2019, 11, 1, 7, tzinfo=UTC)
    assert (made.story.stays, made.story.changes, len(made.story.timelines)) == (930, 1909, 49)


def test_a_plain_trace_is_where_it_is_said_to_be(file: Path) -> None:
    made = plan(Asked(file, time_zone="Asia/Tokyo", month="2026-01"))
    assert made.story.window.starts_at == datetime(2025, 12, 31, 15, tzinfo=UTC)
    assert made.trace.origin.time_zone == "Asia/Tokyo"
    with pytest.raises(InvalidInput, match="Asia/Atlantis"):
        plan(Asked(file, time_zone="Asia/Atlantis"))


def test_the_place_is_called_after_file_and_window(file: Path) -> None:
    assert plan(Asked(file)).place == "Replay of yard"
    assert plan(Asked(file, month="2026-01", limit=1)).place == "Replay of yard 2026-01 first 1"
    assert plan(Asked(file, ends="2026-01-06")).place == "Replay of yard to 2026-01-06"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"month": "October"}, "--month is 'October'; expected a day such as"),
        ({"starts": "2026-02-30"}, "--from is '2026-02-30'"),
        ({"starts": "2026-01-06", "ends": "2026-01-05"}, "--until must lie after --from"),
        ({"month": "2026-01", "ends": "2026-01-05"}, "not both"),
        ({"speed": "0"}, "--speed is '0'; expected a number above 0, or max"),
    ],
)
def test_words_that_make_no_sense_are_told(file: Path, asked: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        plan(Asked(file, **asked))  # type: ignore[arg-type]


def test_a_window_without_a_stay_is_told(file: Path) -> None:
    with pytest.raises(TraceUnreadable, match="has no stay in what is to be replayed"):
        plan(Asked(file, month="2025-01"))


def test_a_trace_of_today_ends_now(file: Path) -> None:
    file.write_text(f"{ROWS}B,2026-02-28T23:00:00Z,\n")
    assert plan(Asked(file)).story.window.ends_at == NOW


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("B,2001-01-05T08:00:00Z,2001-01-05T09:00:00Z", "begins on 2001-01-05, and gateways"),
        (
            "B,2026-03-05T08:00:00Z,2026-03-05T09:00:00Z",
            "until 2026-03-05T09:00:00Z, which is still",
        ),
    ],
)
def test_times_that_no_gateway_would_believe_are_told(file: Path, row: str, told: str) -> None:
    file.write_text(f"{ROWS}{row}\n")
    with pytest.raises(TraceUnreadable, match=told):
        plan(Asked(file))


def test_bad_rows_stop_everything_unless_they_are_left_out(file: Path) -> None:
    file.write_text(f"{ROWS}B,yesterday,today\n")
    with pytest.raises(RowsBad, match="line 3: arrival is 'yesterday'"):
        plan(Asked(file))
    made = plan(Asked(file, partial=True))
    assert list(made.story.timelines) == ["A"]
    assert dict(made.left_out) == {"rows that cannot be read (--partial)": 1}


@pytest.mark.parametrize(
    ("text", "gateway"),
    [
        ("127.0.0.1:5000", ("127.0.0.1", 5000)),
        ("coap://berth.example", ("berth.example", 5683)),
        ("[::1]:7", ("::1", 7)),
    ],
)
def test_a_gateway_is_a_host_and_a_port(text: str, gateway: tuple[str, int]) -> None:
    assert gateway_of(text) == gateway


@pytest.mark.parametrize("text", ["", ":5683", "coaps://x", "x:y", "x/path"])
def test_what_is_no_gateway_is_told(text: str) -> None:
    with pytest.raises(InvalidInput, match="expected HOST:PORT"):
        gateway_of(text)


def test_an_api_is_a_url_without_a_path() -> None:
    assert api_of("127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert api_of("https://berth.example/") == "https://berth.example"
    with pytest.raises(InvalidInput, match="expected a URL"):
        api_of("http://x/graphql")


def test_speed_is_a_number_or_max() -> None:
    assert (speed_of("max"), speed_of("2.5")) == (None, 2.5)
