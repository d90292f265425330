"""What records mean: one table for what is understood, one for what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coap_gateway.objects import OBJECTS, Kind
from coap_gateway.senml import Record
from coap_gateway.uplink import FUTURE_SECONDS_MAX, PAST_SECONDS_MAX, UplinkError, read_uplink

NOW = 1_767_600_000.0
AT = datetime.fromtimestamp(NOW, UTC)


def ago(seconds: float) -> datetime:
    return AT - timedelta(seconds=seconds)


def facts(*records: Record) -> list[tuple[str, str, datetime, datetime | None]]:
    return [(f.axis, f.value, f.observed_at, f.since) for f in read_uplink(records, NOW).facts]


OCCUPIED = Record("/3431/0/1", True)
FREE = Record("/3431/0/1", False)

FACTS: list[tuple[list[Record], tuple[Any, ...]]] = [
    ([OCCUPIED], ("OCCUPANCY", "OCCUPIED", AT, None)),
    ([FREE], ("OCCUPANCY", "FREE", AT, None)),
    ([OCCUPIED, Record("/3431/0/2", 90)], ("OCCUPANCY", "OCCUPIED", AT, ago(90))),
    # Of a free place the registry's duration is the length of the last occupation.
    ([FREE, Record("/3431/0/2", 90)], ("OCCUPANCY", "FREE", AT, None)),
    ([Record("/3431/0/1", False, NOW - 7)], ("OCCUPANCY", "FREE", ago(7), None)),
    ([OCCUPIED, Record("/3431/0/5518", NOW - 60)], ("OCCUPANCY", "OCCUPIED", ago(60), None)),
    (
        [OCCUPIED, Record("/3431/0/5518", int(NOW) - 60), Record("/3431/0/6050", 0.5)],
        ("OCCUPANCY", "OCCUPIED", ago(59.5), None),
    ),
    (
        [Record("/3431/0/1", True, NOW - 5), Record("/3431/0/5518", NOW - 60)],
        ("OCCUPANCY", "OCCUPIED", ago(60), None),
    ),
    (
        [OCCUPIED, Record("/3431/0/5518", NOW - 60), Record("/3431/0/2", 30)],
        ("OCCUPANCY", "OCCUPIED", ago(60), ago(90)),
    ),
    # A clock that is a little ahead is held for now.
    ([Record("/3431/0/1", True, NOW + 119)], ("OCCUPANCY", "OCCUPIED", AT, None)),
    ([Record("/3306/0/5853", "raised")], ("LOCK", "RAISED", AT, None)),
    ([Record("/3306/0/5853", "lowering")], ("LOCK", "MOVING", AT, None)),
    ([Record("/3306/0/5853", "obstructed_up")], ("LOCK", "OBSTRUCTED", AT, None)),
    ([Record("/3306/0/5853", "forced")], ("LOCK", "FORCED", AT, None)),
    ([Record("/3413/0/2", 0)], ("LOCK", "LOWERED", AT, None)),
    ([Record("/3413/0/2", 100)], ("LOCK", "RAISED", AT, None)),
    ([Record("/3413/0/2", 40)], ("LOCK", "MOVING", AT, None)),
    ([Record("/10359/0/50", True)], ("LOCK", "RAISED", AT, None)),
    (
        [Record("/3413/0/2", 100), Record("/3306/0/5853", "forced")],
        ("LOCK", "FORCED", AT, None),
    ),
]


@pytest.mark.parametrize(("records", "expected"), FACTS)
def test_what_a_report_says_of_the_space(records: list[Record], expected: tuple[Any, ...]) -> None:
    assert facts(*records) == [expected]


def test_values_kept_back_come_in_the_order_of_their_times() -> None:
    late = [Record("/3431/0/1", True, NOW - 10), Record("/3431/0/1", False, NOW - 300)]
    assert [(value, at) for _, value, at, _ in facts(*late)] == [
        ("FREE", ago(300)),
        ("OCCUPIED", ago(10)),
    ]


HEALTH: list[tuple[Record, dict[str, Any]]] = [
    (Record("/3411/0/1", 83), {"battery_percent": 83}),
    (Record("/3411/0/1", 83.0), {"battery_percent": 83}),
    (Record("/3411/0/3", 3.61), {"battery_volts": 3.61}),
    (Record("/3411/0/6", True), {"battery_low": True}),
    (Record("/4/0/2", -97), {"rssi_dbm": -97}),
    (Record("/4/0/11", -3), {"sinr_db": -3}),
    (Record("/3/0/13", int(NOW) + 40), {"clock_offset_seconds": 40.0}),
    (Record("/3/0/26243", "watchdog"), {"reset_cause": "watchdog"}),
    (Record("/3/0/0", "Acme"), {"manufacturer": "Acme"}),
    (Record("/3/0/3", "1.4.2"), {"firmware": "1.4.2"}),
    (Record("/3/0/11/0", 0), {"error_codes": ""}),
]


@pytest.mark.parametrize(("record", "expected"), HEALTH)
def test_what_a_report_says_of_the_device(record: Record, expected: dict[str, Any]) -> None:
    assert read_uplink([record], NOW).health == expected


def test_error_codes_are_a_set() -> None:
    codes = [Record("/3/0/11/0", 8), Record("/3/0/11/1", 1), Record("/3/0/11/2", 8)]
    assert read_uplink(codes, NOW).health == {"error_codes": "1 8"}


def test_alarms_are_raised_and_cleared_by_name() -> None:
    said = [
        Record("/3200/0/5500", True),
        Record("/3200/0/5750", "tamper"),
        Record("/3200/1/5500", False),
        Record("/3200/1/5750", "forced"),
    ]
    assert read_uplink(said, NOW).alarms == {"tamper": True, "forced": False}


def test_boot_and_sequence_order_the_report() -> None:
    uplink = read_uplink([Record("/3/0/26241", 7), Record("/3/0/26242", 4_000_000_000)], NOW)
    assert (uplink.boot, uplink.sequence) == (7, 4_000_000_000)


@pytest.mark.parametrize(
    "record",
    [
        Record("/3/0/26250", b"own"),
        Record("/3431/0/3", 900),
        Record("/3413/0/4", 100),
        Record("/10309/0/2", "T"),
    ],
)
def test_what_berth_has_no_use_for_is_ignored_and_counted(record: Record) -> None:
    uplink = read_uplink([record], NOW)
    assert uplink.ignored == 1
    assert not uplink.facts
    assert not uplink.health


def test_a_registered_object_that_berth_does_not_know_is_ignored() -> None:
    record = Record("/3303/0/5700", 21.5)
    assert read_uplink([record], NOW, frozenset({3303})).ignored == 1
    with pytest.raises(UplinkError, match="not registered") as caught:
        read_uplink([record], NOW)
    assert caught.value.reason == "unknown_resource"


REFUSED: list[tuple[Record, str]] = [
    (Record("3431/0/1", True), "bad_path"),
    (Record("/3431", True), "bad_path"),
    (Record("/3431/0/01", True), "bad_path"),
    (Record("/3431/0/1/0/0", True), "bad_path"),
    (Record("/9999/0/1", 1), "unknown_resource"),
    (Record("/3431/0/77", 1), "unknown_resource"),
    (Record("/3431/1/1", True), "unknown_resource"),
    (Record("/3431/0/1", 1), "wrong_type"),
    (Record("/3431/0/1", "free"), "wrong_type"),
    (Record("/3431/0/2", 1.5), "wrong_type"),
    (Record("/3431/0/2", True), "wrong_type"),
    (Record("/3306/0/5853", 3), "wrong_type"),
    (Record("/3/0/26241", "7"), "wrong_type"),
    (Record("/3/0/4", 1), "wrong_type"),
    (Record("/3411/0/6", 1), "wrong_type"),
    (Record("/3306/0/5853", "ajar"), "bad_value"),
    (Record("/3413/0/2", 101), "bad_value"),
    (Record("/3411/0/1", 101), "bad_value"),
    (Record("/3431/0/2", -1), "bad_value"),
    (Record("/3/0/26242", -1), "bad_value"),
    (Record("/3/0/26242", 2**32), "bad_value"),
    (Record("/3/0/0", "x" * 101), "bad_value"),
    (Record("/3/0/0", "a\x00b"), "bad_value"),
    (Record("/3431/0/1", True, NOW + FUTURE_SECONDS_MAX + 1), "future_time"),
    (Record("/3431/0/1", True, NOW - PAST_SECONDS_MAX - 1), "time_too_old"),
]


@pytest.mark.parametrize(("record", "reason"), REFUSED)
def test_what_is_refused_has_a_reason(record: Record, reason: str) -> None:
    with pytest.raises(UplinkError) as caught:
        read_uplink([record], NOW)
    assert caught.value.reason == reason
    assert 0 < len(caught.value.message.encode()) <= 64


def test_a_wrong_clock_is_measured() -> None:
    with pytest.raises(UplinkError) as caught:
        read_uplink([Record("/3431/0/1", True, NOW + 3600)], NOW)
    assert caught.value.clock_offset_seconds == 3600


@given(
    st.sampled_from([(o, r) for o, some in OBJECTS.items() for r in some]),
    st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False)
    | st.text(max_size=3) | st.binary(max_size=3),
    st.none() | st.floats(-1e300, 1e300),
)  # fmt: skip
def test_every_path_with_any_value_is_understood_or_refused(
    path: tuple[int, int], value: Any, time: float | None
) -> None:
    kind = OBJECTS[path[0]][path[1]]
    try:
        read_uplink([Record(f"/{path[0]}/0/{path[1]}", value, time)], NOW)
    except UplinkError:
        return
    assert isinstance(value, bool) == (kind is Kind.BOOLEAN)
