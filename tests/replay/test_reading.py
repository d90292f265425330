"""Traces are read as they are; what cannot be read is told by line."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from berth.replay.reading import read_file, read_trace
from berth.replay.trace import Trace, TraceFormat, TraceUnreadable

ACN = (
    "arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id,"
    "estimated_departure,claimed\n"
)
MELBOURNE = "BayId,DeviceId,Status,ArrivalTime,DepartureTime\n"
CSV = "space,arrival,departure\n"


def read(header: str, *rows: str, wanted: TraceFormat | None = None) -> Trace:
    return read_trace((header + "\n".join(rows) + "\n").encode(), "trace.csv", wanted)


def test_acn_sessions_are_stays_at_their_station() -> None:
    row = "2019-10-01 05:00:01-07:00,2019-10-01 06:30:02-07:00,1.0,1.0,CA-305,s1,x,True"
    trace = read(ACN, row)
    [stay] = trace.stays
    assert trace.trace_format is TraceFormat.ACN
    assert (stay.space, stay.line) == ("CA-305", 2)
    assert stay.arrival == datetime(2019, 10, 1, 12, 0, 1, tzinfo=UTC)
    assert stay.departure == datetime(2019, 10, 1, 13, 30, 2, tzinfo=UTC)


def test_melbourne_counts_only_what_was_present() -> None:
    trace = read(
        MELBOURNE,
        "5872,1,NotPresent,2019-03-16 00:00:00,2019-03-16 07:30:00",
        "6037,2,Present,2019-01-10 18:30:00,2019-01-10 18:30:59",
    )
    [stay] = trace.stays
    assert stay.arrival == datetime(2019, 1, 10, 7, 30, tzinfo=UTC), "daylight saving, UTC+11"
    assert dict(trace.left_out) == {"nothing stood there (Status NotPresent)": 1}


def test_the_hour_that_comes_twice_is_read_so_that_the_stay_has_a_length() -> None:
    """On 7 April 2019 the clocks of Melbourne went from 03:00 back to 02:00."""
    trace = read(MELBOURNE, "1,2,Present,2019-04-07 02:50:00,2019-04-07 02:10:00")
    [stay] = trace.stays
    assert stay.departure is not None
    assert (stay.departure - stay.arrival).total_seconds() == 20 * 60


def test_a_plain_trace_may_end_while_a_vehicle_is_there() -> None:
    trace = read(CSV, "A-1,2026-01-05T08:00:00.900Z,")
    [stay] = trace.stays
    assert stay.departure is None
    assert stay.arrival == datetime(2026, 1, 5, 8, 0, tzinfo=UTC), "whole seconds"


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        (CSV, "A-1,2026-01-05 08:00,2026-01-05T09:00:00Z", "arrival is '2026-01-05 08:00'; exp"),
        (CSV, "A-1,2026-01-05T08:00:00,2026-01-05T09:00:00Z", "expected RFC 3339"),
        (CSV, "A-1,2026-02-30T08:00:00Z,2026-01-05T09:00:00Z", "arrival is '2026-02-30"),
        (CSV, ",2026-01-05T08:00:00Z,2026-01-05T09:00:00Z", "space is ''; expected 1 to 40"),
        (CSV, "A-1,2026-01-05T08:00:00Z", "2 fields; expected 3"),
        (CSV, "A-1,2026-01-05T08:00:00Z,2026-01-05T07:00:00Z", "lies before the arrival"),
        (MELBOURNE, "1,2,Perhaps,2019-01-10 18:30:00,2019-01-10 18:30:59", "Status is 'Perhaps'"),
        (MELBOURNE, "1,2,Present,2019-10-06 02:30:00,2019-10-06 05:00:00", "skipped"),
    ],
)
def test_a_bad_row_is_told_by_line(header: str, row: str, told: str) -> None:
    """Empty lines count; the good rows around it are kept."""
    trace = read(header, "", row)
    [problem] = trace.problems
    assert problem.line == 3
    assert told in problem.message
    assert not trace.stays


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty; expected a CSV file with a header"),
        (b"a,b,c\n1,2,3\n", "has the columns of no known format"),
        (b"\x1f\x8bnonsense", "cannot be unpacked"),
        (gzip.compress(b"space,arrival", mtime=0)[:-9], "cannot be unpacked"),
        (b"\xff\xfe\x00", "is no UTF-8 text"),
    ],
)
def test_what_is_no_trace_is_told_in_one_sentence(data: bytes, told: str) -> None:
    with pytest.raises(TraceUnreadable, match=told):
        read_trace(data, "trace.csv")


def test_a_file_of_another_format_than_asked_for_is_told() -> None:
    with pytest.raises(TraceUnreadable, match="it has no session_id, station_id"):
        read(CSV, wanted=TraceFormat.ACN)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TraceUnreadable, match="No such file"):
        read_file(tmp_path / "nowhere.csv")


def test_real_traces_are_read_whole(october: Path, melbourne: Path) -> None:
    acn, city = read_file(october), read_file(melbourne)
    assert (len(acn.stays), len(acn.problems)) == (3177, 0)
    assert (len(city.stays), len(city.problems), sum(city.left_out.values())) == (7500, 0, 7500)
