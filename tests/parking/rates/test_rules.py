"""The rules of money found in the wild (CLAIMS, "Rules of money"), each as a tariff and its prices.

2 March 2026 is a Monday.
"""

import pytest

from parking.rates.tariff import Tariff
from tests.parking.rates.tables import (
    GERMAN,
    WEEK,
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

DAY = "2026-03-02"
NEXT = "2026-03-03"

HALF_HOURS = tariff(collection(each(120, "PT30M")))
ANY_2_HOURS = tariff(collection(each(100, "PT2H")))
OCPI_STEP = tariff(collection(each(200, "PT5M", per="PT1H")))
TIERED = tariff(
    collection(
        *tiers(("PT1H", 300), ("PT2H", 400), ("PT4H", 650), ("PT8H", 1000)), each(1000, "PT8H")
    )
)
FIRST_DIFFERS = tariff(collection(each(150, "PT1H", "first", times=3), each(200, "PT1H", "more")))
FREE_GONE = tariff(collection(each(100, "PT30M")), free={"duration": "PT30M"})
FREE_STAYS = tariff(collection(each(100, "PT30M")), free={"duration": "PT30M", "staysFree": True})
TOLERANT = tariff(collection(each(100, "PT30M", tolerance="PT5M")))
RESERVED = tariff(
    collection(flat(200), id="reservation-fee", adds=True),
    collection(*tiers(("PT1H", 100), ("PT4H", 300), (None, 500))),
)
LEAST_AND_MOST = tariff(collection(each(100, "PT1H")), minMinor=250, maxMinor=700)
OVER_24_HOURS = tariff(
    collection(flat(5000), id="too-long", after="PT24H"), collection(each(200, "PT1H"))
)
PER_DAY = tariff(collection(each(300, "PT24H")))
PER_CALENDAR_DAY = tariff(collection(each(1000, "P1D", calendar=True)))
PER_MONTH = tariff(collection(each(9000, "P1M")))
STEPS_OF_50 = tariff(collection(each(33, "PT10M")), rounding={"stepMinor": 50, "mode": "UP"})

CASES: list[tuple[str, Tariff, str, str, int]] = [
    ("a started increment is a whole one", HALF_HOURS, f"{DAY} 10:00", "10:01", 120),
    ("a full increment is one", HALF_HOURS, f"{DAY} 10:00", "10:30", 120),
    ("a second more starts the next", HALF_HOURS, f"{DAY} 10:00", "10:30:01", 240),
    ("increments of two hours", ANY_2_HOURS, f"{DAY} 10:00", "14:30", 300),
    ("8 minutes at steps of 5 bill 10 (OCPI)", OCPI_STEP, f"{DAY} 10:00", "10:08", 33),
    ("an hour of such steps is the hour's price", OCPI_STEP, f"{DAY} 10:00", "11:00", 200),
    ("exactly 4 h is in the tier up to 4 h", TIERED, f"{DAY} 10:00", "14:00", 650),
    ("one second more is in the next", TIERED, f"{DAY} 10:00", "14:00:01", 1000),
    ("the first tier", TIERED, f"{DAY} 10:00", "10:10", 300),
    ("increments go on after the tiers", TIERED, f"{DAY} 10:00", "18:01", 2000),
    ("1st to 3rd started hour", FIRST_DIFFERS, f"{DAY} 10:00", "13:00", 450),
    ("every further started hour", FIRST_DIFFERS, f"{DAY} 10:00", "14:30", 850),
    ("free minutes", FREE_GONE, f"{DAY} 10:00", "10:30", 0),
    ("once exceeded charged from minute 0", FREE_GONE, f"{DAY} 10:00", "10:31", 200),
    ("free minutes that stay free", FREE_STAYS, f"{DAY} 10:00", "10:31", 100),
    ("and are not counted", FREE_STAYS, f"{DAY} 10:00", "11:00", 100),
    ("a remainder below the tolerance is nothing", TOLERANT, f"{DAY} 10:00", "10:34:59", 100),
    ("a remainder of the tolerance is an increment", TOLERANT, f"{DAY} 10:00", "10:35", 200),
    ("a stay below the tolerance too", TOLERANT, f"{DAY} 10:00", "10:04", 0),
    ("reservation fee and tiers", RESERVED, f"{DAY} 10:00", "11:00", 300),
    ("reservation fee and the open tier", RESERVED, f"{DAY} 10:00", "23:00", 700),
    ("the minimum", LEAST_AND_MOST, f"{DAY} 10:00", "11:00", 250),
    ("between minimum and maximum", LEAST_AND_MOST, f"{DAY} 10:00", "14:00", 400),
    ("the maximum of a stay", LEAST_AND_MOST, f"{DAY} 10:00", "2026-03-05 10:00", 700),
    ("24 h are not too long", OVER_24_HOURS, f"{DAY} 10:00", f"{NEXT} 10:00", 4800),
    ("more is a flat 50 (APDS C.1.9)", OVER_24_HOURS, f"{DAY} 10:00", "2026-03-05 10:00", 9800),
    ("per started 24 hours from entry", PER_DAY, f"{DAY} 23:00", f"{NEXT} 23:00", 300),
    ("and the next 24", PER_DAY, f"{DAY} 23:00", f"{NEXT} 23:01", 600),
    ("per started calendar day", PER_CALENDAR_DAY, f"{DAY} 23:00", f"{NEXT} 01:00", 2000),
    ("a month ends on its last day", PER_MONTH, "2026-01-31 12:00", "2026-02-28 12:00", 9000),
    ("and then the next begins", PER_MONTH, "2026-01-31 12:00", "2026-02-28 12:01", 18000),
    ("the total in steps", STEPS_OF_50, f"{DAY} 10:00", "10:20", 100),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "starts", "ends", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_rule_prices_a_stay(table: Tariff, starts: str, ends: str, expected: int) -> None:
    assert cost(table, starts, ends) == expected


ROLLING = tariff(
    collection(each(100, "PT1H", "first", times=1), each(300, "PT1H", "more")),
    caps=[{"id": "day", "maxMinor": 1000, "over": "ROLLING"}],
)
CALENDAR = tariff(
    collection(each(300, "PT1H")), caps=[{"id": "day", "maxMinor": 1000, "over": "CALENDAR"}]
)
FIRST_DAY_DEARER = tariff(
    collection(each(500, "PT1H")),
    caps=[
        {"id": "first", "maxMinor": 2000, "over": "ROLLING", "until": "PT24H"},
        {"id": "further", "maxMinor": 1500, "over": "ROLLING", "after": "PT24H"},
    ],
)
EVENING = {"from": "18:00", "to": "06:00", "days": WEEK}
SUNDAY = {"from": "06:00", "to": "06:00", "days": ["SUN", "HOLIDAY"]}
LANDTAG = tariff(
    collection(each(120, "PT30M")),
    caps=[
        band("day", 1200, {"days": WEEK}), band("evening", 400, EVENING),
        band("sunday", 400, SUNDAY),
    ],
    holidays=GERMAN,
)  # fmt: skip

CAPPED: list[tuple[str, Tariff, str, str, int]] = [
    ("a rolling day ends at the hour of entry", ROLLING, f"{DAY} 22:00", f"{NEXT} 22:00", 1000),
    ("the first hour is cheap once", ROLLING, f"{DAY} 22:00", f"{NEXT} 22:30", 1300),
    ("the calendar day ends at midnight", CALENDAR, f"{DAY} 22:00", f"{NEXT} 03:00", 1500),
    ("and each is capped", CALENDAR, f"{DAY} 12:00", f"{NEXT} 12:00", 2000),
    ("a dearer first day", FIRST_DAY_DEARER, f"{DAY} 10:00", "2026-03-04 15:00", 5000),
    ("the day's cap", LANDTAG, f"{DAY} 06:00", "18:00", 1200),
    ("the evening's cap passes midnight", LANDTAG, f"{DAY} 18:00", f"{NEXT} 06:00", 400),
    ("an increment counts where it begins", LANDTAG, f"{DAY} 17:45", f"{NEXT} 06:00", 520),
    ("a Sunday from 6 to 6", LANDTAG, "2026-03-08 06:00", "2026-03-09 06:00", 400),
    ("Saturday's evening ends on Sunday", LANDTAG, "2026-03-07 18:00", "2026-03-08 06:00", 400),
    ("a public holiday is like Sunday (6 January, BW)", LANDTAG, "2026-01-06 08:00", "20:00", 400),
    ("and no Tuesday", LANDTAG, "2026-01-13 08:00", "18:00", 1200),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "starts", "ends", "expected"), [c[1:] for c in CAPPED], ids=[c[0] for c in CAPPED]
)
def test_a_cap_holds(table: Tariff, starts: str, ends: str, expected: int) -> None:
    assert cost(table, starts, ends) == expected


NIGHT = {"from": "22:00", "to": "07:00"}
JIESHUN = tariff(
    collection(each(300, "PT30M"), when=[{"from": "07:00", "to": "22:00"}]),
    currency="CNY", free={"duration": "PT30M", "staysFree": True},
)  # fmt: skip


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2026-03-02 10:00", "10:30", 0), ("2026-03-02 10:00", "11:30", 600),
        ("2026-03-02 22:00", f"{NEXT} 07:00", 0), ("2026-03-02 21:00", "23:00", 300),
        ("2026-03-02 06:00", "08:00", 600),
    ],
)  # fmt: skip
def test_first_30_minutes_free_and_free_at_night(starts: str, ends: str, expected: int) -> None:
    """捷停车's example: first 30 min free, 3 yuan per 30 min, 22:00-07:00 free."""
    assert cost(JIESHUN, starts, ends) == expected


@pytest.mark.parametrize(("boundary", "expected"), [("CUT", 300 + 100), ("COMPLETE", 300)])
def test_a_day_increment_is_cut_at_night_or_completed(boundary: str, expected: int) -> None:
    """ParkingOS `is_fulldaytime`: entry 21:30, exit 22:20, night from 22:00."""
    table = tariff(
        collection(each(100, "PT1H"), id="night", when=[NIGHT], atBoundary=boundary),
        collection(each(300, "PT1H"), id="day", atBoundary=boundary),
    )
    assert cost(table, f"{DAY} 21:30", "22:20") == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [("SEGMENT", 600), ("CALENDAR_DAY", 600), ("STAY", 700), ("ROLLING_DAY", 700)],
)
def test_when_the_first_hour_is_cheap_again(counts: str, expected: int) -> None:
    """20:00 to 09:00 with a free night: two hours before it and two after it."""
    table = tariff(
        collection(flat(0), id="night", when=[NIGHT]),
        collection(
            each(100, "PT1H", "first", times=1), each(200, "PT1H", "more"), id="day", counts=counts
        ),
    )
    assert cost(table, f"{DAY} 20:00", f"{NEXT} 09:00") == expected


def test_an_early_bird_is_in_by_and_out_by() -> None:
    bird = {
        "entry": [{"days": ["MON"], "from": "05:00", "to": "09:30"}],
        "exit": [{"from": "12:00", "to": "18:00"}], "stayMax": "PT12H",
    }  # fmt: skip
    table = tariff(
        collection(flat(1500), id="early-bird", **{"if": bird}), collection(each(400, "PT1H"))
    )
    assert cost(table, f"{DAY} 09:00", "18:00") == 1500
    assert cost(table, f"{DAY} 09:30", "18:00") == 9 * 400
    assert cost(table, f"{DAY} 09:00", "18:01") == 10 * 400


def test_booking_ahead_is_cheaper() -> None:
    ahead = collection(each(100, "PT1H"), id="ahead", **{"if": {"bookedAheadMin": "PT48H"}})
    table, window = tariff(ahead, collection(each(150, "PT1H"))), stay(f"{DAY} 10:00", "12:00")
    early, late = stay("2026-02-20 10:00", "11:00"), stay("2026-03-01 10:00", "11:00")
    assert proved(table, window, now=early.starts_at).amount_minor == 200
    assert proved(table, window, now=late.starts_at).amount_minor == 300
    assert proved(table, window).amount_minor == 300


def test_seasons_dates_and_years() -> None:
    winter = {"season": {"first": "11-15", "last": "02-28"}}
    until_monday = {"notBefore": "2025-01-01", "notAfter": DAY}
    table = tariff(
        collection(flat(900), id="fair", when=[{"dates": ["2026-03-04"]}]),
        collection(flat(700), id="winter", when=[winter]),
        collection(flat(500), id="old", when=[until_monday]),
        collection(flat(100)),
    )
    days = ["2026-01-10", "2026-03-02", "2026-03-03", "2026-03-04", "2026-11-15"]
    assert [cost(table, f"{day} 10:00", "11:00") for day in days] == [700, 500, 100, 900, 700]


def test_a_weekend_is_one_period() -> None:
    weekend = {"days": ["FRI"], "from": "18:00", "to": "06:00", "nights": 3}
    table = tariff(collection(each(100, "PT1H")), caps=[band("weekend", 1000, weekend)])
    assert cost(table, "2026-03-06 17:00", "2026-03-09 07:00") == 100 + 1000 + 100
    assert cost(table, "2026-03-08 10:00", "2026-03-09 08:00") == 1000 + 200
    flat_price = tariff(collection(flat(900), when=[weekend]))
    assert cost(flat_price, "2026-03-06 20:00", "2026-03-08 20:00") == 900


def test_the_collections_own_minimum_and_maximum() -> None:
    table = tariff(
        collection(
            each(100, "PT1H"), minMinor=150, maxMinor=400, when=[{"from": "08:00", "to": "20:00"}]
        )
    )
    assert cost(table, f"{DAY} 10:00", "10:10") == 150
    assert cost(table, f"{DAY} 10:00", "19:00") == 400
    assert cost(table, f"{DAY} 19:00", f"{NEXT} 19:00") == 150 + 400


def test_lines_that_are_used_up_come_again_or_are_free() -> None:
    lines = tiers(("PT1H", 200), ("PT24H", 1500))
    assert cost(tariff(collection(*lines)), f"{DAY} 10:00", f"{NEXT} 10:30") == 1700
    free = tariff(collection(*lines, whenUsedUp="FREE"))
    assert cost(free, f"{DAY} 10:00", "2026-03-09 10:30") == 1500


def test_tiers_rise_where_a_cap_sees_them() -> None:
    table = tariff(
        collection(*tiers(("PT1H", 200), ("PT4H", 600))),
        caps=[band("evening", 300, {"from": "18:00", "to": "06:00"})],
    )
    assert cost(table, f"{DAY} 17:00", "20:00") == 500


def test_a_cap_over_named_collections_may_hold_fees_too() -> None:
    fee = collection(flat(200), id="fee", adds=True)
    base = collection(each(300, "PT1H"))
    day = {"id": "day", "maxMinor": 1000, "over": "CALENDAR"}
    assert cost(tariff(fee, base, caps=[day]), f"{DAY} 08:00", "20:00") == 1200
    both = {**day, "collections": ["fee", "base"]}
    assert cost(tariff(fee, base, caps=[both]), f"{DAY} 08:00", "20:00") == 1000


def test_steps_once_a_stay_are_rounded_by_the_last_component() -> None:
    """OCPI step_size: 100 minutes at 2.00/h and 7 at 1.00/h come to 107, billed as 120; what is
    added is at the last price."""
    by_day = [{"from": "08:00", "to": "20:00"}]
    table = tariff(
        collection(each(200, "PT15M", per="PT1H"), id="day", when=by_day),
        collection(each(100, "PT15M", per="PT1H"), id="night"),
        steps="ONCE",
    )
    priced = proved(table, stay(f"{DAY} 18:20", "20:07"))
    day, night = (line for line in priced.lines if line.kind == "RATE")
    assert (day.quantity, night.quantity) == (100 * 60, 20 * 60)
    assert priced.amount_minor == 333 + 34  # 333.33 + 33.33 is 366.67


def test_a_price_is_never_below_nothing() -> None:
    table = tariff(
        collection(flat(-50), id="discount", adds=True, **{"if": {"option": "card"}}),
        collection(each(20, "PT1H")),
    )
    assert cost(table, f"{DAY} 10:00", "11:00", options=["card"]) == 0
    assert cost(table, f"{DAY} 10:00", "14:00", options=["card"]) == 30
    assert cost(table, f"{DAY} 10:00", "14:00") == 80
