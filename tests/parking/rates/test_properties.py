"""What holds for every tariff and stay, tried with many."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.rates.document import parse_tariff
from parking.windows import Window
from tests.parking.rates.brute import DAY_NAMES, HOUR_RANGES, Hours, brute_price
from tests.parking.rates.tables import (
    BERLIN,
    band,
    collection,
    cost,
    each,
    flat,
    proved,
    stay,
    tariff,
    tiers,
)

EXAMPLES = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ZONES = [ZoneInfo(n) for n in ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "UTC")]
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
"""Both changes of the clocks, in Europe and in America, lie in the year after it."""

DAY = [{"from": "08:00", "to": "20:00"}]
NIGHT = [{"from": "20:00", "to": "08:00"}]

zones = st.sampled_from(ZONES)
amounts = st.integers(0, 500)
minutes = st.sampled_from([10, 15, 20, 30, 45, 60, 120])
days = st.lists(st.sampled_from(DAY_NAMES), min_size=1, unique=True).map(tuple)
starts = st.integers(0, 365 * 24 * 12).map(lambda fives: BEGIN + timedelta(minutes=5 * fives))
lengths = st.integers(1, 4 * 24 * 60).map(lambda count: timedelta(minutes=count))


@st.composite
def hour_caps(draw: st.DrawFn) -> list[Hours]:
    ranges = draw(st.lists(st.sampled_from(HOUR_RANGES), max_size=3, unique=True))
    caps = [Hours(draw(amounts) * 4, first, last, draw(days)) for first, last in ranges]
    if draw(st.booleans()):
        caps.append(Hours(draw(amounts) * 8, is_rolling=True))
    return caps


@EXAMPLES
@given(starts, lengths, zones, minutes, amounts, amounts, st.integers(1, 5), hour_caps())
def test_the_price_is_that_of_counting_one_by_one(
    start: datetime, length: timedelta, zone: ZoneInfo, unit: int, first: int, further: int,
    times: int, caps: list[Hours],
) -> None:  # fmt: skip
    lines = each(first, f"PT{unit}M", "first", times=times), each(further, f"PT{unit}M", "further")
    table = tariff(collection(*lines), caps=[cap.document(n) for n, cap in enumerate(caps)])
    window = Window(start, start + length)
    expected = brute_price(window, zone, unit, (first, times, further), caps)
    assert proved(table, window, zone).amount_minor == expected


@st.composite
def rising_collections(draw: st.DrawFn, /, id: str, **more: Any) -> dict[str, Any]:
    """A collection whose price never falls with time."""
    more |= {
        "atBoundary": draw(st.sampled_from(["CUT", "COMPLETE"])),
        "counts": draw(st.sampled_from(["SEGMENT", "STAY", "ROLLING_DAY", "CALENDAR_DAY"])),
    }
    if draw(st.booleans()):
        more["maxMinor"] = draw(amounts) * 10
    unit = f"PT{draw(minutes)}M"
    lines: list[dict[str, Any]] = [each(draw(amounts), unit, "last", tolerance="PT4M")]
    if draw(st.booleans()):
        lines.insert(0, each(draw(amounts), unit, "first", times=2))
    if draw(st.booleans()):
        low, high = sorted([draw(amounts), draw(amounts)])
        lines = [*tiers(("PT1H", low), ("PT5H", high)), *lines]
    if draw(st.booleans()):
        lines = [flat(draw(amounts)), *lines]
    return collection(*lines, id=id, **more)


@st.composite
def rising_tariffs(draw: st.DrawFn) -> dict[str, Any]:
    night = [{"from": "20:00", "to": "08:00", "days": list(draw(days))}]
    caps = [cap.document(n) for n, cap in enumerate(draw(hour_caps()))]
    document: dict[str, Any] = {
        "currency": "EUR",
        "collections": [
            draw(rising_collections("night", when=night)),
            draw(rising_collections("late", after="PT26H")),
            draw(rising_collections("day")),
        ],
        "caps": caps,
    }
    if draw(st.booleans()):
        document["free"] = {"duration": "PT20M", "staysFree": draw(st.booleans())}
    if draw(st.booleans()):
        document["passes"] = [
            {"id": "p1", "days": 1, "amountMinor": draw(amounts) * 8, "over": "CALENDAR"},
            {"id": "p3", "days": 3, "amountMinor": draw(amounts) * 20},
        ]
    return document


@EXAMPLES
@given(rising_tariffs(), starts, st.lists(lengths, min_size=3, max_size=3), zones)
def test_the_price_never_falls_with_time(
    document: dict[str, Any], start: datetime, ends: list[timedelta], zone: ZoneInfo
) -> None:
    table = parse_tariff(document)
    found = [proved(table, Window(start, start + end), zone) for end in sorted(ends)]
    prices = [each.amount_minor for each in found]
    assert prices == sorted(prices)


@EXAMPLES
@given(rising_tariffs(), starts, lengths, zones)
def test_no_cap_is_exceeded(
    document: dict[str, Any], start: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    document.pop("passes", None)
    priced = proved(parse_tariff(document), Window(start, start + length), zone)
    assert priced.amount_minor >= 0
    for cap in document["caps"]:
        if cap["over"] == "ROLLING":
            periods = -(-length // timedelta(hours=24)) + 1  # an increment may begin in one more
            assert priced.amount_minor <= cap["maxMinor"] * periods


@EXAMPLES
@given(amounts, amounts, minutes, minutes, starts, lengths)
def test_split_at_a_segment_boundary_it_is_the_sum(
    by_day: int, by_night: int, day_unit: int, night_unit: int, start: datetime, length: timedelta
) -> None:
    day = collection(each(by_day, f"PT{day_unit}M"), id="day", when=DAY)
    night = collection(each(by_night, f"PT{night_unit}M"), id="night", when=NIGHT)
    table = tariff(day, night)
    window = Window(start, start + length)
    whole = proved(table, window)
    ends = {line.ends_at for line in whole.lines} - {window.ends_at}
    for boundary in sorted(ends):
        parts = Window(start, boundary), Window(boundary, window.ends_at)
        assert whole.amount_minor == sum(proved(table, part).amount_minor for part in parts)


@EXAMPLES
@given(starts, lengths, st.integers(1, 1000), st.sampled_from(["PT1M", "PT5M", "PT7M", "PT1S"]))
def test_fractions_come_to_the_rounded_whole(
    start: datetime, length: timedelta, per_hour: int, unit: str
) -> None:
    by_day = collection(each(per_hour, unit, per="PT1H"), id="day", when=DAY)
    rest = collection(each(per_hour, unit, per="PT1H"))
    priced = proved(tariff(by_day, rest, rounding={"mode": "DOWN"}), Window(start, start + length))
    exact = sum(line.quantity * Fraction(line.unit_amount_minor) for line in priced.lines)
    assert priced.amount_minor == int(exact)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
def test_a_day_has_23_24_or_25_hours(day: str, hours: int) -> None:
    following = (datetime.fromisoformat(day) + timedelta(days=1)).strftime("%Y-%m-%d 00:00")
    hourly = collection(each(100, "PT1H"))
    assert cost(tariff(hourly), f"{day} 00:00", following) == hours * 100
    daily = tariff(collection(each(700, "P1D")))
    assert cost(daily, f"{day} 12:00", f"{following[:10]} 12:00") == 700
    by_24_hours = tariff(collection(each(700, "PT24H")))
    twice = 2 if hours == 25 else 1
    assert cost(by_24_hours, f"{day} 00:00", following) == 700 * twice
    capped = tariff(hourly, caps=[{"id": "day", "maxMinor": 2350, "over": "CALENDAR"}])
    assert cost(capped, f"{day} 00:00", following) == min(hours * 100, 2350)


def test_a_night_over_the_change_of_clocks_is_one_night() -> None:
    night = band("night", 300, {"from": "22:00", "to": "06:00"})
    table = tariff(collection(each(100, "PT1H")), caps=[night])
    assert cost(table, "2026-03-28 22:00", "2026-03-29 06:00") == 300
    assert cost(table, "2026-10-24 22:00", "2026-10-25 06:00") == 300
    free = tariff(collection(each(100, "PT1H"), when=[{"from": "06:00", "to": "02:30"}]))
    # 02:30 does not exist that night: it is as long behind the gap as it claims, 03:30.
    assert cost(free, "2026-03-29 01:00", "2026-03-29 06:00") == 200
    # And it comes twice in autumn: the first is meant.
    assert cost(free, "2026-10-25 01:00", "2026-10-25 06:00") == 200
    assert stay("2026-10-25 01:00", "06:00", BERLIN).duration == timedelta(hours=6)
